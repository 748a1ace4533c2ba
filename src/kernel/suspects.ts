/** Picks the processes that a verdict may rest on although no runtime names them: each look has to read them anew. */
import { podPlaceOf } from '../core/cgroup-path.ts';
import type { Process, Shim } from '../core/model.ts';
import type { Named } from './tally.ts';

/**
 * PIDs of what is in a pod's cgroup while nothing of that id runs by the runtimes' word, of shims that serve nothing that
 * runs or do not run themselves, and of what hangs on a shim without being a first process (exec). While all is well
 * these are few or none.
 */
export function suspectPids(processes: readonly Process[], shims: readonly Shim[], named: Named): readonly number[] {
  const shimById = new Map(shims.map((shim) => [shim.pid, shim]));
  const isUnclaimed = createUnclaimedPaths(named);
  const pids: number[] = [];
  for (const process of processes) {
    const { pid, ppid, state, cgroup } = process;
    if (named.pids.has(pid)) continue;
    const shim = shimById.get(pid);
    const isSuspect =
      shim === undefined ? shimById.has(ppid) || isUnclaimed(cgroup) : !serves(shim, named) || /[tTD]/.test(state);
    if (isSuspect) pids.push(pid);
  }
  return pids;
}

function serves({ id }: Shim, { running }: Named): boolean {
  return id !== undefined && running.has(id);
}

/** Processes of one container share a path, so each path is judged once. */
function createUnclaimedPaths({ running }: Named): (path: string | undefined) => boolean {
  const known = new Map<string | undefined, boolean>();
  return (path) => {
    let isUnclaimed = known.get(path);
    if (isUnclaimed === undefined) {
      const id = podPlaceOf(path)?.id;
      isUnclaimed = id !== undefined && !running.has(id);
      known.set(path, isUnclaimed);
    }
    return isUnclaimed;
  };
}
