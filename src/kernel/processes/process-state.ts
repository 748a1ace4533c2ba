/** Reads the identity and state of one process: cheap enough to watch every pause of a node once a second. */
import type { Known } from '../../core/model.ts';
import { parseStat } from '../parse/stat.ts';
import type { BytesReader } from '../reading/bytes-reader.ts';
import { faultCodeOf } from '../reading/fault-tally.ts';

/** Who a PID is now, and how it is. */
export interface ProcessState {
  /** Clock ticks since boot; another value than before means another process. */
  readonly startTicks: number;
  /** One letter of proc_pid_stat(5): R, S, D, T, t, Z, X, I. */
  readonly state: string;
}

/** Reads `<root>/<pid>/stat`: `vanished` is a process that is gone; any other reason says nothing about it. */
export function readProcessState(root: string, reader: BytesReader, pid: number): Known<ProcessState> {
  try {
    const length = reader.read(`${root}/${pid}/stat`);
    const facts = parseStat(reader.buffer, length);
    if (facts?.pid !== pid) return { unknown: 'malformed' };
    return { value: { startTicks: facts.startTicks, state: facts.state } };
  } catch (error) {
    return { unknown: faultCodeOf(error) };
  }
}
