/** When the findings about PID limits fire, and when they must not. */
import type { FindingCase } from './finding-case.ts';
import { idOf, inContainer, node, type PodFacts, pidsOf, pod, process, zombies } from './snapshot-builder.ts';

const { init } = pidsOf();
const SANDBOX = { kind: 'sandbox', namespace: 'shop', pod: 'web', sandboxId: idOf('web') } as const;
const withPids = (pids: NonNullable<PodFacts['pids']>, more: PodFacts = {}) =>
  node({ pods: [pod('web', { pids, ...more })] });
const finished = {
  sandbox: { state: 'notready', pause: { kind: 'none', reason: 'exited' } },
  pause: null,
  containers: { app: { state: 'exited', pid: undefined, init: null } },
} as const;

export const PID_CASES: readonly FindingCase[] = [
  {
    id: 'pid-limit-near',
    fires: [
      {
        when: 'threads use 95 of 100 tasks of a container (case 64)',
        node: withPids({ app: { current: 95, limit: 100 } }),
        severity: 'warning',
        subject: SANDBOX,
        evidence: { tasks: 95, limit: 100, limitFrom: 'container', container: 'app', zombies: 0 },
        summary: /^95 of 100 tasks are used of container app, none of them zombies\.$/,
        remedy: /no reaper is to blame.*podPidsLimit/,
        neverAdvises: /tini|Zombies/,
      },
      {
        when: 'zombies take most of the room of the pod',
        node: node({
          pods: [pod('web', { pids: { pod: { current: 45, limit: 50 } } })],
          processes: zombies(40, 5000, init(), inContainer()),
        }),
        severity: 'warning',
        subject: SANDBOX,
        evidence: { tasks: 45, limit: 50, limitFrom: 'pod', zombies: 40 },
        summary: /^45 of 50 tasks are used of the pod, 40 zombies among them/,
        remedy: /^Zombies take the room: see the finding on them/,
        neverAdvises: /no reaper/,
      },
      {
        when: 'a fifth of what takes the room is dead',
        node: node({
          pods: [pod('web', { pids: { app: { current: 95, limit: 100 } } })],
          processes: zombies(22, 5000, init(), inContainer()),
        }),
        severity: 'warning',
        subject: SANDBOX,
        evidence: { tasks: 95, zombies: 22 },
        summary: /22 zombies among them/,
        remedy: /^Most of these are live threads and processes.*The zombies come on top/,
        neverAdvises: /no reaper/,
      },
      {
        when: 'three of them are dead, which is no matter',
        node: node({
          pods: [pod('web', { pids: { app: { current: 95, limit: 100 } } })],
          processes: zombies(3, 5000, init(), inContainer()),
        }),
        severity: 'warning',
        subject: SANDBOX,
        evidence: { zombies: 3 },
        summary: /3 zombies among them/,
        remedy: /no reaper is to blame/,
      },
    ],
    quiet: [
      { when: 'a quarter of the limit is free', node: withPids({ pod: { current: 75, limit: 100 } }) },
      { when: 'there is no limit', node: withPids({ pod: { current: 30_000 } }) },
      {
        when: 'the limit is reached: that is the other finding',
        node: withPids({ pod: { current: 100, limit: 100 } }),
      },
      { when: 'the pod is finished', node: withPids({ pod: { current: 95, limit: 100 } }, finished) },
      { when: 'all pods together are near theirs', node: withPids({ '': { current: 95, limit: 100 } }) },
    ],
  },
  {
    id: 'pid-limit-hit',
    fires: [
      {
        when: 'the limit is 0 (case 65)',
        node: withPids({ app: { current: 0, limit: 0 } }),
        severity: 'critical',
        subject: SANDBOX,
        evidence: { limit: 0, limitFrom: 'container' },
        summary: /^The PID limit of container app is 0: nothing can be started/,
        remedy: /pids_limit = -1/,
      },
      {
        when: 'the last task is taken',
        node: withPids({ pod: { current: 100, limit: 100 } }),
        severity: 'critical',
        subject: SANDBOX,
        evidence: { tasks: 100, limit: 100, refused: 0, lastRefusedSecondsAgo: null },
        summary:
          /^The PID limit is reached: the next fork fails \(100 of 100 tasks of the pod\), none of them zombies\.$/,
        remedy: /podPidsLimit/,
      },
      {
        when: 'processes cannot be read: nobody is acquitted before the dead were counted',
        node: node({
          pods: [pod('web', { pids: { app: { current: 100, limit: 100 } } })],
          processes: zombies(95, 5000, init(), inContainer()),
          kernel: { procfsUp: false },
        }),
        severity: 'critical',
        subject: SANDBOX,
        evidence: { tasks: 100, zombies: null },
        summary: /^The PID limit is reached: the next fork fails \(100 of 100 tasks of container app\)\.$/,
        remedy: /^How many of these are zombies is not known yet.*see the finding on them/,
        neverAdvises: /no reaper/,
      },
    ],
    quiet: [
      { when: 'one task is left', node: withPids({ pod: { current: 99, limit: 100 } }) },
      {
        when: 'forks were refused before the first audit, and none since',
        node: withPids({ app: { current: 5, limit: 100, limitHits: 700 } }),
      },
      { when: 'the pod is finished', node: withPids({ pod: { current: 0, limit: 0 } }, finished) },
    ],
  },
  {
    id: 'node-pid-exhaustion',
    fires: [
      {
        when: 'all pods together use 80 % of their limit (case 66)',
        node: node({
          pods: [
            pod('web', { pids: { pod: { current: 20 }, '': { current: 80, limit: 100 } } }),
            pod('leaky', { base: 2000, pids: { pod: { current: 60 }, '': { current: 80, limit: 100 } } }),
          ],
        }),
        severity: 'critical',
        subject: { kind: 'node' },
        evidence: { limitFrom: 'kubepods', limit: 100, current: 80, pods: ['shop/leaky: 60', 'shop/web: 20'] },
        summary: /^All pods together use 80 of 100 PIDs \(kubepods\)\.$/,
        remedy: /^Restart or drain the largest first: shop\/leaky: 60, shop\/web: 20/,
      },
      {
        when: 'threads of one service use up pid_max (case 67)',
        node: node({ pods: [pod()], processes: [process(700, { threads: 900 })], kernel: { pidMax: 1000 } }),
        severity: 'critical',
        subject: { kind: 'node' },
        evidence: { limitFrom: 'pid-max', limit: 1000, current: 904 },
        summary: /^The node uses 904 of 1000 PIDs \(pid-max\)\.$/,
        remedy: /Other findings may follow from this one/,
      },
      {
        when: 'the limit of threads is the smaller',
        node: node({ pods: [pod()], kernel: { threadsMax: 5 } }),
        severity: 'critical',
        subject: { kind: 'node' },
        evidence: { limitFrom: 'threads-max', limit: 5, current: 4 },
        summary: /threads-max/,
        remedy: /podPidsLimit/,
      },
    ],
    quiet: [
      { when: 'one pod is full and the rest has room', node: withPids({ pod: { current: 100, limit: 100 } }) },
      { when: 'pid_max cannot be trusted', node: node({ pods: [pod()], kernel: { pidMax: undefined } }) },
      { when: '79 % are used', node: withPids({ '': { current: 79, limit: 100 } }) },
    ],
  },
];
