/** Reads every process of a procfs in slices: one listing, one stat file each, the cgroup only when needed. */
import { opendir } from 'node:fs/promises';
import type { Process, SourceFault } from '../../core/model.ts';
import type { BytesReader } from '../reading/bytes-reader.ts';
import { createFaultTally, errnoOf, faultCodeOf } from '../reading/fault-tally.ts';
import type { Slicer } from '../reading/slicer.ts';
import type { RememberedProcess } from './process-memory.ts';
import { type ProcessSource, readProcess } from './read-process.ts';
import { refreshProcesses } from './refresh.ts';

/** Names of /proc fetched at once. */
const LISTING_BATCH = 512;

/** Every process of one sweep. */
export interface SweptProcesses {
  /** The procfs could be listed and shows all processes. When false the list is empty. */
  readonly up: boolean;
  readonly processes: readonly Process[];
  /** Processes that exist but could not be read: absent from `processes`, and yet not gone. */
  readonly unreadablePids: readonly number[];
  readonly faults: readonly SourceFault[];
}

/** A sweep under way. */
interface Walk extends ProcessSource {
  readonly next: Map<number, RememberedProcess>;
  readonly processes: Process[];
  readonly unreadablePids: number[];
}

/** Sweeps again and again, remembering between the sweeps what exists. */
export interface Sweeper {
  /** Reads every process; of those in `places`, which tells the cgroup by PID as of a moment ago, that is not read. */
  sweep(slicer: Slicer, places?: ReadonlyMap<number, string>): Promise<SweptProcesses>;
  /**
   * Reads only `pids`, the dead and their ancestors again; all others are as the last sweep saw them. Undefined when
   * only a sweep can tell: none succeeded yet, or a process is there that it did not know.
   */
  refresh(pids: Iterable<number>, slicer: Slicer): Promise<SweptProcesses | undefined>;
  /** Start ticks of a process as of the last finished sweep. */
  startTicksOf(pid: number): number | undefined;
}

/** Makes a sweeper with an empty memory. */
export function createSweeper({ root, reader }: { readonly root: string; readonly reader: BytesReader }): Sweeper {
  let known = new Map<number, RememberedProcess>();
  let last: SweptProcesses | undefined;
  let round = 0;
  return {
    async sweep(slicer, places) {
      const faults = createFaultTally('procfs');
      const next = new Map<number, RememberedProcess>();
      const source = { root, reader, round, known, faults, cgroups: new Map<string, string>(), places };
      const walk: Walk = { ...source, next, processes: [], unreadablePids: [] };
      round++;
      last = undefined;
      const failure = await readEveryProcess(walk, slicer);
      if (failure !== undefined) return downSweep(root, failure);
      known = next;
      last = { up: true, processes: walk.processes, unreadablePids: walk.unreadablePids, faults: faults.list() };
      return last;
    },
    async refresh(pids, slicer) {
      if (last === undefined) return undefined;
      // A fault here is none of the look's: it makes a sweep necessary, which meets it again.
      const source = { root, reader, round, known, faults: createFaultTally('procfs'), cgroups: new Map() };
      const unreadable = new Set(last.unreadablePids);
      const processes = await refreshProcesses({ source, known, pids, unreadable, slicer });
      if (processes !== undefined) last = { ...last, processes };
      return processes === undefined ? undefined : last;
    },
    startTicksOf: (pid) => known.get(pid)?.process.startTicks,
  };
}

/** Why a procfs is of no use; undefined when it was read. */
type SweepFailure = { readonly code: 'denied' | 'silent' | 'unsupported'; readonly what: string };

async function readEveryProcess(walk: Walk, slicer: Slicer): Promise<SweepFailure | undefined> {
  let listed = 0;
  let hasInit = false;
  try {
    for await (const names of listInBatches(walk.root)) {
      for (const name of names) {
        const pid = pidOf(name);
        if (pid === undefined) continue;
        listed++;
        hasInit ||= pid === 1;
        noteProcess(walk, pid);
        if (slicer.isDue()) await slicer.nextTurn();
      }
    }
  } catch (error) {
    return listingFailure(error);
  }
  if (listed === 0) return { code: 'unsupported', what: 'it holds no processes' };
  if (!hasInit) return { code: 'denied', what: 'PID 1 is not listed, so processes are hidden (mount option hidepid)' };
  return undefined;
}

/**
 * The names in a directory. Fetching them is the one thing here that is left to another thread: before it returns, the
 * kernel fills a buffer of 1,000 names, each of which costs it about 8 µs.
 */
async function* listInBatches(path: string): AsyncGenerator<readonly string[]> {
  const directory = await opendir(path, { bufferSize: LISTING_BATCH });
  try {
    for (let first = await directory.read(); first !== null; first = await directory.read()) {
      const names = [first.name];
      // What came with the first is at hand.
      while (names.length < LISTING_BATCH) {
        const entry = directory.readSync();
        if (entry === null) break;
        names.push(entry.name);
      }
      yield names;
    }
  } finally {
    await directory.close();
  }
}

function listingFailure(error: unknown): SweepFailure {
  // Anything but the system's error is a bug: not ours to answer for.
  if (!(error instanceof Error && 'syscall' in error)) throw error;
  const code = faultCodeOf(error);
  return { code: code === 'denied' || code === 'unsupported' ? code : 'silent', what: errnoOf(error) };
}

function downSweep(root: string, { code, what }: SweepFailure): SweptProcesses {
  const isFull = what === 'EMFILE' || what === 'ENFILE';
  const advice = isFull
    ? 'Raise the limit of open files (ulimit -n).'
    : "Mount the node's /proc there, or name its place with --path.procfs.";
  const message = `The processes of the node cannot be seen in ${root}: ${what}. ${advice}`;
  const fault: SourceFault = { source: 'procfs', endpoint: undefined, code, subject: root, message, count: 1 };
  return { up: false, processes: [], unreadablePids: [], faults: [fault] };
}

function noteProcess(walk: Walk, pid: number): void {
  const now = readProcess(walk, pid);
  if (now === 'vanished') return;
  if (now === 'unreadable') {
    walk.unreadablePids.push(pid);
    const remembered = walk.known.get(pid);
    // It exists, so what is known of it is kept: its cgroup may be readable no more.
    if (remembered !== undefined) walk.next.set(pid, remembered);
    return;
  }
  walk.next.set(pid, now);
  walk.processes.push(now.process);
}

/** The PID a directory of /proc stands for; undefined for the other entries. */
function pidOf(name: string): number | undefined {
  let pid = 0;
  for (let at = 0; at < name.length; at++) {
    const digit = name.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return undefined;
    pid = pid * 10 + digit;
  }
  return pid > 0 && name.length < 11 && name.charCodeAt(0) !== 48 ? pid : undefined;
}
