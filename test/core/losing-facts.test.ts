/** Whatever cannot be read: no audit fails for it, and none calls anything broken because of it. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isAtLeast, subjectKey } from '../../src/core/finding.ts';
import type { NodeSnapshot, Process } from '../../src/core/model.ts';
import type { AuditReport } from '../../src/core/report.ts';
import { findingsOf, idsOf, startAudits } from './audits.ts';
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

const SIX_MINUTES = 6 * 60_000;
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
const FULL = node({
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
      sandbox: { uid: 'uid-of-both', createdAtMs: NOW_MS - 3 * 3_600_000 },
      containers: { app: { init: { ns: { net: 77 } } } },
    }),
    pod('twice-new', {
      base: 7100,
      sandbox: { uid: 'uid-of-both', attempt: 1, createdAtMs: NOW_MS - 2 * 3_600_000 },
    }),
    pod('ended', {
      base: 7200,
      sandbox: { uid: 'uid-of-three', state: 'notready', pause: { kind: 'none', reason: 'exited' } },
      pause: null,
      containers: {},
    }),
    pod('ended-new', {
      base: 7300,
      sandbox: { uid: 'uid-of-three', attempt: 1, createdAtMs: NOW_MS - 2 * 3_600_000 },
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

/** One thing that is not known any more. */
type Loss = (snapshot: NodeSnapshot) => NodeSnapshot;

const ofKernel = (change: (kernel: NodeSnapshot['kernel']) => Partial<NodeSnapshot['kernel']>): Loss => {
  return (it) => ({ ...it, kernel: { ...it.kernel, ...change(it.kernel) } });
};
const ofRuntime = (
  change: (runtime: NodeSnapshot['runtimes'][number]) => Partial<NodeSnapshot['runtimes'][number]>,
): Loss => {
  return (it) => ({ ...it, runtimes: it.runtimes.map((runtime) => ({ ...runtime, ...change(runtime) })) });
};
const ofProcesses = (pids: ReadonlySet<number>, change: (process: Process) => Partial<Process>): Loss =>
  ofKernel(({ processes }) => ({
    processes: processes.map((it) => (pids.has(it.pid) ? { ...it, ...change(it) } : it)),
  }));

const wholesale: readonly Loss[] = [
  ofKernel(() => ({ procfsUp: false, processes: [], unreadablePids: [] })),
  ofKernel(() => ({ cgroupfsUp: false, cgroups: {}, cgroupOf: {} })),
  ofKernel(() => ({ bootTimeMs: undefined })),
  ofKernel(() => ({ pidMax: undefined, threadsMax: undefined })),
  ofKernel(() => ({ shims: undefined })),
  ofKernel(() => ({ cgroupOf: {} })),
  ofRuntime(() => ({ images: undefined })),
  ofRuntime(() => ({ configuredPauseImage: undefined })),
  ofRuntime(() => ({ name: '', version: '', flavour: 'unknown' })),
  ofRuntime(() => ({ up: false })),
];
const somePids = fc
  .subarray(FULL.kernel.processes.map(({ pid }) => pid))
  .map((pids): ReadonlySet<number> => new Set(pids));
const someNames = fc
  .subarray(['web', 'shared', 'host', 'stopped', 'old', 'twice', 'twice-new', 'empty', 'dying', 'drift'])
  .map((names) => new Set(names));
const loss: fc.Arbitrary<Loss> = fc.oneof(
  fc.constantFrom(...wholesale),
  somePids.map((pids) => ofProcesses(pids, () => ({ probe: undefined }))),
  somePids.map((pids) => ofProcesses(pids, () => ({ cgroup: undefined }))),
  somePids.map((pids) => ofProcesses(pids, () => ({ sessionId: 0 }))),
  fc.constant(
    ofKernel(({ cgroups }) => ({
      cgroups: Object.fromEntries(Object.entries(cgroups).map(([path, it]) => [path, { ...it, limitHits: undefined }])),
    })),
  ),
  somePids.map((pids) =>
    ofProcesses(pids, ({ probe }) => ({ probe: probe && { ...probe, nsPids: [], signalsCaught: undefined } })),
  ),
  somePids.map((pids) =>
    ofProcesses(pids, ({ probe }) => ({
      probe: probe && { ...probe, namespaces: { ...probe.namespaces, pid: undefined, user: undefined } },
    })),
  ),
  somePids.map((pids) =>
    ofProcesses(pids, ({ probe }) => ({
      probe: probe && { ...probe, exe: undefined, exeSha256: undefined, oomScoreAdj: undefined },
    })),
  ),
  somePids.map((pids) =>
    ofProcesses(pids, ({ probe }) => ({
      probe: probe && {
        ...probe,
        wchan: undefined,
        namespaces: {
          net: undefined,
          ipc: undefined,
          uts: undefined,
          pid: undefined,
          mnt: undefined,
          cgroup: undefined,
          user: undefined,
        },
        unknown: { exe: 'denied' },
      },
    })),
  ),
  somePids.map((pids) =>
    ofKernel(({ processes, unreadablePids }) => ({
      processes: processes.filter(({ pid }) => !pids.has(pid)),
      unreadablePids: [...unreadablePids, ...pids],
    })),
  ),
  someNames.map((names) =>
    ofRuntime(({ sandboxes }) => ({
      sandboxes: sandboxes.map((it) => {
        const unread = {
          pause: { kind: 'unknown', reason: 'timeout' },
          pidMode: undefined,
          imageRef: undefined,
        } as const;
        return names.has(it.name) ? { ...it, ...unread } : it;
      }),
    })),
  ),
  fc.constant(
    ofRuntime(({ containers }) => ({
      containers: containers.map((it) => (it.pid === undefined ? it : { ...it, pid: { unknown: 'timeout' as const } })),
    })),
  ),
);

