/** Keeps what must outlive one audit: counters, which only rise, and which pods had zombies lately. */
import { FAULT_CODES, type FaultCode, type SourceName } from '../../core/model.ts';
import type { AuditReport, PauseDeathReason } from '../../core/report.ts';
import { listPods, listSandboxes, podKey } from '../pods/pods.ts';

/** Parts of an audit whose duration is exported. */
export const AUDIT_PHASES = ['capture', 'audit', 'render'] as const;
export type AuditPhase = (typeof AUDIT_PHASES)[number];

/** What the agent knows of an audit and its report does not. */
export interface AuditStats {
  /** Seconds; a phase that has not run yet is left out ("render" is the one of the audit before). */
  readonly phaseSeconds: Readonly<Partial<Record<AuditPhase, number>>>;
  /** Audits left out since the one before. */
  readonly skipped: number;
}

/** Counters since the agent started. */
export interface LedgerTotals {
  readonly audits: number;
  readonly auditsSkipped: number;
  readonly sandboxesSeen: number;
  readonly pauseDeaths: Readonly<Record<PauseDeathReason, number>>;
  readonly sourceFaults: Readonly<Record<SourceName, Readonly<Record<FaultCode, number>>>>;
  readonly pidsLimitHits: number;
  readonly seriesDropped: number;
}

/** The memory of the metrics; one per agent. */
export interface Ledger {
  /** Books one audit; once per report. */
  add(report: AuditReport, stats: AuditStats): void;
  /** Books series that did not fit. */
  addDropped(series: number): void;
  /** True when the pod (cleaned names) had zombies within the last hour. */
  hadZombies(namespace: string, pod: string): boolean;
  readonly totals: LedgerTotals;
}

const ZOMBIE_MEMORY_MS = 3_600_000;
const SOURCES = ['runtime', 'procfs', 'cgroupfs'] as const satisfies readonly SourceName[];

/** A ledger with everything at zero. */
export function createLedger(): Ledger {
  const totals = {
    audits: 0,
    auditsSkipped: 0,
    sandboxesSeen: 0,
    pauseDeaths: { signal: 0, exit: 0, oom: 0, unknown: 0 } satisfies Record<PauseDeathReason, number>,
    sourceFaults: { runtime: noFaults(), procfs: noFaults(), cgroupfs: noFaults() },
    pidsLimitHits: 0,
    seriesDropped: 0,
  };
  const hits = createHitCounter();
  let zombiesSeenMs: ReadonlyMap<string, number> = new Map();
  return {
    add(report, stats) {
      totals.audits++;
      totals.auditsSkipped += stats.skipped;
      totals.sandboxesSeen += report.newSandboxes;
      for (const reason of report.pauseDeaths) totals.pauseDeaths[reason]++;
      for (const { faults } of report.sources) {
        for (const fault of faults) totals.sourceFaults[fault.source][fault.code] += fault.count;
      }
      totals.pidsLimitHits += hits.countNew(report);
      zombiesSeenMs = rememberZombies(report, zombiesSeenMs);
    },
    addDropped(series) {
      totals.seriesDropped += series;
    },
    hadZombies: (namespace, pod) => zombiesSeenMs.has(podKey(namespace, pod)),
    totals,
  };
}

/** The sources faults are counted for. */
export function listFaultTotals(
  totals: LedgerTotals,
): readonly { source: SourceName; code: FaultCode; count: number }[] {
  return SOURCES.flatMap((source) =>
    FAULT_CODES.map((code) => ({ source, code, count: totals.sourceFaults[source][code] })),
  );
}

function noFaults(): Record<FaultCode, number> {
  return { denied: 0, timeout: 0, vanished: 0, silent: 0, unsupported: 0, malformed: 0 };
}

/** Bounded by the pods of the report: a pod that is gone is forgotten at once. */
function rememberZombies(report: AuditReport, before: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const seen = new Map<string, number>();
  for (const pod of listPods(report)) {
    const key = podKey(pod.namespace, pod.name);
    const lastMs = (pod.zombies ?? 0) > 0 ? report.takenAtMs : before.get(key);
    if (lastMs !== undefined && report.takenAtMs - lastMs <= ZOMBIE_MEMORY_MS) seen.set(key, lastMs);
  }
  return seen;
}

/**
 * Cgroup counters begin with their cgroup and vanish with it, so only their growth is added. What a sandbox had when
 * it was first looked at counts only if it was made after the audit before: older hits happened before this agent.
 */
function createHitCounter(): { countNew(report: AuditReport): number } {
  let lastHits: ReadonlyMap<string, number> = new Map();
  let lastTakenAtMs = Number.POSITIVE_INFINITY;
  return {
    countNew(report) {
      const hits = new Map<string, number>();
      let grown = 0;
      for (const sandbox of listSandboxes(report)) {
        const before = lastHits.get(sandbox.id) ?? (sandbox.createdAtMs >= lastTakenAtMs ? 0 : sandbox.pidsLimitHits);
        const now = sandbox.pidsLimitHits ?? before;
        if (now === undefined) continue;
        grown += Math.max(0, now - (before ?? now));
        hits.set(sandbox.id, now);
      }
      lastHits = hits;
      lastTakenAtMs = report.takenAtMs;
      return grown;
    },
  };
}
