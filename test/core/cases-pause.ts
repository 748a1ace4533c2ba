/** When the findings about the pause process fire, and when they must not. */
import type { FindingCase } from './finding-case.ts';
import { idOf, inPod, node, pidsOf, pod, zombies } from './snapshot-builder.ts';

const { shim, pause } = pidsOf();
const WEB = { kind: 'sandbox', namespace: 'shop', pod: 'web', sandboxId: idOf('web') } as const;
const SHARED = { pidMode: 'pod' } as const;
const EXITED = { state: 'notready', pause: { kind: 'none', reason: 'exited' } } as const;
const shared = (more: Parameters<typeof pod>[1] = {}) => pod('web', { sandbox: SHARED, ...more });
const at = (it: ReturnType<typeof pod>) => node({ pods: [it] });

export const PAUSE_CASES: readonly FindingCase[] = [
  {
    id: 'pause-dead-containers-running',
    fires: [
      {
        when: 'the runtime says that pause has ended and the container lives (L7)',
        node: at(pod('web', { sandbox: EXITED, pause: null })),
        severity: 'critical',
        subject: WEB,
        evidence: { containers: ['app'], sandboxState: 'notready', pausePid: null },
        summary: /dead and app still runs/,
        remedy: /^Delete the pod/,
      },
      {
        when: 'CRI says READY and the kernel has no such process (CRI-O without conmon)',
        node: at(pod('web', { pause: null, containers: { app: {}, proxy: {} } })),
        severity: 'critical',
        subject: WEB,
        evidence: { containers: ['app', 'proxy'], sandboxState: 'ready', pausePid: pause },
        summary: /dead and app, proxy still run:/,
        remedy: /^Delete the pod/,
      },
      {
        when: 'everything died with pause, and to the runtime the sandbox is ready for ever (case 45)',
        node: at(pod('web', { pause: null, containers: { app: { init: null } } })),
        severity: 'warning',
        subject: WEB,
        evidence: { containers: [], sandboxState: 'ready', pausePid: pause },
        summary: /^Pause is dead and nothing runs in this pod, but to the runtime its sandbox is ready/,
        remedy: /^If that lasts, delete the pod.*restart the container runtime/,
      },
      {
        when: 'its containers ended in order before pause died',
        node: at(pod('web', { pause: null, containers: { app: { state: 'exited', pid: undefined, init: null } } })),
        severity: 'warning',
        subject: WEB,
        evidence: { containers: [] },
        summary: /nothing runs/,
        remedy: /delete the pod/,
      },
    ],
    quiet: [
      {
        when: 'a Job is finished: NOTREADY, its containers exited',
        node: at(
          pod('web', { sandbox: EXITED, pause: null, containers: { app: { state: 'exited', pid: undefined } } }),
        ),
      },
      {
        when: 'a sandbox stopped and has no containers (L23)',
        node: at(pod('web', { sandbox: EXITED, containers: {} })),
      },
      {
        when: 'CRI-O dropped the infra container',
        node: at(pod('web', { sandbox: { pause: { kind: 'none', reason: 'infra-dropped' } }, pause: null })),
      },
      {
        when: 'the runtime does not report a pause at all',
        node: at(pod('web', { sandbox: { pause: { kind: 'none', reason: 'not-reported' } }, pause: null })),
      },
      {
        when: 'the details of the sandbox could not be read',
        node: at(pod('web', { sandbox: { pause: { kind: 'unknown', reason: 'timeout' } }, pause: null })),
      },
      { when: '/proc is not readable', node: { ...at(pod('web')), kernel: blind(at(pod('web'))) } },
      {
        when: 'the PID of pause exists but could not be read',
        node: node({ pods: [pod('web', { pause: null })], kernel: { unreadablePids: [pause] } }),
      },
      {
        when: 'everything died with pause a moment ago, and the runtime is about to notice',
        node: at(pod('web', { pause: null, containers: { app: { init: null } } })),
        firstLook: true,
      },
      {
        when: 'everything died with pause and the runtime has noticed',
        node: at(pod('web', { sandbox: EXITED, pause: null, containers: { app: { init: null } } })),
      },
    ],
  },
  {
    id: 'pause-zombie',
    fires: [
      {
        when: 'its shim is stopped and the pod shares its PID namespace',
        node: at(stoppedShim(shared({ pause: { state: 'Z' } }))),
        severity: 'critical',
        subject: WEB,
        evidence: { pausePid: pause, parentPid: shim, parentComm: 'containerd-shim', parentState: 'T' },
        summary: /has not collected it because it is stopped/,
        remedy:
          /^Continue it: kill -CONT 1000\. If it does not recover, delete the pod and end that shim: kill -KILL 1000/,
      },
      {
        when: 'the containers have PID namespaces of their own',
        node: at(pod('web', { pause: { state: 'Z', cgroup: undefined } })),
        severity: 'warning',
        subject: WEB,
        evidence: { parentComm: 'containerd-shim', parentState: 'S', sharedPidNamespace: false },
        summary: /PID 1001\) is dead, and its parent containerd-shim \(PID 1000\) has not collected it;/,
        remedy: /^See what the parent waits for: cat \/proc\/1000\/stack/,
        neverAdvises: /CONT/,
      },
      {
        when: 'its shim is gone, and PID 1 of the node has inherited it',
        node: at(pod('web', { pause: { state: 'Z', ppid: 1 } })),
        severity: 'warning',
        subject: WEB,
        evidence: { parentPid: 1, parentComm: 'systemd' },
        summary: /its parent systemd \(PID 1\) has not collected it;/,
        remedy: /^Its shim is gone.*Never end PID 1 of the node.*kill -CHLD 1.*Delete the pod/,
        neverAdvises: /end that shim|kill -KILL/,
      },
    ],
    quiet: [
      { when: 'pause sleeps', node: at(pod()) },
      {
        when: 'it was seen dead only once: a normal end',
        node: at(pod('web', { pause: { state: 'Z' } })),
        firstLook: true,
      },
      {
        when: 'the sandbox is over and nothing runs',
        node: at(pod('web', { sandbox: { state: 'notready' }, pause: { state: 'Z' }, containers: {} })),
      },
    ],
  },
  {
    id: 'pause-stopped',
    fires: [
      {
        when: 'pause of a shared PID namespace got a SIGSTOP and orphans pile up (L10)',
        node: node({ pods: [shared({ pause: { state: 'T' } })], processes: zombies(3, 5000, pause, inPod()) }),
        severity: 'critical',
        subject: WEB,
        evidence: { pausePid: pause, state: 'T', zombies: 3, sharedPidNamespace: true },
        summary: /is stopped, so nothing in the pod is reaped: 3 zombies so far/,
        remedy: /kill -CONT 1001/,
      },
      {
        when: 'a debugger holds the pause of a pod that does not share',
        node: at(pod('web', { pause: { state: 't' } })),
        severity: 'warning',
        subject: WEB,
        evidence: { state: 't', sharedPidNamespace: false },
        summary: /is stopped\.$/,
        remedy: /kill -CONT 1001.*debugger/,
      },
      {
        when: 'its cgroup is frozen by cgroup v1: it waits in the refrigerator (L10)',
        node: at(shared({ pause: { state: 'D', wchan: '__refrigerator' } })),
        severity: 'critical',
        subject: WEB,
        evidence: { state: 'D', frozen: true },
        summary: /is frozen with its cgroup, so nothing in the pod is reaped/,
        remedy: /Thaw \/kubepods.*cgroup\.freeze.*freezer\.state/,
        neverAdvises: /kill/,
      },
      {
        when: 'its cgroup is frozen by cgroup v2, and it looks asleep',
        node: node({ pods: [pod()], kernel: { frozen: [idOf('web')] } }),
        severity: 'warning',
        subject: WEB,
        evidence: { state: 'S', frozen: true },
        summary: /is frozen with its cgroup\.$/,
        remedy: /Thaw/,
      },
    ],
    quiet: [
      { when: 'pause sleeps', node: at(pod()) },
      { when: 'another pod is frozen', node: node({ pods: [pod()], kernel: { frozen: [idOf('other')] } }) },
      { when: 'it sleeps in the kernel for a moment', node: at(pod('web', { pause: { state: 'D' } })) },
      {
        when: 'a container of the pod is stopped, not pause',
        node: at(pod('web', { containers: { app: { init: { state: 'T' } } } })),
      },
    ],
  },
  {
    id: 'pause-pid-mismatch',
    fires: [
      {
        when: 'the PID belongs to a process of another container',
        node: at(pod('web', { pause: { comm: 'mysqld', cgroup: `/kubepods/x/${idOf('other')}` } })),
        severity: 'critical',
        subject: WEB,
        evidence: { pausePid: pause, comm: 'mysqld', cgroup: `/kubepods/x/${idOf('other')}` },
        summary: /PID 1001 as pause, but that is mysqld/,
        remedy: /Do not signal that PID/,
      },
    ],
    quiet: [
      { when: 'pause is called something else (OpenShift)', node: at(pod('web', { pause: { comm: 'pod' } })) },
      { when: 'pause is dead and shows no cgroup (v1)', node: at(pod('web', { pause: { state: 'Z', cgroup: '/' } })) },
      {
        when: 'it was seen once: the runtime may be late',
        node: at(pod('web', { pause: { cgroup: `/${idOf('x')}` } })),
        firstLook: true,
      },
      { when: 'no process has the PID', node: at(pod('web', { pause: null })) },
      {
        when: 'the sandbox has ended, and CRI-O still tells a PID that another process has by now',
        node: at(pod('web', { sandbox: { state: 'notready' }, pause: { cgroup: `/${idOf('x')}` } })),
      },
    ],
  },
];

function stoppedShim(it: ReturnType<typeof pod>): ReturnType<typeof pod> {
  return { ...it, processes: it.processes.map((one) => (one.pid === shim ? { ...one, state: 'T' } : one)) };
}

function blind({ kernel }: ReturnType<typeof node>): ReturnType<typeof node>['kernel'] {
  return { ...kernel, procfsUp: false, processes: [] };
}
