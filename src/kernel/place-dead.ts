/** Says in which cgroups the dead of a look are charged, as far as their own paths tell. */
import type { Process } from '../core/model.ts';
import { isDead } from './parse-stat.ts';

/** The dead of one look, by where they are charged. */
export interface PlacedDead {
  /** By path of a container's or sandbox's cgroup; the dead of one inside another count in both. */
  readonly inLeaf: ReadonlyMap<string, number>;
  /** By path of a directory above such cgroups: those in it that are in none of them. */
  readonly beside: ReadonlyMap<string, number>;
  /** How many have no path at all: on cgroup v1 a process that died before it was first seen (L4). */
  readonly unplaced: number;
}

/** Where the cgroups are that the dead may be in. */
export interface Places {
  /** Path by id of a sandbox or container. */
  readonly cgroupOf: Readonly<Record<string, string>>;
  /** Paths of directories whose other tasks are of interest. */
  readonly above: Iterable<string>;
}

/** Places every process that is dead: zombies, and leaders whose threads live on, which are charged likewise. */
export function placeDead(processes: readonly Process[], { cgroupOf, above }: Places): PlacedDead {
  const leaves = new Set(Object.values(cgroupOf));
  const directories = new Set(above);
  const chargedTo = new Map<string, readonly string[]>();
  const inLeaf = new Map<string, number>();
  const beside = new Map<string, number>();
  let unplaced = 0;
  for (const process of processes) {
    if (!isDead(process.state)) continue;
    const { cgroup } = process;
    if (cgroup === undefined) {
      unplaced++;
      continue;
    }
    let charged = chargedTo.get(cgroup);
    if (charged === undefined) {
      charged = pathsUpwards(leafOf(cgroup, cgroupOf) ?? cgroup);
      chargedTo.set(cgroup, charged);
    }
    const isInLeaf = charged.some((path) => leaves.has(path));
    for (const path of charged) {
      if (leaves.has(path)) inLeaf.set(path, (inLeaf.get(path) ?? 0) + 1);
      else if (!isInLeaf && directories.has(path)) beside.set(path, (beside.get(path) ?? 0) + 1);
    }
  }
  return { inLeaf, beside, unplaced };
}

/**
 * The cgroup of the deepest known id in a path. A path as /proc tells it may begin elsewhere than the hierarchy does
 * (cgroup namespaces), an id is the same everywhere; conmon's own scope names the id it serves.
 */
function leafOf(path: string, cgroupOf: Readonly<Record<string, string>>): string | undefined {
  for (const part of path.split('/').toReversed()) {
    if (part.includes('conmon')) continue;
    const id = (part.match(/[0-9a-f]{64}/g) ?? []).findLast((it) => cgroupOf[it] !== undefined);
    if (id !== undefined) return cgroupOf[id];
  }
  return undefined;
}

/** "/a/b" and "/a" of "/a/b". */
function pathsUpwards(path: string): readonly string[] {
  const paths: string[] = [];
  for (let at = path.length; at > 0; at = path.lastIndexOf('/', at - 1)) paths.push(path.slice(0, at));
  return paths;
}
