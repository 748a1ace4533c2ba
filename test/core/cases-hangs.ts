/** When the findings about what hangs fire, and when they must not. */
import type { FindingCase } from './finding-case.ts';
import { idOf, node, pidNsOf, pidsOf, pod, process, shimOf, zombie } from './snapshot-builder.ts';

const { shim, pause, init } = pidsOf();
const WEB = { kind: 'sandbox', pod: 'web', sandboxId: idOf('web') } as const;
const SHIM = { kind: 'shim', pod: 'web', pid: shim } as const;
const DYING = { wchan: 'zap_pid_ns_processes' } as const;
const shared = (facts: Parameters<typeof pod>[1] = {}) => pod('web', { sandbox: { pidMode: 'pod' }, ...facts });
/** A zombie of the pod's PID namespace under a parent outside of it. */
const HELD = zombie(5000, 4000, { comm: 'php', pidNs: pidNsOf().pause, nsPids: [5000, 12] });
/** A pod whose shim is as told. */
const shimmed = (facts: Parameters<typeof process>[1], more: Parameters<typeof pod>[1] = {}) => {
  const web = pod('web', more);
  return { ...web, processes: web.processes.map((it) => (it.pid === shim ? { ...it, ...facts } : it)) };
};
/** Something that was started in container "app" by its shim. */
const execd = (pid: number, facts: Parameters<typeof process>[1] = {}) =>
  process(pid, {
    comm: 'sh',
    ppid: shim,
    cgroup: `/kubepods/burstable/pod-web/${idOf('web/app')}`,
    pidNs: pidNsOf().init(),
    nsPids: [pid, 30],
    ...facts,
  });

