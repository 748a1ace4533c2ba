/** Compares what cgroups charge with what is known to be dead in them: where both agree, nobody died unseen. */
import type { Process } from '../core/model.ts';
import type { CgroupLook } from './cgroups/cgroupfs.ts';
import { placeDead } from './place-dead.ts';

/** What the runtimes name in one look. */
export interface Named {
  /** Every sandbox and container id, with the id of its sandbox. */
  readonly sandboxOf: ReadonlyMap<string, string>;
  /** Ids of those that run, and so must have a cgroup. */
  readonly running: ReadonlySet<string>;
  /** PIDs of pauses and first processes. */
  readonly pids: ReadonlySet<number>;
}

/** Reads single counters once more: a difference may be no more than an exit between two reads. */
export interface Recounts {
  /** Unreaped tasks of a cgroup. */
  recount(path: string): number | undefined;
  /** pids.current of a cgroup. */
  current(path: string): number | undefined;
  /** Lets a process that is just ending end. */
  wait(): Promise<void>;
}

/** Remembers what the last sweep found, to be held against the counters of later looks. */
export interface Tally {
  /** Takes over the outcome of a sweep, and the counters as they were right before it. */
  settle(processes: readonly Process[], look: CgroupLook, named: Named): void;
  /** True when the counters are those that the dead among `processes` account for; false in every case of doubt. */
  agrees(processes: readonly Process[], look: CgroupLook, named: Named): Promise<boolean>;
}

/** How often a counter that differs is read before a sweep is made for it. */
const TRIES = 3;

/** Makes a tally that has seen no sweep, and so agrees with nothing. */
export function createTally({ recount, current, wait }: Recounts): Tally {
  /** Tasks beside the known cgroups, less the dead among them, by directory. */
  let others: ReadonlyMap<string, number> = new Map();

  /** Whether a count is as expected; read anew a few times before it is said to differ. */
  async function holds(expected: number, first: number | undefined, again: () => number | undefined): Promise<boolean> {
    let count = first;
    for (let left = TRIES; count !== expected && left > 0; left--) {
      await wait();
      count = again();
    }
    return count === expected;
  }

  return {
    settle(processes, look, named) {
      const directories = podDirectories(look, named);
      const dead = placeDead(processes, { cgroupOf: look.cgroupOf, above: directories.keys() });
      others = differences(
        tasksBeside(directories, (path) => look.cgroups[path]?.current),
        dead.beside,
      );
    },
    async agrees(processes, look, named) {
      if (!isCountable(look, named)) return false;
      const directories = podDirectories(look, named);
      const dead = placeDead(processes, { cgroupOf: look.cgroupOf, above: directories.keys() });
      // A dead process without a path (cgroup v1) may be charged anywhere: when it goes, it may hide another that died.
      if (dead.unplaced > 0) return false;
      for (const [path, count] of look.unreaped) {
        const expected = dead.inLeaf.get(path) ?? 0;
        if (!(await holds(expected, count, () => recount(path)))) return false;
      }
      for (const [path, leaves] of directories) {
        const before = others.get(path);
        if (before === undefined) return false;
        const expected = before + (dead.beside.get(path) ?? 0);
        const first = tasksOf(path, leaves, (it) => look.cgroups[it]?.current);
        if (!(await holds(expected, first, () => tasksOf(path, leaves, current)))) return false;
      }
      return true;
    },
  };
}

/** Everything that runs has a cgroup, and its tasks can be counted. */
function isCountable({ up, cgroupOf, unreaped }: CgroupLook, { running }: Named): boolean {
  if (!up) return false;
  for (const id of running) if (cgroupOf[id] === undefined) return false;
  return ![...unreaped.values()].includes(undefined);
}

/**
 * The directories right above the cgroups of one sandbox and no other, with those cgroups: a container that is gone
 * leaves its zombies charged there. One that several sandboxes share, or others live in, is no pod's.
 */
function podDirectories(
  { cgroupOf, cgroups }: CgroupLook,
  { sandboxOf }: Named,
): ReadonlyMap<string, readonly string[]> {
  const tenants = new Map<string, string | undefined>();
  const leaves = new Map<string, string[]>();
  for (const [id, path] of Object.entries(cgroupOf)) {
    const above = path.slice(0, path.lastIndexOf('/'));
    if (cgroups[above]?.current === undefined) continue;
    const sandbox = sandboxOf.get(id);
    tenants.set(above, tenants.has(above) && tenants.get(above) !== sandbox ? undefined : sandbox);
    leaves.set(above, [...(leaves.get(above) ?? []), path]);
  }
  for (const [path, tenant] of tenants) if (tenant === undefined) leaves.delete(path);
  return leaves;
}

type Counter = (path: string) => number | undefined;

function tasksBeside(directories: ReadonlyMap<string, readonly string[]>, currentOf: Counter) {
  return new Map([...directories].map(([path, leaves]) => [path, tasksOf(path, leaves, currentOf)]));
}

/** Tasks charged to a directory and to none of the cgroups below it; undefined when one cannot be read. */
function tasksOf(path: string, leaves: readonly string[], currentOf: Counter): number | undefined {
  let tasks = currentOf(path);
  for (const leaf of leaves) {
    const current = currentOf(leaf);
    if (tasks === undefined || current === undefined) return undefined;
    tasks -= current;
  }
  return tasks;
}

function differences(counts: ReadonlyMap<string, number | undefined>, dead: ReadonlyMap<string, number>) {
  const rest = new Map<string, number>();
  for (const [path, count] of counts) if (count !== undefined) rest.set(path, count - (dead.get(path) ?? 0));
  return rest;
}
