/** A program under measurement: started, watched through /proc, and ended in any case. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { guardExit } from '../lab/exit-guard.ts';

/** A running program. */
export interface MeasuredProcess {
  readonly pid: number;
  /** CPU time used so far, user and system, ended children included, in milliseconds (10 ms steps). */
  cpuMs(): number;
  /** VmRSS in MiB. */
  rssMib(): number;
  stop(): Promise<void>;
}

/**
 * Starts a program; its output is dropped, but for the lines on stderr if they are wanted. It ends with this process at
 * the latest, and so do its children.
 */
export function startMeasured(
  command: string,
  args: readonly string[],
  onLine?: (line: string) => void,
): MeasuredProcess {
  const stderr = onLine === undefined ? 'ignore' : 'pipe';
  const child = spawn(command, [...args], { stdio: ['ignore', 'ignore', stderr], detached: true });
  if (child.stderr !== null && onLine !== undefined) createInterface({ input: child.stderr }).on('line', onLine);
  const { pid } = child;
  if (pid === undefined) throw new Error(`${command} could not be started`);
  // The whole process group: it is the leader of one, being detached.
  const kill = (): boolean => process.kill(-pid, 'SIGKILL');
  const release = guardExit(kill);
  return {
    pid,
    cpuMs: () => cpuTicks(pid) * 10,
    rssMib: () => Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024,
    async stop() {
      release();
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      kill();
      await ended;
    },
  };
}

/** Fields 14 to 17 of proc_pid_stat(5): own and children's user and system time. */
function cpuTicks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
}

/** The middle of some values. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value below which a share of the values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