function auditLong(snapshot: NodeSnapshot): AuditReport {
  const audits = startAudits();
  audits.audit(snapshot);
  audits.audit(snapshot);
  return audits.audit(snapshot, SIX_MINUTES);
}

/**
 * What is called broken: finding and subject. With less to go by, the parent of a zombie may be taken for PID 1 of the
 * container or for a common process of it, and the container may not be known: the pod is.
 */
function broken(report: AuditReport): Set<string> {
  const grave = report.findings.filter(
    ({ id, severity }) => isAtLeast(severity, 'warning') && id !== 'runtime-unreachable',
  );
  return new Set(
    grave.map(({ id, subject }) => {
      const isOfPod = ['zombies-app-parent', 'zombies-container-init', 'zombies-probe'].includes(id);
      // Whose pin is missing is then told of the image that the newest pod runs on.
      if (id === 'pause-image-unpinned') return `${id} ${subject.runtimeEndpoint}`;
      return isOfPod ? `zombies ${subject.sandboxId}` : `${id} ${subjectKey(subject)}`;
    }),
  );
}

describe('losing facts', () => {
  const brokenInFull = broken(auditLong(FULL));

  test('begins with a node on which something of each kind is wrong', () => {
    const ids = new Set(idsOf(auditLong(FULL)));
    expect([...ids].toSorted()).toEqual([
      'init-not-reaping',
      'namespace-drift',
      'node-pid-exhaustion',
      'orphan-process',
      'pause-dying',
      'pause-exits-early',
      'pause-image-config-mismatch',
      'pause-image-legacy-registry',
      'pause-image-too-old',
      'pause-image-unpinned',
      'pause-not-reaping',
      'pause-oom-score-adj',
      'pause-stopped',
      'pause-unexpected-binary',
      'pid-limit-hit',
      'pid-limit-near',
      'sandbox-churn',
      'sandbox-duplicate',
      'sandbox-leaked-notready',
      'sandbox-leaked-ready',
      'shim-stuck',
      'zombies-app-parent',
      'zombies-container-init',
      'zombies-host',
      'zombies-probe',
      'zombies-runtime',
    ]);
  });

  test('never throws and never invents a critical finding or a warning', () => {
    fc.assert(
      fc.property(fc.array(loss, { minLength: 1, maxLength: 4 }), (losses) => {
        let snapshot = FULL;
        for (const lose of losses) snapshot = lose(snapshot);
        const invented = [...broken(auditLong(snapshot))].filter((it) => !brokenInFull.has(it));
        expect(invented).toEqual([]);
      }),
      { numRuns: 300 },
    );
  }, 120_000);

  test('never makes a finding that is not there anymore look like health: the sandbox is unjudged or still has it', () => {
    const found = auditLong(FULL);
    const grave = (report: AuditReport, id: string) =>
      report.findings.some((it) => it.subject.sandboxId === id && isAtLeast(it.severity, 'warning'));
    fc.assert(
      fc.property(fc.constantFrom(...wholesale.slice(0, 1), wholesale[7] as Loss), (lose) => {
        const report = auditLong(lose(FULL));
        for (const { id, name, unjudged } of report.sandboxes) {
          if (!grave(found, id)) continue;
          expect(grave(report, id) || unjudged.length > 0 || !report.complete, name).toBe(true);
        }
      }),
    );
  });

  test('from one audit to the next never ends a finding that nobody saw end', () => {
    const audits = startAudits();
    for (const it of [FULL, FULL, FULL]) audits.audit(it);
    const before = findingsOf(audits.audit(FULL, SIX_MINUTES), 'pause-stopped');
    const blind = ofKernel(() => ({ procfsUp: false, processes: [] }))(FULL);
    for (let i = 0; i < 5; i++) audits.audit(blind);
    const after = findingsOf(audits.audit(blind), 'pause-stopped');
    expect(after.map(({ sinceMs, confirmed }) => [sinceMs, confirmed])).toEqual(
      before.map(({ sinceMs }) => [sinceMs, true]),
    );
  });

  test('says of a node of which nothing at all is known that nothing is known', () => {
    const nothing = node({
      runtimes: [],
      kernel: { procfsUp: false, cgroupfsUp: false, processes: [], bootTimeMs: undefined },
    });
    const report = auditLong(nothing);
    expect(idsOf(report)).toEqual(['runtime-unreachable']);
    expect(report).toMatchObject({ complete: false, sandboxes: [], nodeView: { pids: undefined } });
  });

  test('to garbage in a recorded snapshot (signal masks that are none) does not throw', () => {
    const odd = pod('web', { sandbox: { pidMode: 'pod' }, pause: { caught: 'xyz', ignored: '' } });
    expect(() => auditLong(node({ pods: [odd] }))).not.toThrow();
  });
});
