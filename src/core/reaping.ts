/** Judges whether a process collects its dead children: by what it left lying, and where that is proof, by its signals. */

import type { Process } from './model.ts';
import { isDeadState, isStoppedState } from './process-life.ts';
import { programPath } from './program-path.ts';
import type { Reaps } from './report.ts';

/** SIGCHLD (17) in a signal mask of proc_pid_status(5). */
const SIGCHLD_BIT = 1n << 16n;

/** Handlers of the upstream pause since 3.1: INT, TERM and CHLD (L1). */
const UPSTREAM_SINCE_3_1 = 0x14002n;

/** Handlers of pause 3.0: INT and TERM. It never reaps (L1). */
const UPSTREAM_BEFORE_3_1 = 0x4002n;

/** A pause with exactly the handlers of 3.0 that does not ignore SIGCHLD either: then the kernel would reap for it. */
export function isPauseBefore31(pause: Process): boolean {
  return signalMask(pause.probe?.signalsCaught) === UPSTREAM_BEFORE_3_1 && !ignoresChild(pause);
}

function ignoresChild({ probe }: Process): boolean {
  return ((signalMask(probe?.signalsIgnored) ?? 0n) & SIGCHLD_BIT) !== 0n;
}

/** A mask of proc_pid_status(5) as a number; undefined when it was not read. */
function signalMask(hexadecimal: string | undefined): bigint | undefined {
  return hexadecimal !== undefined && /^[0-9a-f]+$/i.test(hexadecimal) ? BigInt(`0x${hexadecimal}`) : undefined;
}

/**
 * A mask alone proves little (L2): a program may wait without a handler, and a handler may do nothing. Proof is:
 * zombies seen twice under it (no), SIGCHLD ignored (yes: the kernel reaps), and for a pause the exact handlers of the
 * upstream program before and since 3.1. A stopped process is not judged by its zombies.
 */
export function judgeReaping(process: Process, zombiesUnderIt: number, isPause: boolean): Reaps {
  const canRun = !isDeadState(process.state) && !isStoppedState(process.state);
  if (zombiesUnderIt > 0 && canRun) return 'no';
  if (ignoresChild(process)) return 'yes';
  if (isPause && signalMask(process.probe?.signalsCaught) === UPSTREAM_SINCE_3_1) return 'yes';
  return isPause && isPauseBefore31(process) ? 'no' : 'unknown';
}

/**
 * Programs that were seen to leave every orphan lying as PID 1 (L3) and can do nothing else: sleep and cat never wait,
 * node and java wait for children by their PIDs alone. A shell, a Go or a Python program may do either.
 */
const NEVER_WAIT_FOR_STRANGERS = new Set(['sleep', 'cat', 'node', 'java']);

/** One file that is many programs (Alpine's and other small images' sleep): which it is, comm tells. */
const MANY_PROGRAMS = new Set(['busybox', 'toybox', 'coreutils']);

/** A program that as PID 1 never collects what it did not start; its name is the file's, not what it calls itself. */
export function isKnownNotToReap(init: Process): boolean {
  const file =
    programPath(init.probe?.exe ?? '')
      .split('/')
      .at(-1) ?? '';
  const program = MANY_PROGRAMS.has(file) ? init.comm : file;
  return NEVER_WAIT_FOR_STRANGERS.has(program) && !ignoresChild(init);
}

/**
 * Proof that a child was not started by its parent: it is in a session that is neither the parent's nor its own, so
 * an ancestor between the two made that session, and is gone.
 */
export function wasAdopted(child: Process, parent: Process): boolean {
  const { sessionId, pid } = child;
  return sessionId > 0 && parent.sessionId > 0 && sessionId !== pid && sessionId !== parent.sessionId;
}
