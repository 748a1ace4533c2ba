/** Reads what concerns the node as a whole: boot time and how many tasks it may have, and whether that can be trusted. */
import { readlinkSync } from 'node:fs';
import { parseBootTimeMs, parseCount, parseKernelRelease, parseNamespaceLink } from '../parse/counters.ts';
import type { BytesReader } from '../reading/bytes-reader.ts';
import { errnoOf, type FaultTally, faultCodeOf } from '../reading/fault-tally.ts';

/** Inode of the node's own, initial PID namespace (PROC_PID_INIT_INO of the kernel, fixed since Linux 3.8). */
const INITIAL_PID_NAMESPACE = 4026531836;

/** Where to read and what is known beforehand. */
export interface NodeFactsOptions {
  /** Where procfs is mounted. */
  readonly root: string;
  readonly reader: BytesReader;
  /** PID of this process in its own PID namespace. */
  readonly ownPid: number;
  /** kernel.pid_max as told by the operator; wins over the file. */
  readonly pidMax?: number | undefined;
  readonly faults: FaultTally;
}

/** btime of proc_stat(5), milliseconds since the epoch. */
export function readBootTimeMs({ root, reader, faults }: NodeFactsOptions): number | undefined {
  return readFact(reader, `${root}/stat`, parseBootTimeMs, faults);
}

/** kernel.threads-max (proc_sys_kernel(5)): the node's for every reader. */
export function readThreadsMax({ root, reader, faults }: NodeFactsOptions): number | undefined {
  return readFact(reader, `${root}/sys/kernel/threads-max`, parseCount, faults);
}

/** kernel.pid_max (proc_sys_kernel(5)) of the node; undefined with a fault where the file may tell another one. */
export function readPidMax(options: NodeFactsOptions): number | undefined {
  const { root, reader, pidMax, faults } = options;
  if (pidMax !== undefined) return pidMax;
  const path = `${root}/sys/kernel/pid_max`;
  if (tellsPidMaxOfNode(options)) return readFact(reader, path, parseCount, faults);
  const message =
    'kernel.pid_max belongs to the PID namespace of its reader since Linux 6.14, and this agent is not in the ' +
    "node's: run it with hostPID, or tell the node's value with --node.pid-max.";
  faults.add({ code: 'unsupported', cause: 'pid-max', subject: path, message });
  return undefined;
}

/**
 * Before Linux 6.14 there is one pid_max for all. Since then the file answers for whoever reads it, whichever procfs
 * it is read through, so the reader itself must be in the initial PID namespace: `self` must be our own PID (this is
 * a procfs that knows us by the PID we have) and its PID namespace the initial one (not that of a container
 * with a procfs of its own, nor of a node inside a container).
 */
function tellsPidMaxOfNode({ root, reader, ownPid }: NodeFactsOptions): boolean {
  try {
    const release = parseKernelRelease(reader.readText(`${root}/sys/kernel/osrelease`));
    if (release !== undefined && (release.major < 6 || (release.major === 6 && release.minor < 14))) return true;
    if (readlinkSync(`${root}/self`) !== String(ownPid)) return false;
    return parseNamespaceLink(readlinkSync(`${root}/${ownPid}/ns/pid`)) === INITIAL_PID_NAMESPACE;
  } catch {
    // A dangling `self` (we are not in this procfs at all) is the usual reason; the caller reports the outcome.
    return false;
  }
}

function readFact(
  reader: BytesReader,
  path: string,
  parse: (text: string) => number | undefined,
  faults: FaultTally,
): number | undefined {
  try {
    const value = parse(reader.readText(path));
    if (value !== undefined) return value;
    faults.add({
      code: 'malformed',
      cause: path,
      subject: path,
      message: `${path} does not hold the expected number.`,
    });
  } catch (error) {
    const errno = errnoOf(error);
    const code = faultCodeOf(error) === 'vanished' ? 'unsupported' : faultCodeOf(error);
    faults.add({ code, cause: `${path} ${errno}`, subject: path, message: `${path} could not be read (${errno}).` });
  }
  return undefined;
}
