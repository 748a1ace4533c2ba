/** When the findings about what is left over fire, and when they must not. */
import type { FindingCase } from './finding-case.ts';
import { BOOT_MS, idOf, NOW_MS, node, pod, process, shimOf } from './snapshot-builder.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const UID = '5c1f2a9e-0000-4000-8000-000000000001';

/** The older sandbox of a pod; the newer one was made `replacedAgo` before now. */
const ended = { state: 'notready', pause: { kind: 'none', reason: 'exited' } } as const;
const EXITED = { app: { state: 'exited', pid: undefined, init: null } } as const;
const old = (facts: Parameters<typeof pod>[1] = {}) =>
  pod('web', {
    pause: null,
    containers: EXITED,
    ...facts,
    sandbox: { uid: UID, createdAtMs: NOW_MS - 5 * HOUR, ...ended, ...facts.sandbox },
  });
const newer = (replacedAgo: number, facts: Parameters<typeof pod>[1] = {}) =>
  pod('web-new', {
    base: 2000,
    ...facts,
    sandbox: { uid: UID, attempt: 1, createdAtMs: NOW_MS - replacedAgo, ...facts.sandbox },
  });
const oldReady = (facts: Parameters<typeof pod>[1] = {}) =>
  old({ pause: {}, ...facts, sandbox: { state: 'ready', pause: { kind: 'pid', pid: 1001 }, ...facts.sandbox } });
const WEB = { kind: 'sandbox', sandboxId: idOf('web') } as const;
const EMPTY = { containers: {} } as const;

/** The cgroup of an id that no runtime lists, in a pod of the kubelet. */
const GONE = idOf('gone');
const inPodOf = (uid: string) => `/kubepods/burstable/pod${uid}/${GONE}`;
const orphan = (facts: Parameters<typeof process>[1] = {}) =>
  process(7000, { comm: 'postgres', ppid: 6000, cgroup: inPodOf(UID), ...facts });
const strayShim = (pid = 6000, facts: Parameters<typeof process>[1] = {}) =>
  process(pid, { comm: 'containerd-shim', cgroup: '/system.slice/containerd.service', ...facts });
const withShims = (shims: readonly ReturnType<typeof shimOf>[]) => ({
  shims: [shimOf(1000, idOf('web')), ...shims],
});

