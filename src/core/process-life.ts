/** What the stat line of a process tells of its life: when it began, whether it is over, whether it can go on. */
import { type Process, TICKS_PER_SECOND } from './model.ts';

/** Dead by its state letter (proc_pid_stat(5)): a zombie, or in the moment of being collected. */
export function isDeadState(state: string): boolean {
  return state === 'Z' || state === 'X' || state === 'x';
}

/** Stopped by a signal (T) or held by a debugger (t). */
export function isStoppedState(state: string): boolean {
  return state === 'T' || state === 't';
}

/** When a process started, milliseconds since the epoch. */
export function startMs({ startTicks }: Pick<Process, 'startTicks'>, bootTimeMs: number): number {
  return bootTimeMs + (startTicks * 1000) / TICKS_PER_SECOND;
}

/** The same; undefined without a boot time. */
export function startedAtMs(process: Pick<Process, 'startTicks'>, bootTimeMs: number | undefined): number | undefined {
  return bootTimeMs === undefined ? undefined : startMs(process, bootTimeMs);
}