export const HANG_CASES: readonly FindingCase[] = [
  {
    id: 'pause-dying',
    fires: [
      {
        when: 'it was killed while a process outside holds a zombie of the pod (case 6)',
        node: node({
          pods: [shared({ pause: DYING })],
          processes: [process(4000, { comm: 'nsenter' }), HELD],
        }),
        severity: 'critical',
        subject: WEB,
        evidence: { pausePid: pause, zombies: 1, zombiePid: 5000, holderPid: 4000, holderComm: 'nsenter' },
        summary: /waits for php \(PID 5000\), a zombie whose parent nsenter \(PID 4000\) is outside the pod/,
        remedy: /^End nsenter \(PID 4000\) or mend it/,
        neverAdvises: /kill -KILL|kill -CONT/,
      },
      {
        when: 'the process that holds the zombie is stopped',
        node: node({
          pods: [shared({ pause: DYING })],
          processes: [process(4000, { comm: 'agent', state: 'T' }), HELD],
        }),
        severity: 'critical',
        subject: WEB,
        evidence: { holderState: 'T' },
        summary: /agent \(PID 4000\) is outside/,
        remedy: /^Continue agent \(PID 4000\) \(kill -CONT 4000\)/,
      },
      {
        when: 'PID 1 of the node holds it: the node would end with that',
        node: node({ pods: [shared({ pause: DYING })], processes: [{ ...HELD, ppid: 1 }] }),
        severity: 'critical',
        subject: WEB,
        evidence: { holderPid: 1, holderKind: 'init' },
        summary: /systemd \(PID 1\) is outside/,
        remedy: /^Never end PID 1 of the node.*kill -CHLD 1/,
        neverAdvises: /End systemd|mend it/,
      },
      {
        when: 'a daemon of the runtime holds it: it is restarted by its service',
        node: node({ pods: [shared({ pause: DYING })], processes: [process(4000, { comm: 'containerd' }), HELD] }),
        severity: 'critical',
        subject: WEB,
        evidence: { holderKind: 'daemon' },
        summary: /containerd \(PID 4000\) is outside/,
        remedy: /^Restart containerd \(PID 4000\) by its service/,
        neverAdvises: /End containerd|kill -/,
      },
      {
        when: 'dockerd holds it, which takes all containers with it',
        node: node({ pods: [shared({ pause: DYING })], processes: [process(4000, { comm: 'dockerd' }), HELD] }),
        severity: 'critical',
        subject: WEB,
        evidence: { holderKind: 'daemon' },
        summary: /dockerd/,
        remedy: /live-restore.*drain the node first/,
      },
      {
        when: 'the shim of the pod holds it: something that was exec’d',
        node: node({ pods: [shared({ pause: DYING })], processes: [{ ...HELD, ppid: shim }] }),
        severity: 'critical',
        subject: WEB,
        evidence: { holderKind: 'shim', holderPid: shim },
        summary: /containerd-shim \(PID 1000\) is outside/,
        remedy: /^End containerd-shim \(PID 1000\), which ends what is left of its pod too: kill -KILL 1000/,
      },
      {
        when: 'a containerd in another pod holds it: in a pod nothing is the runtime',
        node: node({
          pods: [
            shared({ pause: DYING }),
            pod('dind', { base: 2000, containers: { app: { init: { comm: 'containerd' } } } }),
          ],
          processes: [{ ...HELD, ppid: 2010 }],
        }),
        severity: 'critical',
        subject: WEB,
        evidence: { holderKind: 'other' },
        summary: /containerd \(PID 2010\) is outside/,
        remedy: /^End containerd \(PID 2010\) or mend it/,
      },
      {
        when: 'a living member hangs in the kernel',
        node: node({
          pods: [shared({ pause: DYING })],
          processes: [process(1300, { comm: 'nfsd', state: 'D', pidNs: pidNsOf().pause, nsPids: [1300, 9] })],
        }),
        severity: 'critical',
        subject: WEB,
        evidence: { holderPid: null, stuckPid: 1300, stuckComm: 'nfsd' },
        summary: /waits for nfsd \(PID 1300\), which hangs in the kernel \(state D\) and cannot be killed\.$/,
        remedy: /^No signal reaches PID 1300 in state D.*cat \/proc\/1300\/stack/,
        neverAdvises: /ps -eo/,
      },
      {
        when: 'one does whose namespaces were not read, beside a zombie that is held outside',
        node: node({
          pods: [shared({ pause: DYING })],
          processes: [
            process(4000, { comm: 'agent' }),
            HELD,
            process(1300, {
              comm: 'nfsd',
              state: 'D',
              unprobed: true,
              cgroup: `/kubepods/burstable/pod-web/${idOf('web/app')}`,
            }),
          ],
        }),
        severity: 'critical',
        subject: WEB,
        evidence: { holderPid: 4000, stuckPid: 1300 },
        summary: /does not collect it, and for nfsd \(PID 1300\)/,
        remedy: /^End agent \(PID 4000\) or mend it.*No signal reaches PID 1300/,
      },
      {
        when: 'the sandbox is ending already and nobody knows the culprit',
        node: node({
          pods: [
            shared({
              sandbox: { pidMode: 'pod', state: 'notready' },
              pause: { ...DYING, state: 'D' },
              containers: { app: { state: 'exited', pid: undefined, init: null } },
            }),
          ],
        }),
        severity: 'critical',
        subject: WEB,
        evidence: { zombies: 0, holderPid: null },
        summary: /waits for a process of its PID namespace that is not collected/,
        remedy: /ps -eo pid,ppid/,
      },
    ],
    quiet: [
      { when: 'pause sleeps in pause(2)', node: node({ pods: [shared({ pause: { wchan: 'do_sys_pause' } })] }) },
      {
        when: 'it was seen so once: every pod that ends passes there',
        node: node({ pods: [shared({ pause: DYING })] }),
        firstLook: true,
      },
      {
        when: 'a zombie of the pod is held outside while pause is well',
        node: node({ pods: [shared()], processes: [process(4000), HELD] }),
      },
      { when: 'the kernel tells no wait channels', node: node({ pods: [shared({ pause: { unprobed: true } })] }) },
    ],
  },
  {
    id: 'shim-stuck',
    fires: [
      {
        when: 'it was stopped (L16)',
        node: node({ pods: [shimmed({ state: 'T' })] }),
        severity: 'warning',
        subject: SHIM,
        evidence: { reason: 'stopped', state: 'T', pid: shim },
        summary: /shim of this pod, containerd-shim \(PID 1000\), is stopped/,
        remedy: /kill -CONT 1000/,
      },
      {
        when: 'it hangs in the kernel',
        node: node({ pods: [shimmed({ state: 'D' })] }),
        severity: 'warning',
        subject: SHIM,
        evidence: { reason: 'uninterruptible' },
        summary: /hangs in the kernel \(state D\)/,
        remedy: /\/proc\/1000\/stack/,
        neverAdvises: /kill/,
      },
      {
        when: 'it has no children while its sandbox is ready by the record (case 35)',
        node: node({ pods: [pod('web', { pause: null, containers: { app: { init: null } } })] }),
        severity: 'warning',
        subject: SHIM,
        evidence: { reason: 'no-children', children: 0 },
        summary: /has no children left, although the runtime says that the pod runs/,
        remedy: /then end it: kill 1000/,
      },
      {
        when: 'it has left the dead lying for long (case 24)',
        node: node({ pods: [pod()], processes: [zombie(5000, shim)] }),
        apartMs: 2 * 60_000,
        thenAfterMs: 15_000,
        severity: 'warning',
        subject: SHIM,
        evidence: { reason: 'holds-zombies', zombies: 1 },
        summary: /leaves 1 zombie uncollected/,
        remedy: /Ending it \(kill -KILL 1000\)/,
      },
    ],
    quiet: [
      { when: 'it sleeps', node: node({ pods: [pod()] }) },
      { when: 'a child of it was dead for a moment', node: node({ pods: [pod()], processes: [zombie(5000, shim)] }) },
      { when: 'it was in D once', node: node({ pods: [shimmed({ state: 'D' })] }), firstLook: true },
      {
        when: 'it has no children and its sandbox has ended by the record',
        node: node({
          pods: [
            pod('web', {
              sandbox: { state: 'notready', pause: { kind: 'none', reason: 'exited' } },
              pause: null,
              containers: { app: { state: 'exited', pid: undefined, init: null } },
            }),
          ],
        }),
      },
      {
        when: 'its children could not be read',
        node: node({
          pods: [pod('web', { pause: null, containers: { app: { init: null } } })],
          kernel: { unreadablePids: [4242] },
        }),
      },
      {
        when: 'a stopped shim serves something else (Docker)',
        node: node({
          pods: [pod()],
          processes: [process(6000, { comm: 'containerd-shim', state: 'T' })],
          kernel: { shims: [shimOf(6000, idOf('docker'), { namespace: 'moby' })] },
        }),
      },
    ],
  },
  {
    id: 'exec-leftover',
    fires: [
      {
        when: 'two shells that somebody opened are hours old (case 26)',
        node: node({ pods: [pod()], processes: [execd(7000), execd(7001, { comm: 'bash' })] }),
        severity: 'info',
        subject: { kind: 'container', container: 'app', pod: 'web' },
        evidence: { processes: 2, names: ['sh', 'bash'], pids: ['7000', '7001'] },
        summary:
          /2 commands \(sh, bash\) started in container app from outside are still alive, the oldest after 23 hours/,
        remedy: /If no session is open.*kill 7000 7001/,
      },
    ],
    quiet: [
      { when: 'nothing was started from outside', node: node({ pods: [pod()] }) },
      {
        when: 'the session is a few minutes old',
        node: node({ pods: [pod()], processes: [execd(7000, { startTicks: 8_640_000 - 60_000 })] }),
      },
      {
        when: 'the pod is in the PID namespace of the node, where orphans come to the shim as well (L14)',
        node: node({
          pods: [pod('web', { sandbox: { pidMode: 'node' } })],
          processes: [execd(7000, { nsPids: [7000] })],
        }),
      },
      { when: 'it is dead', node: node({ pods: [pod()], processes: [execd(7000, { state: 'Z' })] }) },
      {
        when: 'it was started by the container itself',
        node: node({ pods: [pod()], processes: [execd(7000, { ppid: init() })] }),
      },
    ],
  },
];
