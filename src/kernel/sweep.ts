/** Reads every process of a procfs in slices: one directory walk, one stat file each, the cgroup only when needed. */
import { opendirSync } from 'node:fs';
import type { Process, SourceFault } from '../core/model.ts';
import type { BytesReader } from './bytes-reader.ts';
import { createFaultTally, errnoOf, type FaultTally, faultCodeOf } from './fault-tally.ts';
import { parseCgroup } from './parse-cgroup.ts';
import { isDead, parseStat, type StatFacts } from './parse-stat.ts';
import { cgroupAction, type RememberedProcess, rememberProcess } from './process-memory.ts';
import type { Slicer } from './slicer.ts';

/** Entries of /proc fetched at once: 128 cost about 0.7 ms, all 6,500 at once 9 ms without a pause. */
const LISTING_BATCH = 128;

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
interface Walk {
  readonly root: string;
  readonly reader: BytesReader;
  readonly round: number;
  readonly known: ReadonlyMap<number, RememberedProcess>;
  readonly next: Map<number, RememberedProcess>;
  readonly processes: Process[];
  readonly unreadablePids: number[];
  readonly faults: FaultTally;
}

/** Sweeps again and again, remembering between the sweeps what exists. */
export interface Sweeper {
  /** Rejects only with the reason of the slicer's signal. */
  sweep(slicer: Slicer): Promise<SweptProcesses>;
  /** Start ticks of a process as of the last finished sweep. */
  startTicksOf(pid: number): number | undefined;
}

/** Makes a sweeper with an empty memory. */
export function createSweeper({ root, reader }: { readonly root: string; readonly reader: BytesReader }): Sweeper {
  let known: ReadonlyMap<number, RememberedProcess> = new Map();
  let round = 0;
  return {
    async sweep(slicer) {
      const faults = createFaultTally('procfs');
      const next = new Map<number, RememberedProcess>();
      const walk: Walk = { root, reader, round, known, next, processes: [], unreadablePids: [], faults };
      round++;
      const failure = await readEveryProcess(walk, slicer);
      if (failure !== undefined) return downSweep(root, failure);
      known = next;
      return { up: true, processes: walk.processes, unreadablePids: walk.unreadablePids, faults: faults.list() };
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
    const directory = opendirSync(walk.root, { bufferSize: LISTING_BATCH });
    try {
      for (let entry = directory.readSync(); entry !== null; entry = directory.readSync()) {
        const pid = pidOf(entry.name);
        if (pid === undefined) continue;
        listed++;
        hasInit ||= pid === 1;
        readProcess(walk, pid);
        if (slicer.isDue()) await slicer.nextTurn();
      }
    } finally {
      directory.closeSync();
    }
  } catch (error) {
    return listingFailure(error);
  }
  if (listed === 0) return { code: 'unsupported', what: 'it holds no processes' };
  if (!hasInit) return { code: 'denied', what: 'PID 1 is not listed, so processes are hidden (mount option hidepid)' };
  return undefined;
}

function listingFailure(error: unknown): SweepFailure {
  // Anything but the system's error is the slicer's abort, or a bug: not ours to answer for.
  if (!(error instanceof Error && 'syscall' in error)) throw error;
  const code = faultCodeOf(error);
  return { code: code === 'denied' || code === 'unsupported' ? code : 'silent', what: errnoOf(error) };
}

function downSweep(root: string, { code, what }: SweepFailure): SweptProcesses {
  const message = `The processes of the node cannot be seen in ${root}: ${what}. Mount the node's /proc there, or name its place with --path.procfs.`;
  const fault: SourceFault = { source: 'procfs', endpoint: undefined, code, subject: root, message, count: 1 };
  return { up: false, processes: [], unreadablePids: [], faults: [fault] };
}

function readProcess(walk: Walk, pid: number): void {
  const remembered = walk.known.get(pid);
  const facts = readStat(walk, pid);
  if (facts === 'vanished') return;
  if (facts === 'unreadable') {
    walk.unreadablePids.push(pid);
    // It exists, so what is known of it is kept: its cgroup may be readable no more.
    if (remembered !== undefined) walk.next.set(pid, remembered);
    return;
  }
  const before = remembered?.process.startTicks === facts.startTicks ? remembered : undefined;
  const kept = before?.process.cgroup;
  const cgroup = cgroupAction(before, facts, walk.round) === 'keep' ? kept : (readCgroup(walk, facts) ?? kept);
  const now = rememberProcess(before, facts, cgroup);
  walk.next.set(pid, now);
  walk.processes.push(now.process);
}

function readStat({ root, reader, faults }: Walk, pid: number): StatFacts | 'vanished' | 'unreadable' {
  const path = `${root}/${pid}/stat`;
  try {
    const length = reader.read(path);
    const facts = parseStat(reader.buffer, length);
    if (facts?.pid === pid) return facts;
    const message = 'A process was left out: its stat line does not make sense.';
    faults.add({ code: 'malformed', cause: 'stat', subject: path, message });
  } catch (error) {
    const code = faultCodeOf(error);
    if (code === 'vanished') return code;
    const errno = errnoOf(error);
    const message = `A process was left out: its stat could not be read (${errno}).${adviceFor(errno)}`;
    faults.add({ code, cause: `stat ${errno}`, subject: path, message });
  }
  return 'unreadable';
}

/** A process that died before its cgroup was read shows "/" on v1, which says nothing: then it has no path. */
function readCgroup({ root, reader, faults }: Walk, { pid, startTicks, state }: StatFacts): string | undefined {
  const path = `${root}/${pid}/cgroup`;
  try {
    const cgroup = parseCgroup(reader.readText(path));
    if (cgroup !== '/') return cgroup;
    if (isDead(state)) return undefined;
    const length = reader.read(`${root}/${pid}/stat`);
    const again = parseStat(reader.buffer, length);
    return again?.startTicks === startTicks && !isDead(again.state) ? cgroup : undefined;
  } catch (error) {
    const code = faultCodeOf(error);
    const errno = errnoOf(error);
    const message = `The cgroup of a process could not be read (${errno}): its container is known by other signs only.`;
    if (code !== 'vanished') faults.add({ code, cause: `cgroup ${errno}`, subject: path, message });
    return undefined;
  }
}

function adviceFor(errno: string): string {
  if (errno === 'EACCES' || errno === 'EPERM') return ' Run as root, or mount /proc without hidepid.';
  if (errno === 'EMFILE' || errno === 'ENFILE') return ' Raise the limit of open files.';
  return '';
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
