/** Notices forks that were refused under a PID limit: counters of the kernel only say how many there were ever. */
import type { KernelSnapshot } from './model.ts';
import { type PodPids, refusedForks } from './pids.ts';

/** Forks refused in one pod while this agent watched. */
export interface Refusals {
  /** In the audit that last saw any. */
  readonly count: number;
  /** When that was, milliseconds since the epoch. */
  readonly lastMs: number;
}

/** What the audits before knew. */
export interface EarlierRefusals {
  /** As the audit before read them, by path. */
  readonly cgroups: KernelSnapshot['cgroups'];
  /** By sandbox id. */
  readonly refusals: ReadonlyMap<string, Refusals>;
}

/**
 * Forks refused in a pod lately. A cgroup that was not there in the audit before counts from 0 if its sandbox was
 * (`known`): it was made since then. Else what it counted may be old.
 */
export function noticeRefusals(
  sandboxId: string,
  { leaves, pod }: PodPids,
  before: EarlierRefusals,
  moment: { readonly nowMs: number; readonly known: boolean },
): Refusals | undefined {
  const grown = ({ path, limitHits }: { path: string; limitHits: number | undefined }): number => {
    if (limitHits === undefined) return 0;
    return Math.max(0, limitHits - (before.cgroups[path]?.limitHits ?? (moment.known ? 0 : limitHits)));
  };
  const count = refusedForks(leaves.map(grown), pod && grown(pod)) ?? 0;
  return count > 0 ? { count, lastMs: moment.nowMs } : before.refusals.get(sandboxId);
}
