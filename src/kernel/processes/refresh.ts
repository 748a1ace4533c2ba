/** Reads chosen processes again and takes over all others from the last sweep: what a look costs while nothing died. */
import type { Process } from '../../core/model.ts';
import { isDeadState } from '../../core/process-life.ts';

import type { Slicer } from '../reading/slicer.ts';
import type { RememberedProcess } from './process-memory.ts';
import { type ProcessSource, readProcess } from './read-process.ts';

/** A chain of parents longer than this is a loop made by PIDs that were reused. */
const MAX_CHAIN = 64;

/** What a refresh works on. */
export interface RefreshOptions {
  readonly source: ProcessSource;
  /** The memory of the last sweep, brought up to date: the very map of `source`. */
  readonly known: Map<number, RememberedProcess>;
  /** The processes that are read in any case, whether they are known or not. */
  readonly pids: Iterable<number>;
  /** Processes that the last sweep could not read: they are left alone. */
  readonly unreadable: ReadonlySet<number>;
  readonly slicer: Slicer;
}

/** A refresh under way. */
interface Refresh extends RefreshOptions {
  /** PIDs that were read. */
  readonly done: Set<number>;
}

/**
 * All processes, as of now those of `pids`, the dead ones and their ancestors (who owns a dead process may show in
 * the chain of its parents only); those that are gone are dropped. Undefined when a process turned up that the last
 * sweep did not see, or one could not be read.
 */
export async function refreshProcesses(options: RefreshOptions): Promise<readonly Process[] | undefined> {
  const { known, pids, unreadable, slicer } = options;
  const refresh: Refresh = { ...options, done: new Set(unreadable) };
  for (const pid of pids) {
    if (!isKnownStill(refresh, pid)) return undefined;
    if (slicer.isDue()) await slicer.nextTurn();
  }
  for (const pid of deadAmong(known.values())) {
    if (!isKnownStill(refresh, pid) || !isChainKnown(refresh, pid)) return undefined;
    if (slicer.isDue()) await slicer.nextTurn();
  }
  const processes: Process[] = [];
  for (const [pid, { process }] of known) if (!unreadable.has(pid)) processes.push(process);
  return processes;
}

/** Reads a process unless that was done; false when it is new, or cannot be read. */
function isKnownStill({ source, known, done }: Refresh, pid: number): boolean {
  if (done.has(pid)) return true;
  done.add(pid);
  const before = known.get(pid);
  const now = readProcess(source, pid);
  if (now === 'unreadable') return false;
  if (now === 'vanished') known.delete(pid);
  else known.set(pid, now);
  return now === 'vanished' || before?.process.startTicks === now.process.startTicks;
}

/** Reads the ancestors of a dead process; false when one of them has just gone, and left its children to another. */
function isChainKnown(refresh: Refresh, pid: number): boolean {
  const { known, unreadable } = refresh;
  let at = known.get(pid)?.process.ppid ?? 0;
  for (let depth = 0; at > 0 && depth < MAX_CHAIN; depth++) {
    if (!isKnownStill(refresh, at)) return false;
    const parent = known.get(at);
    if (parent === undefined) return unreadable.has(at);
    at = parent.process.ppid;
  }
  return true;
}

function deadAmong(known: Iterable<RememberedProcess>): number[] {
  const dead: number[] = [];
  for (const { process } of known) if (isDeadState(process.state)) dead.push(process.pid);
  return dead;
}
