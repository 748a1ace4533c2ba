/** When the findings about zombies fire, and when they must not: who the parent is decides. */
import type { FindingCase } from './finding-case.ts';
import { idOf, inContainer, inPod, node, pidsOf, pod, process, zombie, zombies } from './snapshot-builder.ts';

const { pause, init } = pidsOf();
const SANDBOX = { namespace: 'shop', pod: 'web', sandboxId: idOf('web') } as const;
const APP = { kind: 'container', container: 'app', ...SANDBOX } as const;
const SIX_MINUTES = 6 * 60_000;
const web = pod('web', { containers: { app: { init: { comm: 'node' } } } });
const shared = pod('web', { sandbox: { pidMode: 'pod' } });
const hostPid = pod('web', { sandbox: { pidMode: 'node' } });
const careless = process(4000, { ...inContainer(), nsPids: [4000, 9], ppid: init(), comm: 'gce-pd-driver' });

export const ZOMBIE_CASES: readonly FindingCase[] = [
  {
    id: 'zombies-container-init',
    fires: [
      {
        when: 'ten have lain under PID 1 of the container for longer than five minutes (case 12)',
        node: node({ pods: [web], processes: zombies(10, 5000, init(), inContainer()) }),
        apartMs: SIX_MINUTES,
        severity: 'warning',
        subject: { ...APP, pid: init() },
        evidence: { zombies: 10, parentPid: init(), parentNsPid: 1, parentComm: 'node', names: ['curl ×10'] },
        summary: /10 zombies \(curl ×10\) under node \(PID 1010\), PID 1 of container app, which does not reap/,
        remedy: /an init \(tini, dumb-init\).*shareProcessNamespace: true/,
      },
      {
        when: 'nine have',
        node: node({ pods: [web], processes: zombies(9, 5000, init(), inContainer()) }),
        apartMs: SIX_MINUTES,
        severity: 'info',
        subject: APP,
        evidence: { zombies: 9 },
        summary: /9 zombies/,
        remedy: /tini/,
      },
      {
        when: 'a thousand are young: a moment between exit and wait is normal',
        node: node({ pods: [web], processes: zombies(1000, 5000, init(), inContainer()) }),
        severity: 'info',
        subject: APP,
        evidence: { zombies: 1000 },
        summary: /1000 zombies/,
        remedy: /tini/,
      },
      {
        when: 'the first process itself is stopped',
        node: node({
          pods: [pod('web', { containers: { app: { init: { state: 'T' } } } })],
          processes: [zombie(5000, init(), inContainer())],
        }),
        severity: 'info',
        subject: APP,
        evidence: { zombies: 1, parentKind: 'container-init', parentState: 'T', parentFrozen: null },
        summary:
          /^1 zombie \(.* under app \(PID 1010\), PID 1 of container app, which is stopped and collects nobody\.$/,
        remedy: /^Continue it: kill -CONT 1010\..*only what still lies there afterwards is its own fault/,
        neverAdvises: /tini|shareProcessNamespace/,
      },
      {
        when: 'a debugger holds it',
        node: node({
          pods: [pod('web', { containers: { app: { init: { state: 't' } } } })],
          processes: [zombie(5000, init(), inContainer())],
        }),
        severity: 'info',
        subject: APP,
        evidence: { parentState: 't' },
        summary: /which is held by a debugger/,
        remedy: /TracerPid in \/proc\/1010\/status/,
        neverAdvises: /tini|kill/,
      },
      {
        when: 'it is frozen by cgroup v1',
        node: node({
          pods: [pod('web', { containers: { app: { init: { state: 'D', wchan: '__refrigerator' } } } })],
          processes: [zombie(5000, init(), inContainer())],
        }),
        severity: 'info',
        subject: APP,
        evidence: { parentFrozen: true },
        summary: /which is frozen with its cgroup and collects nobody/,
        remedy: /^Thaw it: .*freezer\.state/,
        neverAdvises: /tini|kill/,
      },
      {
        when: 'its pod is frozen by cgroup v2',
        node: node({
          pods: [web],
          processes: [zombie(5000, init(), inContainer())],
          kernel: { frozen: [idOf('web')] },
        }),
        severity: 'info',
        subject: APP,
        evidence: { parentState: 'S', parentFrozen: true },
        summary: /which is frozen with its cgroup/,
        remedy: /^Thaw it: write 0 to cgroup\.freeze/,
        neverAdvises: /tini/,
      },
      {
        when: 'it is in the kernel in this look, which may be chance',
        node: node({
          pods: [pod('web', { containers: { app: { init: { state: 'D' } } } })],
          processes: [zombie(5000, init(), inContainer())],
        }),
        severity: 'info',
        subject: APP,
        evidence: { parentState: 'D', parentFrozen: null },
        summary: /which does not reap/,
        remedy: /^It was in state D in this look.*that comes first\. Start the image through an init/,
      },
    ],
    quiet: [
      {
        when: 'a tracer outside keeps them',
        node: node({
          pods: [web],
          processes: [
            process(900, { comm: 'strace' }),
            ...zombies(12, 5000, init(), { tracerPid: 900, ...inContainer() }),
          ],
        }),
        apartMs: SIX_MINUTES,
      },
      { when: 'nothing is dead', node: node({ pods: [web] }) },
      {
        when: 'a zombie was seen in one look (L24)',
        node: node({ pods: [web], processes: [zombie(5000, init(), inContainer())] }),
        firstLook: true,
      },
      {
        when: 'two looks were 900 ms apart',
        node: node({ pods: [web], processes: [zombie(5000, init(), inContainer())] }),
        apartMs: 900,
      },
      {
        when: 'it is a dead leader whose threads live on (L13)',
        node: node({ pods: [web], processes: zombies(20, 5000, init(), { ...inContainer(), threads: 4 }) }),
      },
      {
        when: 'the parent is an ordinary process of the container',
        node: node({ pods: [web], processes: [careless, ...zombies(10, 5000, 4000, inContainer())] }),
      },
      {
        when: 'the pod shares its PID namespace: its main process is no PID 1',
        node: node({ pods: [shared], processes: zombies(10, 5000, init(), inPod()) }),
      },
      {
        when: 'the pod is in the PID namespace of the node (L14)',
        node: node({ pods: [hostPid], processes: zombies(10, 5000, init()) }),
      },
    ],
  },
  {
    id: 'zombies-app-parent',
    fires: [
      {
        when: 'a program that lives on does not wait (case 19)',
        node: node({ pods: [web], processes: [careless, ...zombies(12, 5000, 4000, inContainer())] }),
        apartMs: SIX_MINUTES,
        severity: 'warning',
        subject: { ...APP, pid: 4000 },
        evidence: { zombies: 12, parentPid: 4000, parentNsPid: 9, parentComm: 'gce-pd-driver' },
        summary: /12 zombies .* under gce-pd-driver \(PID 4000\) in container app, which lives on/,
        remedy: /^Mend that program.*Neither an init nor shareProcessNamespace helps/,
        neverAdvises: /tini/,
      },
      {
        when: 'it is stopped: whether it waits shows when it runs',
        node: node({
          pods: [web],
          processes: [{ ...careless, comm: 'bash', state: 'T' }, ...zombies(12, 5000, 4000, inContainer())],
        }),
        severity: 'info',
        subject: { ...APP, pid: 4000 },
        evidence: { parentComm: 'bash', parentState: 'T' },
        summary: /under bash \(PID 4000\) in container app, which is stopped and collects nobody/,
        remedy: /^Continue it: kill -CONT 4000/,
        neverAdvises: /Mend/,
      },
      {
        when: 'the main process of a pod that shares its PID namespace does not',
        node: node({ pods: [shared], processes: zombies(3, 5000, init(), inPod()) }),
        severity: 'info',
        subject: { ...APP, pid: init() },
        evidence: { zombies: 3, parentKind: 'process', sharedPidNamespace: true },
        summary: /under app \(PID 1010\) in container app/,
        remedy: /^Mend that program/,
      },
      {
        when: 'the main process of a pod in the PID namespace of the node does not',
        node: node({ pods: [hostPid], processes: zombies(3, 5000, init()) }),
        severity: 'info',
        subject: { ...APP, pid: init() },
        evidence: { zombies: 3, parentKind: 'process' },
        summary: /in container app/,
        remedy: /^Mend that program/,
      },
      {
        when: 'the first process of a debug container, which shares the PID namespace of another, does not',
        node: node({
          pods: [
            pod('web', {
              containers: { app: {}, debugger: { init: { ...inContainer(), nsPids: [pidsOf().init(1), 30] } } },
            }),
          ],
          processes: zombies(2, 5000, pidsOf().init(1), inContainer()),
        }),
        severity: 'info',
        subject: { ...APP, container: 'debugger' },
        evidence: { zombies: 2, parentComm: 'debugger' },
        summary: /in container debugger/,
        remedy: /^Mend that program/,
      },
      {
        when: 'a containerd inside the pod does not: in a pod nothing is the runtime',
        node: node({
          pods: [web],
          processes: [
            process(4000, { ...inContainer(), nsPids: [4000, 9], ppid: init(), comm: 'containerd-shim' }),
            ...zombies(2, 5000, 4000, inContainer()),
          ],
        }),
        severity: 'info',
        subject: APP,
        evidence: { parentComm: 'containerd-shim', parentKind: 'process' },
        summary: /under containerd-shim \(PID 4000\) in container app/,
        remedy: /^Mend that program/,
      },
    ],
    quiet: [
      { when: 'its children live', node: node({ pods: [web], processes: [careless] }) },
      {
        when: 'the zombies lie under PID 1 of the container',
        node: node({ pods: [web], processes: zombies(10, 5000, init(), inContainer()) }),
      },
      {
        when: 'they lie under pause',
        node: node({ pods: [shared], processes: zombies(10, 5000, pause, inPod()) }),
      },
    ],
  },
];
