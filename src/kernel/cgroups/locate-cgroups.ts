/** Walks the directories of a cgroup hierarchy once, level by level, to find where containers are. */
import { readdirSync, statSync } from 'node:fs';
import { createNameMatcher, type NameMatcher } from '../parse/cgroup-name.ts';
import { errnoOf, type FaultTally, faultCodeOf } from '../reading/fault-tally.ts';
import type { Slicer } from '../reading/slicer.ts';

/** What to look for, and where. */
export interface LocateOptions {
  /** Directory of the pids controller. */
  readonly base: string;
  readonly ids: ReadonlySet<string>;
  readonly slicer: Slicer;
  readonly faults: FaultTally;
}

/** Where an id was found so far. */
interface Place {
  readonly path: string;
  readonly depth: number;
  readonly rank: number;
}

/** A walk under way; paths are relative to the base and begin with "/", the base itself is "". */
interface Walk extends LocateOptions {
  readonly match: NameMatcher;
  readonly places: Map<string, Place>;
  /** Directories of containers that were found: walked last, and only if something is still missing. */
  readonly inside: string[];
}

/**
 * Finds the paths of the ids. The shallowest match wins, and one inside a container that is looked for as well is
 * taken only when there is no other: whoever may make cgroups in a container must not be able to pose as another.
 * Symbolic links are not followed.
 */
export async function locateCgroups(options: LocateOptions): Promise<ReadonlyMap<string, string>> {
  const walk: Walk = { ...options, match: createNameMatcher(options.ids), places: new Map(), inside: [] };
  await walkLevels(walk, [''], walk.inside);
  const inside = [...walk.inside];
  if (walk.places.size < options.ids.size) await walkLevels(walk, inside, undefined);
  return new Map([...walk.places].map(([id, { path }]) => [id, path]));
}

/** Breadth first; what lies in a matched directory goes to `aside`, or along with the rest when there is none. */
async function walkLevels(walk: Walk, start: readonly string[], aside: string[] | undefined): Promise<void> {
  const outside = new Set(walk.places.keys());
  let level = start;
  while (level.length > 0 && walk.places.size < walk.ids.size) {
    const below: string[] = [];
    for (const directory of level) {
      for (const name of listDirectories(walk, directory)) {
        const path = `${directory}/${name}`;
        const isMatch = notePlaces(walk, path, name, outside);
        (isMatch && aside !== undefined ? aside : below).push(path);
      }
      if (walk.slicer.isDue()) await walk.slicer.nextTurn();
    }
    level = below;
  }
}

/** Notes which ids the directory is; true when it is any of them. `outside` are ids that have their place already. */
function notePlaces({ match, places }: Walk, path: string, name: string, outside: ReadonlySet<string>): boolean {
  const matches = match(name);
  const depth = path.split('/').length;
  for (const { id, rank } of matches) {
    const before = places.get(id);
    const isBetter = before === undefined || depth < before.depth || (depth === before.depth && rank < before.rank);
    if (isBetter && !outside.has(id)) places.set(id, { path, depth, rank });
  }
  return matches.length > 0;
}

function listDirectories({ base, faults }: Walk, directory: string): readonly string[] {
  const path = `${base}${directory}`;
  try {
    // A directory has two links and one for each child: 4 µs tell that there is none, a listing of 18 files takes 12.
    if (statSync(path).nlink === 2) return [];
    return readdirSync(path, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  } catch (error) {
    const code = faultCodeOf(error);
    const errno = errnoOf(error);
    const message = `A cgroup could not be listed (${errno}): containers below it are not found.`;
    if (code !== 'vanished') faults.add({ code, cause: `list ${errno}`, subject: path, message });
    return [];
  }
}
