/** When the findings about zombies fire, and when they must not: who the parent is decides. */
import type { FindingCase } from './finding-case.ts';
import { idOf, inContainer, inPod, node, pidsOf, pod, process, zombie, zombies } from './snapshot-builder.ts';

const { shim, pause, init } = pidsOf();
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
        evidence: { zombies: 1, parentKind: 'container-init' },
        summary: /^1 zombie \(/,
        remedy: /tini/,
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
  {
    id: 'zombies-runtime',
    fires: [
      {
        when: 'a defunct runc lies under the shim of a pod (case 23)',
        node: node({ pods: [web], processes: [zombie(5000, shim, { comm: 'runc' })] }),
        severity: 'info',
        subject: { kind: 'shim', pid: shim, ...SANDBOX },
        evidence: { zombies: 1, parentComm: 'containerd-shim', names: ['runc'], runtime: 'containerd 1.7.24~ds1' },
        summary: /^1 zombie under containerd-shim \(PID 1000\), a part of the container runtime/,
        remedy:
          /Delete the pod so that this shim ends.*restarting only the container does not help.*containerd 1\.7\.24/,
        neverAdvises: /tini|shareProcessNamespace/,
      },
      {
        when: 'processes that were exec’d into the container are not collected by the shim (case 24)',
        node: node({ pods: [web], processes: zombies(15, 5000, shim, inContainer()) }),
        apartMs: SIX_MINUTES,
        severity: 'warning',
        subject: { kind: 'shim', pid: shim, ...SANDBOX },
        evidence: { zombies: 15, parentKind: 'runtime' },
        summary: /15 zombies under containerd-shim/,
        remedy: /Delete the pod/,
      },
      {
        when: 'conmons lie under crio, which is of no pod (case 29)',
        node: node({
          processes: [process(700, { comm: 'crio' }), ...zombies(2, 5000, 700, { comm: 'conmon' })],
          runtime: { name: 'cri-o', version: '1.20.0', flavour: 'cri-o' },
        }),
        severity: 'info',
        subject: { kind: 'shim', pid: 700 },
        evidence: { zombies: 2, parentComm: 'crio', names: ['conmon ×2'], runtime: 'cri-o 1.20.0' },
        summary: /2 zombies under crio/,
        remedy: /If the parent is a daemon, restart it/,
      },
    ],
    quiet: [
      {
        when: 'a defunct runc was seen once: every exec leaves one for a moment',
        node: node({ pods: [web], processes: [zombie(5000, shim)] }),
        firstLook: true,
      },
      {
        when: 'a shim lies under PID 1 of the node (case 30)',
        node: node({ processes: zombies(3, 5000, 1, { comm: 'containerd-shim' }) }),
      },
      {
        when: 'the parent is a daemon of the node',
        node: node({ processes: [process(700, { comm: 'cron' }), zombie(5000, 700)] }),
      },
      {
        when: 'the parent is in a pod, whatever it is called',
        node: node({
          pods: [web],
          processes: [
            process(4000, { ...inContainer(), ppid: init(), comm: 'conmon' }),
            zombie(5000, 4000, inContainer()),
          ],
        }),
      },
      {
        when: 'pause was adopted by PID 1 after its conmon was killed',
        node: node({ pods: [pod('web', { pause: { ppid: 1 } })], processes: [zombie(5000, 1)] }),
      },
    ],
  },
];
