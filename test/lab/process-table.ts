// The lab's own look at /proc: who lives, who is whose parent, who belongs to which lab.
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** One line of the process table. */
export interface TableEntry {
  /** PID as this process sees it. */
  readonly pid: number;
  /** Start time in clock ticks since boot: proc_pid_stat(5) field 22. */
  readonly startTicks: number;
  /** proc_pid_stat(5) field 2, at most 15 bytes, read as latin1 so that no byte is lost. */
  readonly comm: string;
  /** proc_pid_stat(5) field 3: `Z` is a zombie, `T` stopped. */
  readonly state: string;
  /** proc_pid_stat(5) field 4. */
  readonly ppid: number;
  /** proc_pid_stat(5) field 20. */
  readonly threads: number;
}

/** One process, or undefined when it is gone. */
export function readProcess(pid: number): TableEntry | undefined {
  const stat = readOrNothing(`/proc/${pid}/stat`, 'latin1');
  const open = stat.indexOf('(');
  const close = stat.lastIndexOf(')');
  if (open < 0 || close < open) return undefined;
  const fields = stat.slice(close + 2).split(' ');
  return {
    pid,
    comm: stat.slice(open + 1, close),
    state: fields[0] ?? '?',
    ppid: Number(fields[1]),
    threads: Number(fields[17]),
    startTicks: Number(fields[19]),
  };
}

/** Every process there is. */
export function listProcesses(): TableEntry[] {
  const entries: TableEntry[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const entry = readProcess(Number(name));
    if (entry !== undefined) entries.push(entry);
  }
  return entries;
}

/** Command line with spaces between the words; empty for kernel threads, zombies and what is gone. */
export function readCommandLine(pid: number): string {
  return readOrNothing(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').trim();
}

/** All of /proc/PID/cgroup. Of a zombie on cgroup v1 only the `0::` line still names its cgroup. */
export function readCgroups(pid: number): string {
  return readOrNothing(`/proc/${pid}/cgroup`, 'utf8');
}

/** Sends a signal; a process that is gone is not an error. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Gone already (ESRCH): what was wanted.
  }
}

/**
 * SIGSTOP to a process, and the wait until all its threads have stopped: one of them has to run to take the signal, and on
 * a busy machine the others go on until it did.
 */
export async function freeze(pid: number): Promise<void> {
  signal(pid, 'SIGSTOP');
  while (listThreads(pid).some((stat) => !/^[TtZX]/.test(stat.slice(stat.lastIndexOf(')') + 2)))) await sleep(5);
}

/** The stat file of every thread; of a process that is gone none. */
function listThreads(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map((tid) => readOrNothing(`/proc/${pid}/task/${tid}/stat`, 'latin1'));
  } catch {
    return [];
  }
}

function readOrNothing(path: string, encoding: 'utf8' | 'latin1'): string {
  try {
    return readFileSync(path, encoding);
  } catch {
    return '';
  }
}
