/** Remembers where the cgroups of containers are, so that the hierarchy is walked only when something new is asked for. */

/** The longest a missing id waits for the next walk, in reads: a container may be created long before it starts. */
const MAX_READS_BETWEEN_WALKS = 4;

/** Places of the ids asked for last; of ids without one, when to look again. */
export interface CgroupPlaces {
  /** Takes over the ids of this read, forgetting all others. */
  retain(ids: ReadonlySet<string>): void;
  pathOf(id: string): string | undefined;
  /** The cgroup is gone: the id has to be looked for again. */
  forget(id: string): void;
  /** Every id without a place, if a walk is due: one of them is new, or has waited long enough. Else none. */
  idsToLocate(): ReadonlySet<string>;
  /** Notes the outcome of a walk for those ids. */
  settle(ids: ReadonlySet<string>, found: ReadonlyMap<string, string>): void;
}

/** How often an id was looked for in vain, and how many reads it still waits. */
interface Search {
  readonly misses: number;
  readsLeft: number;
}

/** Makes an empty memory. */
export function createCgroupPlaces(): CgroupPlaces {
  const paths = new Map<string, string>();
  const searches = new Map<string, Search>();
  return {
    retain(ids) {
      for (const id of paths.keys()) if (!ids.has(id)) paths.delete(id);
      for (const id of searches.keys()) if (!ids.has(id)) searches.delete(id);
      for (const id of ids) if (!paths.has(id) && !searches.has(id)) searches.set(id, { misses: 0, readsLeft: 1 });
      for (const search of searches.values()) search.readsLeft--;
    },
    pathOf: (id) => paths.get(id),
    forget(id) {
      paths.delete(id);
      searches.set(id, { misses: 0, readsLeft: 0 });
    },
    idsToLocate() {
      const isDue = [...searches.values()].some(({ readsLeft }) => readsLeft <= 0);
      return new Set(isDue ? searches.keys() : []);
    },
    settle(ids, found) {
      for (const id of ids) {
        const path = found.get(id);
        const misses = (searches.get(id)?.misses ?? 0) + 1;
        searches.delete(id);
        if (path !== undefined) paths.set(id, path);
        else searches.set(id, { misses, readsLeft: Math.min(2 ** (misses - 1), MAX_READS_BETWEEN_WALKS) });
      }
    },
  };
}
