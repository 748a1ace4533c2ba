/** Says how the pause process of a sandbox is, by what the runtime and the kernel say of it. */

import type { NamedProcess } from './attribute.ts';
import type { PodSandbox, Process } from './model.ts';
import { isDeadState, isStoppedState } from './process-life.ts';
import type { PauseHealth } from './report.ts';

/** The kernel function in which PID 1 of a namespace waits, once killed, until every other member was collected. */
const DYING_IN = 'zap_pid_ns_processes';

/** Where tasks wait that cgroup v1 froze (state D, L10). Those that v2 froze sleep like any other (state S). */
const FROZEN_IN = '__refrigerator';

/** Judges one pause; `isFrozenByV2` is the word of cgroup v2. */
export function judgePause(sandbox: PodSandbox, pause: NamedProcess, isFrozenByV2: boolean): PauseHealth {
  switch (pause.kind) {
    case 'none':
      return sandbox.pause.kind === 'none' && sandbox.pause.reason === 'exited' ? 'dead' : 'none';
    case 'unknown':
      return 'unknown';
    case 'gone':
      return 'dead';
    case 'reused':
      // CRI-O goes on telling the PID of a pause that has ended.
      return sandbox.state === 'notready' ? 'dead' : 'mismatch';
    case 'found':
      return healthOf(pause.process, isFrozenByV2);
    default:
      return pause satisfies never;
  }
}

function healthOf(process: Process, isFrozenByV2: boolean): PauseHealth {
  const { state } = process;
  if (isDeadState(state)) return 'zombie';
  if (isDying(process)) return 'dying';
  return isStoppedState(state) || isFrozen(process, isFrozenByV2) ? 'stopped' : 'alive';
}

/** It has been killed and waits for the rest of its PID namespace. */
export function isDying({ probe }: Process): boolean {
  return probe?.wchan === DYING_IN;
}

/** It cannot run because its cgroup is frozen. */
export function isFrozen({ probe }: Process, isFrozenByV2: boolean): boolean {
  return isFrozenByV2 || probe?.wchan === FROZEN_IN;
}
