/** Parses /proc/PID/stat (proc_pid_stat(5)): the one file that is read of every process, so written for speed. */

/** What pausewatch takes from the stat line. */
export interface StatFacts {
  /** Field 1. */
  readonly pid: number;
  /** Field 2: any bytes, decoded as UTF-8 with replacement characters. */
  readonly comm: string;
  /** Field 3: one letter. */
  readonly state: string;
  /** Field 4; 0 when the parent is outside the PID namespace of the procfs. */
  readonly ppid: number;
  /** Field 6: the session; 0 when its leader is outside the PID namespace of the procfs, or the process is just collected. */
  readonly sessionId: number;
  /** Fields 14 and 15: user and system time, in clock ticks. */
  readonly cpuTicks: number;
  /** Field 20; 0 in the moment a zombie is collected. */
  readonly threads: number;
  /** Field 22: clock ticks since boot. */
  readonly startTicks: number;
}

const SPACE = 0x20;
const OPEN = 0x28;
const CLOSE = 0x29;
const ZERO = 0x30;
const NINE = 0x39;
const MALFORMED = -1;

/**
 * Parses the first `length` bytes of `buffer`; undefined when they are no stat line. comm is whatever the process
 * calls itself, ") Z 1" included; no later field can hold a parenthesis, so the last one ends it.
 */
export function parseStat(buffer: Buffer, length: number): StatFacts | undefined {
  const close = lastClose(buffer, length);
  const open = skipFields(buffer, 0, close, 1);
  if (open < 2 || buffer[open] !== OPEN) return undefined;
  const pid = numberAt(buffer, 0, open);
  const stateAt = close + 2;
  if (buffer[close + 1] !== SPACE || buffer[close + 3] !== SPACE || !isLetter(buffer[stateAt])) return undefined;
  const field4 = close + 4;
  const field6 = skipFields(buffer, field4, length, 2);
  const field14 = skipFields(buffer, field6, length, 8);
  const field15 = skipFields(buffer, field14, length, 1);
  const field20 = skipFields(buffer, field15, length, 5);
  const field22 = skipFields(buffer, field20, length, 2);
  const ppid = numberAt(buffer, field4, length);
  const sessionId = Math.max(0, numberAt(buffer, field6, length));
  const userTicks = numberAt(buffer, field14, length);
  const systemTicks = numberAt(buffer, field15, length);
  const threads = numberAt(buffer, field20, length);
  const startTicks = numberAt(buffer, field22, length);
  if (pid < 1 || ppid < 0 || userTicks < 0 || systemTicks < 0 || threads < 0 || startTicks < 0) return undefined;
  const comm = decodeComm(buffer, open + 1, close);
  const state = String.fromCharCode(buffer[stateAt] ?? 0);
  return { pid, comm, state, ppid, sessionId, cpuTicks: userTicks + systemTicks, threads, startTicks };
}

function lastClose(buffer: Buffer, length: number): number {
  let at = Math.min(length, buffer.length) - 1;
  while (at >= 0 && buffer[at] !== CLOSE) at--;
  return at;
}

/** Start of the field that comes `count` fields after `from`; `end` when there are not so many. */
function skipFields(buffer: Buffer, from: number, end: number, count: number): number {
  let at = from;
  for (let left = count; left > 0 && at < end; at++) {
    if (buffer[at] === SPACE) left--;
  }
  return at;
}

/** The whole number of a field that ends with white space; MALFORMED for anything else, cut lines included. */
function numberAt(buffer: Buffer, from: number, end: number): number {
  let value = 0;
  for (let at = from; at < end; at++) {
    const byte = buffer[at] ?? 0;
    if (byte < ZERO || byte > NINE)
      return byte === SPACE && at > from && value <= Number.MAX_SAFE_INTEGER ? value : MALFORMED;
    value = value * 10 + (byte - ZERO);
  }
  return MALFORMED;
}

function isLetter(byte: number | undefined): boolean {
  const lower = (byte ?? 0) | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}

function decodeComm(buffer: Buffer, start: number, end: number): string {
  for (let at = start; at < end; at++) {
    if ((buffer[at] ?? 0) > 0x7f) return buffer.toString('utf8', start, end);
  }
  return buffer.toString('latin1', start, end);
}
