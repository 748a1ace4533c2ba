/** Looks at the kernel again and again, sweeping all of /proc only when somebody may have died unseen, or in turn. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Process, Shim } from '../core/model.ts';
import type { Cgroupfs, CgroupLook } from './cgroups/cgroupfs.ts';
import type { Procfs, Sweep } from './processes/procfs.ts';
import { suspectPids } from './suspects.ts';
import { createTally, type Named } from './tally.ts';

/** Looks that sweep in any case at the start: a process is settled in its cgroup when it is seen a second time. */
const FIRST_SWEEPS = 2;

/** Every how many looks a sweep is made regardless, to see what belongs to no pod. */
const LOOKS_PER_SWEEP = 4;

/** How long a process that is just ending is given, in milliseconds. */
const ENDING_MS = 1;

/** What one look at the kernel shows. Of a process that is not named, suspect, dead or an ancestor it may be older. */
export interface KernelLook {
  readonly sweep: Sweep;
  readonly cgroups: CgroupLook;
  readonly shims: readonly Shim[];
}

/** Looks, one at a time. */
export interface KernelLooks {
  /** Looks at everything the runtimes name, and at the dead wherever they are. */
  look(named: Named): Promise<KernelLook>;
}

/** Makes a looker; its first looks sweep. */
export function createKernelLooks({ procfs, cgroupfs }: { procfs: Procfs; cgroupfs: Cgroupfs }): KernelLooks {
  const { recount, current } = cgroupfs;
  const tally = createTally({ recount, current, wait: () => sleep(ENDING_MS) });
  let looks = 0;
  let looksSinceSweep = 0;
  let last: { readonly processes: readonly Process[]; readonly shims: readonly Shim[] } = { processes: [], shims: [] };

  function finish(sweep: Sweep, cgroups: CgroupLook): KernelLook {
    const { processes } = sweep;
    const shims = procfs.shims(processes);
    last = { processes, shims };
    return { sweep, cgroups, shims };
  }

  /** The dead are read before the tasks are counted: whoever dies in between makes a difference, and a sweep. */
  async function look(named: Named): Promise<KernelLook> {
    const isDue = looks < FIRST_SWEEPS || looksSinceSweep >= LOOKS_PER_SWEEP - 1;
    looks++;
    const suspects = isDue ? [] : suspectPids(last.processes, last.shims, named);
    const refreshed = isDue ? undefined : await procfs.refresh([...named.pids, ...suspects]);
    // In the first sweeps the cgroup of every process is new: the lists of tasks are a third of the price.
    const places = isDue ? new Map<number, string>() : undefined;
    const cgroups = await cgroupfs.read(named.sandboxOf.keys(), { places });
    if (refreshed !== undefined && (await tally.agrees(refreshed.processes, cgroups, named))) {
      looksSinceSweep++;
      return finish(refreshed, cgroups);
    }
    const sweep = await procfs.sweep({ places });
    tally.settle(sweep.processes, cgroups, named);
    looksSinceSweep = 0;
    return finish(sweep, cgroups);
  }

  return { look };
}
