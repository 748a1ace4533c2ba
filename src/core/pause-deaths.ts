/** Counts the pauses that died although nobody stopped their sandbox, each once and with what is known of its end. */
import type { AuditMemory } from './memory.ts';
import type { PauseEnd } from './model.ts';
import type { PauseDeathReason } from './report.ts';
import { tellsPauseEnd } from './runtime-knowledge.ts';
import { isAlive, type PodScene, type Scene } from './scene.ts';

/** Deaths of one audit, and what the next must know. */
export interface PauseDeaths {
  readonly deaths: readonly PauseDeathReason[];
  /** Sandboxes whose pause is alive, or was when it was last seen. */
  readonly livePauses: ReadonlySet<string>;
  /** Sandboxes whose pause has just died: whether anybody stopped them, and how it ended, the runtime tells a moment later. */
  readonly undecidedDeaths: ReadonlySet<string>;
}

/** Compares the pauses of this audit with those that the last one saw alive. */
export function countPauseDeaths(
  { pods }: Scene,
  { livePauses, undecidedDeaths }: Pick<AuditMemory, 'livePauses' | 'undecidedDeaths'>,
): PauseDeaths {
  const [alive, undecided] = [new Set<string>(), new Set<string>()];
  const deaths: PauseDeathReason[] = [];
  for (const pod of pods) {
    const { id, pauseEnd } = pod.sandbox;
    const wasAlive = livePauses.has(id);
    if (isLive(pod) || (wasAlive && pod.pauseHealth === 'unknown')) alive.add(id);
    else if (wasAlive && isDead(pod) && !isDecided(pod)) undecided.add(id);
    else if ((wasAlive || undecidedDeaths.has(id)) && diedUncalled(pod)) deaths.push(reasonOf(pauseEnd));
  }
  return { deaths, livePauses: alive, undecidedDeaths: undecided };
}

function isLive({ pauseHealth }: PodScene): boolean {
  return pauseHealth === 'alive' || pauseHealth === 'stopped' || pauseHealth === 'dying';
}

function isDead({ pauseHealth }: PodScene): boolean {
  return pauseHealth === 'dead' || pauseHealth === 'zombie';
}

/** Nothing more will be known of this death: containers outlived it, and the runtime has said how it ended or never will. */
function isDecided({ runtime, sandbox, containers }: PodScene): boolean {
  return containers.some(isAlive) && (sandbox.pauseEnd !== undefined || !tellsPauseEnd(runtime));
}

/**
 * Dead although nobody stopped the sandbox: it still is ready, its containers run on, or the runtime knows that pause
 * was killed. What ends in order (a finished Job, a pod that is deleted) is none of these.
 */
function diedUncalled(pod: PodScene): boolean {
  const { sandbox, containers } = pod;
  const wasKilled = sandbox.pauseEnd !== undefined && reasonOf(sandbox.pauseEnd) !== 'exit';
  return isDead(pod) && (sandbox.state === 'ready' || containers.some(isAlive) || wasKilled);
}

/** Exit codes above 128 stand for the signal that ended the process. */
function reasonOf(end: PauseEnd | undefined): PauseDeathReason {
  if (end === undefined) return 'unknown';
  if (end.oomKilled) return 'oom';
  return end.exitCode > 128 ? 'signal' : 'exit';
}
