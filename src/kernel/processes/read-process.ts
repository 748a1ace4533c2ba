/** Reads one process: its stat line, and its cgroup when that is not known or may have changed. */

import { isDeadState } from '../../core/process-life.ts';
import { parseCgroup } from '../parse/cgroup.ts';
import { parseStat, type StatFacts } from '../parse/stat.ts';
import type { BytesReader } from '../reading/bytes-reader.ts';
import { errnoOf, type FaultTally, faultCodeOf } from '../reading/fault-tally.ts';
import { cgroupAction, type RememberedProcess, rememberProcess } from './process-memory.ts';

/** Where processes are read from, and what is known of them. */
export interface ProcessSource {
  readonly root: string;
  readonly reader: BytesReader;
  /** Which sweep this is, or comes after. */
  readonly round: number;
  readonly known: ReadonlyMap<number, RememberedProcess>;
  readonly faults: FaultTally;
  /**
   * What the cgroup files read so far say, by their text: processes of one container share text and path. Dropped with
   * the source. Without it 6,500 paths would hold on to 10 MB of text that they were cut out of.
   */
  readonly cgroups: Map<string, string | undefined>;
  /** Where tasks were listed a moment ago: what is there needs no reading of its own. */
  readonly places?: ReadonlyMap<number, string> | undefined;
}

/** Reads `pid` in the light of what is known of it; `unreadable` is noted as a fault. */
export function readProcess(source: ProcessSource, pid: number): RememberedProcess | 'vanished' | 'unreadable' {
  const facts = readStat(source, pid);
  if (facts === 'vanished' || facts === 'unreadable') return facts;
  const remembered = source.known.get(pid);
  const before = remembered?.process.startTicks === facts.startTicks ? remembered : undefined;
  const kept = before?.process.cgroup;
  const read = cgroupAction(before, facts, source.round) === 'keep' ? undefined : readCgroup(source, facts);
  // Of two equal strings the older one is kept, and the newer one is garbage.
  return rememberProcess(before, facts, read === undefined || read === kept ? kept : read);
}

function readStat({ root, reader, faults }: ProcessSource, pid: number): StatFacts | 'vanished' | 'unreadable' {
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
function readCgroup(source: ProcessSource, { pid, startTicks, state }: StatFacts): string | undefined {
  const { root, reader, faults, places } = source;
  const listed = isDeadState(state) ? undefined : places?.get(pid);
  if (listed !== undefined) return listed;
  const path = `${root}/${pid}/cgroup`;
  try {
    const cgroup = pathIn(source.cgroups, reader.readText(path));
    if (cgroup !== '/') return cgroup;
    if (isDeadState(state)) return undefined;
    const length = reader.read(`${root}/${pid}/stat`);
    const again = parseStat(reader.buffer, length);
    return again?.startTicks === startTicks && !isDeadState(again.state) ? cgroup : undefined;
  } catch (error) {
    const code = faultCodeOf(error);
    const errno = errnoOf(error);
    const message = `The cgroup of a process could not be read (${errno}): its container is known by other signs only.`;
    if (code !== 'vanished') faults.add({ code, cause: `cgroup ${errno}`, subject: path, message });
    return undefined;
  }
}

/** The path in the text of a cgroup file; a string of its own, since a slice would keep the whole text in memory. */
function pathIn(known: Map<string, string | undefined>, text: string): string | undefined {
  if (known.has(text)) return known.get(text);
  const path = parseCgroup(text);
  const own = path === undefined ? undefined : Buffer.from(path, 'latin1').toString('latin1');
  known.set(text, own);
  return own;
}

function adviceFor(errno: string): string {
  if (errno === 'EACCES' || errno === 'EPERM') return ' Run as root, or mount /proc without hidepid.';
  if (errno === 'EMFILE' || errno === 'ENFILE') return ' Raise the limit of open files.';
  return '';
}
