/** Whatever cannot be read: no audit fails for it, and none calls anything broken because of it. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isAtLeast, subjectKey } from '../../src/core/finding.ts';
import type { NodeSnapshot, Process } from '../../src/core/model.ts';
import type { AuditReport } from '../../src/core/report.ts';
import { findingsOf, idsOf, startAudits } from './audits.ts';
import { node, pod } from './snapshot-builder.ts';
import { FULL } from './troubled-node.ts';

const SIX_MINUTES = 6 * 60_000;
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
