/** Counts tasks that are dead but not reaped, cgroup by cgroup: charged to it, and listed nowhere in it any more. */
import { readdirSync, statSync } from 'node:fs';
import { parseCount } from '../parse/counters.ts';
import type { BytesReader } from '../reading/bytes-reader.ts';
import { countTasks } from './count-tasks.ts';

/** Counts the unreaped tasks of known cgroups; remembers which cgroups lie below them. */
export interface UnreapedTasks {
  /**
   * pids.current of the cgroup less the tasks listed in it and in all below it: pids.current counts a task until it is
   * reaped (L6), the list drops it when it dies. A hint only: a fork or an exit between the two reads shifts it.
   * Undefined when it cannot be counted. Each task listed is noted in `places` with the path that lists it.
   */
  count(path: string, current: number, places?: Map<number, string>): number | undefined;
  /** The same, with pids.current and the cgroups below read anew. */
  recount(path: string): number | undefined;
  /** pids.current alone, read now. */
  current(path: string): number | undefined;
  /** Forgets all cgroups but these. */
  retain(paths: { has(path: string): boolean }): void;
}

/** Makes a counter for the hierarchy at `base`; `file` lists the tasks: "tasks" on v1, "cgroup.threads" on v2. */
export function createUnreapedTasks({ base, file, reader }: UnreapedTasksOptions): UnreapedTasks {
  const below = new Map<string, readonly string[]>();

  function listed(path: string, places?: Map<number, string>): number {
    let directories = below.get(path);
    if (directories === undefined) {
      directories = listBelow(base, path);
      below.set(path, directories);
    }
    let tasks = 0;
    for (const directory of [path, ...directories]) {
      const onTask = places && ((tid: number) => void places.set(tid, directory));
      tasks += countTasks(`${base}${directory}/${file}`, reader.buffer, onTask);
    }
    return tasks;
  }

  function current(path: string): number | undefined {
    return attempt(() => parseCount(reader.readText(`${base}${path}/pids.current`)));
  }

  function recount(path: string): number | undefined {
    below.delete(path);
    const charged = current(path);
    return charged === undefined ? undefined : attempt(() => charged - listed(path));
  }

  return {
    // A cgroup below that is gone is no error: what is below is listed anew then.
    count: (path, charged, places) => attempt(() => charged - listed(path, places)) ?? recount(path),
    recount,
    current,
    retain(paths) {
      for (const path of below.keys()) if (!paths.has(path)) below.delete(path);
    },
  };
}

/** What a counter is made of. */
export interface UnreapedTasksOptions {
  readonly base: string;
  readonly file: 'tasks' | 'cgroup.threads';
  readonly reader: BytesReader;
}

/** Paths of all cgroups below. A directory has two links and one for each child. */
function listBelow(base: string, path: string): string[] {
  const directory = `${base}${path}`;
  if (statSync(directory).nlink === 2) return [];
  const children = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return children.flatMap(({ name }) => [`${path}/${name}`, ...listBelow(base, `${path}/${name}`)]);
}

/** Whatever cannot be read cannot be counted; the reader of the counters says why. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
