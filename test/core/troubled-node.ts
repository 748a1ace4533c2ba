/** A node on which nearly everything is wrong that can be. */
import {
  idOf,
  inContainer,
  inPod,
  NOT_REAPING,
  NOW_MS,
  node,
  PAUSE_IMAGE,
  type Pod,
  pidsOf,
  pod,
  process,
  shimOf,
  zombie,
  zombies,
} from './snapshot-builder.ts';

/** PIDs of the first five pods. */
const PIDS = [1000, 2000, 3000, 4000, 5000].map((base) => pidsOf(base));

/** Sandboxes of one pod, made so many minutes ago, the last of which lives. */
function generations(name: string, base: number, minutesAgo: readonly number[]): Pod[] {
  return minutesAgo.map((ago, attempt) => {
    const isDead = attempt < minutesAgo.length - 1;
    const ended = { state: 'notready', pause: { kind: 'none', reason: 'exited' } } as const;
    const about = { uid: `uid-of-${name}`, attempt, createdAtMs: NOW_MS - ago * 60_000, ...(isDead ? ended : {}) };
    const parts = isDead ? { pause: null, containers: {} } : {};
    const it = pod(`${name}-${attempt}`, { base: base + 1000 * attempt, sandbox: about, ...parts });
    return { ...it, sandbox: { ...it.sandbox, name } };
  });
}

/** A node on which much is wrong and more is well. */
export const FULL = node({
  pods: [
    pod('web', { pause: { caught: NOT_REAPING, exe: '/opt/odd' } }),
    pod('shared', {
      base: 2000,
      sandbox: { pidMode: 'pod' },
      containers: { app: {}, proxy: {} },
      pause: { caught: NOT_REAPING },
    }),
    pod('host', {
      base: 3000,
      sandbox: { pidMode: 'node' },
      pids: { pod: { current: 100, limit: 100 } },
    }),
    pod('builder', { base: 7700, containers: { app: { init: { comm: 'cat', exe: '/bin/cat' } } } }),
    ...generations('churning', 10_000, [50, 40, 30, 20]),
    ...generations('hasty', 20_000, [0.4, 0.3, 0.2, 0.1]),
    pod('stopped', { base: 4000, pause: { state: 'T', oomScoreAdj: 300 } }),
    pod('old', {
      base: 5000,
      sandbox: { imageRef: 'k8s.gcr.io/pause:3.0', createdAtMs: NOW_MS - 1000 },
      pids: { pod: { current: 95, limit: 100 } },
    }),
    pod('job', {
      base: 6000,
      sandbox: { state: 'notready', pause: { kind: 'none', reason: 'exited' } },
      pause: null,
      containers: { app: { state: 'exited', pid: undefined, init: null } },
    }),
    pod('twice', {
      base: 7000,
      sandbox: { name: 'both', uid: 'uid-of-both', createdAtMs: NOW_MS - 3 * 3_600_000 },
      containers: { app: { init: { ns: { net: 77 } } } },
    }),
    pod('twice-new', {
      base: 7100,
      sandbox: { name: 'both', uid: 'uid-of-both', attempt: 1, createdAtMs: NOW_MS - 2 * 3_600_000 },
    }),
    pod('ended', {
      base: 7200,
      sandbox: { name: 'three', uid: 'uid-of-three', state: 'notready', pause: { kind: 'none', reason: 'exited' } },
      pause: null,
      containers: {},
    }),
    pod('ended-new', {
      base: 7300,
      sandbox: { name: 'three', uid: 'uid-of-three', attempt: 1, createdAtMs: NOW_MS - 2 * 3_600_000 },
    }),
    pod('empty', { base: 7400, sandbox: { createdAtMs: NOW_MS - 2 * 3_600_000 }, containers: {} }),
    pod('dying', { base: 7500, sandbox: { pidMode: 'pod' }, pause: { wchan: 'zap_pid_ns_processes' } }),
    pod('drift', {
      base: 7600,
      containers: { app: { init: { ns: { ipc: 78 } } } },
      pids: { '': { current: 950, limit: 1000 } },
    }),
  ],
  runtime: {
    images: [
      { id: 'sha256:a', tags: [PAUSE_IMAGE], digests: [], sizeBytes: 1, pinned: false },
      { id: 'sha256:b', tags: ['k8s.gcr.io/pause:3.0'], digests: [], sizeBytes: 1, pinned: false },
    ],
  },
  processes: [
    process(9600, { comm: 'postgres', cgroup: `/kubepods/poduid-of-three/${idOf('forgotten')}` }),
    process(9700, { comm: 'containerd-shim', state: 'T', cgroup: '/system.slice' }),
    ...zombies(12, 9000, PIDS[0]?.init() ?? 0, inContainer()),
    ...zombies(3, 9100, PIDS[1]?.pause ?? 0, inPod(2000)),
    process(9200, { ...inPod(2000), nsPids: [9200, 12], ppid: PIDS[1]?.init(1) ?? 0 }),
    ...zombies(11, 9210, 9200, inPod(2000)),
    ...zombies(11, 9300, PIDS[3]?.shim ?? 0, { comm: 'runc' }),
    process(9400, { ppid: PIDS[2]?.init() ?? 0, cgroup: undefined }),
    zombie(9401, 9400),
    ...zombies(3, 9500, 1),
    process(9650, { ...inContainer(7700), ppid: pidsOf(7700).init(), sessionId: 9649 }),
    ...Array.from({ length: 12 }, (_, run) =>
      zombie(9750 + run, PIDS[0]?.init() ?? 0, {
        ...inContainer(),
        comm: 'probe.sh',
        sessionId: 9800 + run,
        startTicks: 300_000 + 1000 * run,
      }),
    ),
  ],
  kernel: { shims: [shimOf(1000, idOf('web')), shimOf(9700, idOf('shared')), shimOf(9701, idOf('nobody'))] },
});