export const LEAK_CASES: readonly FindingCase[] = [
  {
    id: 'sandbox-leaked-notready',
    fires: [
      {
        when: 'a newer sandbox replaced it two hours ago and its record is still there (L23)',
        node: node({ pods: [old(), newer(2 * HOUR)] }),
        severity: 'warning',
        subject: WEB,
        evidence: { attempt: 0, newestAttempt: 1, ageSeconds: 7215, containers: 1, beforeBoot: false },
        summary: /\(attempt 0\) has ended and was replaced 2 hours ago \(now attempt 1\)/,
        remedy: new RegExp(`Restart the kubelet.*crictl rmp ${idOf('web')}`),
      },
      {
        when: 'it was replaced ten minutes ago, which is only a fact',
        node: node({ pods: [old(), newer(10 * MINUTE)] }),
        severity: 'info',
        subject: WEB,
        evidence: { ageSeconds: 615 },
        summary: /replaced 10 minutes ago/,
        remedy: /Restart the kubelet/,
      },
      {
        when: 'it is of the time before a boot that was an hour ago (case 42)',
        node: node({
          pods: [old({ sandbox: { createdAtMs: BOOT_MS } }), newer(HOUR)],
          kernel: { bootTimeMs: NOW_MS - HOUR },
        }),
        severity: 'warning',
        subject: WEB,
        evidence: { beforeBoot: true },
        summary: /was replaced 1 hour ago/,
        remedy: /kubelet/,
      },
    ],
    quiet: [
      { when: 'it is the newest of its pod: a finished Job, kept for its logs', node: node({ pods: [old()] }) },
      { when: 'it was replaced just now', node: node({ pods: [old(), newer(20_000)] }) },
      {
        when: 'a container of it still runs, which is another finding',
        node: node({ pods: [old({ containers: { app: {} } }), newer(2 * HOUR)] }),
      },
      {
        when: 'the node has booted ten minutes ago (the kubelet replaces them one by one)',
        node: node({ pods: [old(), newer(9 * MINUTE)], kernel: { bootTimeMs: NOW_MS - 10 * MINUTE } }),
      },
      {
        when: 'two pods without a UID, made by hand, have one name',
        node: node({ pods: [old({ sandbox: { uid: '' } }), newer(2 * HOUR, { sandbox: { uid: '' } })] }),
      },
      {
        when: 'the list is an old one, since the runtime is silent',
        node: node({ pods: [old(), newer(2 * HOUR)], runtime: { up: false } }),
      },
    ],
  },
  {
    id: 'sandbox-leaked-ready',
    fires: [
      {
        when: 'a newer sandbox replaced it and nothing runs in it',
        node: node({ pods: [oldReady(EMPTY), newer(2 * HOUR)] }),
        severity: 'warning',
        subject: WEB,
        evidence: { reason: 'superseded', attempt: 0, newestAttempt: 1, pausePid: 1001 },
        summary: /is ready and runs nothing: a newer one \(attempt 1\) replaced it 2 hours ago/,
        remedy: /crictl stopp \S+ && crictl rmp/,
      },
      {
        when: 'the newer one has ended too',
        node: node({
          pods: [oldReady(), newer(10 * MINUTE, { pause: null, containers: EXITED, sandbox: ended })],
        }),
        severity: 'info',
        subject: WEB,
        evidence: { reason: 'superseded' },
        summary: /replaced it 10 minutes ago/,
        remedy: /kubelet/,
      },
      {
        when: 'it has had no container at all for five hours (case 39)',
        node: node({ pods: [oldReady(EMPTY)] }),
        severity: 'warning',
        subject: WEB,
        evidence: { reason: 'no-containers', ageSeconds: 18_015 },
        summary: /has been ready for 5 hours and never had a container/,
        remedy: /kubectl get pod.*image that cannot be pulled/,
      },
    ],
    quiet: [
      { when: 'a container runs in it', node: node({ pods: [oldReady({ containers: { app: {} } })] }) },
      {
        when: 'it waits for its first container since half an hour',
        node: node({ pods: [oldReady({ ...EMPTY, sandbox: { createdAtMs: NOW_MS - 30 * MINUTE } })] }),
      },
      { when: 'its container has exited and will be started again', node: node({ pods: [oldReady()] }) },
      { when: 'it was replaced just now', node: node({ pods: [oldReady(), newer(20_000)] }) },
      {
        when: 'nobody knows when the node booted',
        node: node({ pods: [oldReady(EMPTY)], kernel: { bootTimeMs: undefined } }),
      },
    ],
  },
  {
    id: 'sandbox-duplicate',
    fires: [
      {
        when: 'two attempts of one pod are ready for ten minutes (L22)',
        node: node({ pods: [oldReady({ containers: { app: {} } }), newer(10 * MINUTE)] }),
        severity: 'warning',
        subject: WEB,
        evidence: { attempt: 0, newestAttempt: 1, runningContainers: 1, newestSandboxId: idOf('web-new') },
        summary: /newer sandbox of this pod \(attempt 1\) is ready too.*10 minutes ago and still runs containers/,
        remedy: /Before the runtime is restarted.*crictl stopp/,
      },
      {
        when: 'the second is just being made, which is only a fact',
        node: node({ pods: [oldReady(EMPTY), newer(5000)] }),
        severity: 'info',
        subject: WEB,
        evidence: { runningContainers: 0 },
        summary: /should have ended 20 seconds ago\.$/,
        remedy: /crictl stopp/,
      },
    ],
    quiet: [
      { when: 'the older one has ended', node: node({ pods: [old(), newer(10 * MINUTE)] }) },
      { when: 'two pods have a sandbox each', node: node({ pods: [pod(), pod('other', { base: 2000 })] }) },
      {
        when: 'the newest has ended and an older one is ready',
        node: node({ pods: [oldReady(), newer(10 * MINUTE, { pause: null, containers: EXITED, sandbox: ended })] }),
      },
    ],
  },
  {
    id: 'orphan-process',
    fires: [
      {
        when: 'the runtime forgot it and a newer sandbox of the pod runs: both are at work (case 32)',
        node: node({
          pods: [newer(10 * MINUTE)],
          processes: [orphan(), process(7001, { comm: 'postgres', ppid: 7000, cgroup: inPodOf(UID) }), strayShim()],
          kernel: withShims([shimOf(6000, GONE)]),
        }),
        severity: 'critical',
        subject: { kind: 'process', pod: 'web-new', sandboxId: idOf('web-new'), pid: 7000 },
        evidence: {
          processes: 2,
          containerId: GONE,
          record: 'none',
          newerSandboxId: idOf('web-new'),
          parentComm: 'containerd-shim',
        },
        summary: /postgres \(PID 7000, and 1 more\) lives in the cgroup of this pod.*two copies are at work/,
        remedy: /Stop the old copy first.*kill 7000, then its containerd-shim \(PID 6000\)/,
      },
      {
        when: 'it outlived the pod and lives below PID 1 (containerd 2.1 after its shim was killed)',
        node: node({ pods: [pod()], processes: [orphan({ ppid: 1 })] }),
        severity: 'warning',
        subject: { kind: 'process', pid: 7000 },
        evidence: { processes: 1, record: 'none', newerSandboxId: null, podUid: UID },
        summary: /postgres \(PID 7000\) lives in the cgroup of this pod, and the runtime has no record of it\.$/,
        remedy: /Make sure that nobody needs it, and end it: kill 7000\. Deleting/,
      },
      {
        when: 'the systemd driver named the cgroup',
        node: node({
          pods: [newer(10 * MINUTE)],
          processes: [
            orphan({
              cgroup: `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${UID.replaceAll('-', '_')}.slice/cri-containerd-${GONE}.scope`,
            }),
          ],
        }),
        severity: 'critical',
        subject: { pod: 'web-new' },
        evidence: { podUid: UID },
        summary: /two copies/,
        remedy: /old copy first/,
      },
      {
        when: 'its container has ended by the record (cases 5 and 45)',
        node: node({
          pods: [
            pod('web', {
              containers: EXITED,
              more: [
                process(7000, { comm: 'nginx', ppid: 1001, cgroup: `/kubepods/burstable/pod-web/${idOf('web/app')}` }),
              ],
            }),
          ],
        }),
        severity: 'warning',
        subject: { kind: 'process', pod: 'web', container: 'app', pid: 7000 },
        evidence: { record: 'exited' },
        summary: /its container has ended by the record/,
        remedy: /kill 7000/,
      },
    ],
    quiet: [
      { when: 'every process has its container', node: node({ pods: [pod()] }) },
      {
        when: 'it was started seconds ago: its pod is just being made',
        node: node({ pods: [pod()], processes: [orphan({ startTicks: (24 * HOUR) / 10 - 500 })] }),
      },
      { when: 'it is dead', node: node({ pods: [pod()], processes: [orphan({ state: 'Z' })] }) },
      {
        when: 'it runs outside of pods (ctr run, nerdctl; L26)',
        node: node({ pods: [pod()], processes: [orphan({ cgroup: `/k8s.io/${GONE}` })] }),
      },
      {
        when: 'a Docker put it into the cgroup of the pod that asked for it (another containerd namespace)',
        node: node({
          pods: [pod()],
          processes: [orphan(), strayShim()],
          kernel: withShims([shimOf(6000, GONE, { namespace: 'moby' })]),
        }),
      },
      {
        when: 'it belongs to the kubelet of a node inside a container',
        node: node({
          pods: [pod()],
          processes: [orphan({ cgroup: `/docker/${idOf('kind')}/kubelet/kubepods/podx/${GONE}` })],
        }),
      },
      {
        when: 'its conmon is meant, which lives beside its container',
        node: node({ pods: [pod()], processes: [orphan({ cgroup: `/kubepods/pod1/crio-conmon-${GONE}.scope` })] }),
      },
      {
        when: 'one of two runtimes is silent: it may be its own',
        node: node({ pods: [pod()], processes: [orphan()], runtime: { up: false } }),
      },
      { when: 'it was seen once', node: node({ pods: [pod()], processes: [orphan()] }), firstLook: true },
    ],
  },
  {
    id: 'shim-orphaned',
    fires: [
      {
        when: 'a shim without children has an id that nobody lists (case 31)',
        node: node({ pods: [pod()], processes: [strayShim()], kernel: withShims([shimOf(6000, GONE)]) }),
        severity: 'info',
        subject: { kind: 'shim', pid: 6000 },
        evidence: { id: GONE, children: 0, program: 'shim' },
        summary: new RegExp(`containerd-shim \\(PID 6000\\) serves sandbox ${GONE.slice(0, 13)}.*no children left`),
        remedy: /crictl pods --id .*kill 6000/,
      },
      {
        when: 'a conmon of CRI-O was left by a pod that never started (case 40)',
        node: node({
          pods: [pod()],
          processes: [strayShim(6000, { comm: 'conmon' })],
          runtime: { flavour: 'cri-o', name: 'cri-o' },
          kernel: withShims([shimOf(6000, GONE, { kind: 'conmon', namespace: undefined, address: undefined })]),
        }),
        severity: 'info',
        subject: { kind: 'shim', pid: 6000 },
        evidence: { program: 'conmon' },
        summary: /conmon \(PID 6000\) serves container/,
        remedy: /kill 6000/,
      },
    ],
    quiet: [
      { when: 'its sandbox is listed', node: node({ pods: [pod()] }) },
      {
        when: 'it is Docker’s (another containerd namespace)',
        node: node({
          pods: [pod()],
          processes: [strayShim()],
          kernel: withShims([shimOf(6000, GONE, { namespace: 'moby' })]),
        }),
      },
      {
        when: 'it is that of another containerd',
        node: node({
          pods: [pod()],
          processes: [strayShim()],
          kernel: withShims([shimOf(6000, GONE, { address: '/run/k3s/containerd/containerd.sock' })]),
        }),
      },
      {
        when: 'somebody ran a container by hand: its id is a name (L26)',
        node: node({ pods: [pod()], processes: [strayShim()], kernel: withShims([shimOf(6000, 'my-test')]) }),
      },
      {
        when: 'somebody ran a container by hand: its processes are outside of pods (L26)',
        node: node({
          pods: [pod()],
          processes: [strayShim(), orphan({ cgroup: `/default/${GONE}` })],
          kernel: withShims([shimOf(6000, GONE)]),
        }),
      },
      {
        when: 'it was started seconds ago: its pod is just being made',
        node: node({
          pods: [pod()],
          processes: [strayShim(6000, { startTicks: (24 * HOUR) / 10 - 500 })],
          kernel: withShims([shimOf(6000, GONE)]),
        }),
      },
      {
        when: 'the list is an old one',
        node: node({
          pods: [pod()],
          processes: [strayShim()],
          kernel: withShims([shimOf(6000, GONE)]),
          runtime: { up: false },
        }),
      },
    ],
  },
];
