/** Judges whether a process collects its dead children: by what it left lying, and where that is proof, by its signals. */
import type { Process } from './model.ts';
import type { Reaps } from './report.ts';

/** SIGCHLD (17) in a signal mask of proc_pid_status(5). */
const SIGCHLD_BIT = 1n << 16n;

/** Handlers of the upstream pause since 3.1: INT, TERM and CHLD (L1). */
const UPSTREAM_SINCE_3_1 = 0x14002n;

/** Handlers of pause 3.0: INT and TERM. It never reaps (L1). */
export const UPSTREAM_BEFORE_3_1 = 0x4002n;

/** A mask of proc_pid_status(5) as a number; undefined when it was not read. */
export function signalMask(hexadecimal: string | undefined): bigint | undefined {
  return hexadecimal === undefined ? undefined : BigInt(`0x${hexadecimal}`);
}

/**
 * A mask alone proves little (L2): a program may wait without a handler, and a handler may do nothing. Proof is:
 * zombies seen twice under it (no), SIGCHLD ignored (yes: the kernel reaps), and for a pause the exact handlers of the
 * upstream program before and since 3.1. A stopped process is not judged by its zombies.
 */
export function judgeReaping(process: Process, zombiesUnderIt: number, isPause: boolean): Reaps {
  const caught = signalMask(process.probe?.signalsCaught);
  const ignored = signalMask(process.probe?.signalsIgnored);
  const canRun = !['T', 't', 'Z', 'X'].includes(process.state);
  if (zombiesUnderIt > 0 && canRun) return 'no';
  if (ignored !== undefined && (ignored & SIGCHLD_BIT) !== 0n) return 'yes';
  if (isPause && caught === UPSTREAM_SINCE_3_1) return 'yes';
  return isPause && caught === UPSTREAM_BEFORE_3_1 ? 'no' : 'unknown';
}
