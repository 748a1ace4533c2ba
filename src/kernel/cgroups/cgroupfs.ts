/** The cgroupfs of a node: finds the cgroups of containers and reads how many tasks they and their ancestors have. */
import type { CgroupPids, SourceFault } from '../../core/model.ts';
import { createBytesReader } from '../reading/bytes-reader.ts';
import { createFaultTally } from '../reading/fault-tally.ts';
import { createSlicer, DEFAULT_SLICE_MS, type Slicer } from '../reading/slicer.ts';
import { createCgroupPidsReader } from './cgroup-pids.ts';
import { type CgroupPlaces, createCgroupPlaces } from './cgroup-places.ts';
import { createFrozenReader } from './frozen.ts';
import { locateCgroups } from './locate-cgroups.ts';
import { findPidsHierarchy, type PidsHierarchy } from './pids-hierarchy.ts';
import { createUnreapedTasks, type UnreapedTasks } from './unreaped-tasks.ts';

/** How a cgroupfs is to be read. */
export interface CgroupfsOptions {
  /** Where the node's cgroupfs is mounted: `--path.cgroupfs`, "/sys/fs/cgroup"; v1, hybrid or v2. */
  readonly root: string;
}

/** One look at the cgroups of some containers. */
export interface CgroupLook {
  /** The pids controller was found. */
  readonly up: boolean;
  /** The cgroups found and all their ancestors up to "/", by path. */
  readonly cgroups: Readonly<Record<string, CgroupPids>>;
  /** Path by id; an id without one has no cgroup. */
  readonly cgroupOf: Readonly<Record<string, string>>;
  /** Tasks dead but not reaped, by path of every cgroup in `cgroupOf`; undefined where they cannot be counted. */
  readonly unreaped: ReadonlyMap<string, number | undefined>;
  readonly faults: readonly SourceFault[];
}

/** What else a read does. */
export interface CgroupReadOptions {
  /** Takes the path of every task in the cgroups that are read, by its id. */
  readonly places?: Map<number, string> | undefined;
}

/** Reads one cgroupfs. One read at a time; what is remembered is bounded by the ids of the last read. */
export interface Cgroupfs {
  /** Looks at the cgroups of these sandbox and container ids. */
  read(ids: Iterable<string>, options?: CgroupReadOptions): Promise<CgroupLook>;
  /** Counts the unreaped tasks of a cgroup of the last look once more. */
  recount(path: string): number | undefined;
  /** pids.current of a cgroup of the last look, read now. */
  current(path: string): number | undefined;
  /** Whether cgroup v2 has frozen it. */
  isFrozen(path: string): boolean;
}

/** A look under way. */
interface Look {
  readonly slicer: Slicer;
  readonly places: CgroupPlaces;
  readonly readPids: (path: string) => CgroupPids | undefined;
  readonly countDead: (path: string, current: number) => number | undefined;
  readonly cgroups: Map<string, CgroupPids>;
  readonly unreaped: Map<string, number | undefined>;
}

/** Makes a reader of the cgroupfs at `root`; before the first call nothing is read but whether there is a v2 tree. */
export function createCgroupfs({ root }: CgroupfsOptions): Cgroupfs {
  const reader = createBytesReader();
  const places = createCgroupPlaces();
  const pidsReader = createCgroupPidsReader();
  let counter: { readonly base: string; readonly tasks: UnreapedTasks } | undefined;

  function counterAt({ base, taskList: file }: PidsHierarchy): UnreapedTasks {
    if (counter?.base !== base) counter = { base, tasks: createUnreapedTasks({ base, file, reader }) };
    return counter.tasks;
  }

  return {
    async read(ids, { places: taskPlaces } = {}) {
      const hierarchy = findPidsHierarchy(root, reader);
      if (hierarchy === undefined) return downLook(root);
      const { base } = hierarchy;
      const wanted = new Set(ids);
      const faults = createFaultTally('cgroupfs');
      const slicer = createSlicer({ sliceMs: DEFAULT_SLICE_MS });
      const readPids = (path: string) => pidsReader.read({ base, reader, faults }, path);
      const tasks = counterAt(hierarchy);
      const countDead = (path: string, current: number) => tasks.count(path, current, taskPlaces);
      const look: Look = { slicer, places, readPids, countDead, cgroups: new Map(), unreaped: new Map() };
      places.retain(wanted);
      await readRemembered(look, wanted);
      const missing = places.idsToLocate();
      if (missing.size > 0) {
        places.settle(missing, await locateCgroups({ base, ids: missing, slicer, faults }));
        await readRemembered(look, missing);
      }
      await readAncestors(look);
      const { cgroups, unreaped } = look;
      pidsReader.retain(cgroups);
      tasks.retain(unreaped);
      return {
        up: true,
        cgroups: dictionaryOf(cgroups),
        cgroupOf: placesOf(wanted, places),
        unreaped,
        faults: faults.list(),
      };
    },
    recount: (path) => counter?.tasks.recount(path),
    current: (path) => counter?.tasks.current(path),
    isFrozen: createFrozenReader(root, reader),
  };
}

/** Its keys are a runtime's words: without a prototype "constructor" finds nothing that was not said. */
function dictionaryOf<T>(entries: Iterable<readonly [string, T]>): Readonly<Record<string, T>> {
  const dictionary = Object.create(null) as Record<string, T>;
  for (const [key, value] of entries) dictionary[key] = value;
  return dictionary;
}

function placesOf(ids: ReadonlySet<string>, places: CgroupPlaces): Readonly<Record<string, string>> {
  return dictionaryOf(
    [...ids].flatMap((id) => {
      const path = places.pathOf(id);
      return path === undefined ? [] : [[id, path] as const];
    }),
  );
}

async function readRemembered(look: Look, ids: ReadonlySet<string>): Promise<void> {
  const { slicer, places, readPids, countDead, cgroups, unreaped } = look;
  for (const id of ids) {
    const path = places.pathOf(id);
    if (path === undefined) continue;
    const pids = readPids(path);
    if (pids === undefined) places.forget(id);
    else {
      cgroups.set(path, pids);
      unreaped.set(path, pids.current === undefined ? undefined : countDead(path, pids.current));
    }
    if (slicer.isDue()) await slicer.nextTurn();
  }
}

async function readAncestors({ slicer, readPids, cgroups }: Look): Promise<void> {
  // The ancestors that are added meanwhile come along: theirs are there by then.
  for (const path of cgroups.keys()) {
    for (let above = parentOf(path); above !== undefined && !cgroups.has(above); above = parentOf(above)) {
      const pids = readPids(above);
      if (pids !== undefined) cgroups.set(above, pids);
      if (slicer.isDue()) await slicer.nextTurn();
    }
  }
}

function parentOf(path: string): string | undefined {
  return path === '/' ? undefined : path.slice(0, path.lastIndexOf('/')) || '/';
}

function downLook(root: string): CgroupLook {
  const message =
    `No pids controller was found in ${root}, so tasks cannot be counted. Mount the node's /sys/fs/cgroup there, ` +
    'or name its place with --path.cgroupfs.';
  const code = 'unsupported';
  const fault: SourceFault = { source: 'cgroupfs', endpoint: undefined, code, subject: root, message, count: 1 };
  return { up: false, cgroups: {}, cgroupOf: {}, unreaped: new Map(), faults: [fault] };
}
