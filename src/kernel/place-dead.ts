/** Says in which cgroups the dead of a look are charged, as far as their own paths tell. */
import { chargedId } from '../core/cgroup-path.ts';
import type { Process } from '../core/model.ts';
import { isDeadState } from '../core/process-life.ts';

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
  // Of which sandbox an id is does not matter here: each located one stands for itself.
  const sandboxOf = (id: string): string | undefined => (cgroupOf[id] === undefined ? undefined : id);
  const chargedTo = new Map<string, readonly string[]>();
  const inLeaf = new Map<string, number>();
  const beside = new Map<string, number>();
  let unplaced = 0;
  for (const process of processes) {
    if (!isDeadState(process.state)) continue;
    const { cgroup } = process;
    if (cgroup === undefined) {
      unplaced++;
      continue;
    }
    let charged = chargedTo.get(cgroup);
    if (charged === undefined) {
      const leaf = cgroupOf[chargedId(cgroup, sandboxOf, cgroupOf) ?? ''];
      charged = pathsUpwards(leaf ?? cgroup);
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

/** "/a/b" and "/a" of "/a/b". */
function pathsUpwards(path: string): readonly string[] {
  const paths: string[] = [];
  for (let at = path.length; at > 0; at = path.lastIndexOf('/', at - 1)) paths.push(path.slice(0, at));
  return paths;
}
