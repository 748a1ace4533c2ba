/** Remembers, for each pod that exists, which sandboxes it had lately and how long each lived at most. */
import { groupBy } from './group-by.ts';
import type { NodeSnapshot, PodSandbox } from './model.ts';

/** The life of one sandbox. */
export interface SandboxLife {
  readonly id: string;
  readonly attempt: number;
  /** Milliseconds since the epoch. */
  readonly createdAtMs: number;
  /** It had ended by then (first seen so or gone, or its successor was made); undefined while it lives. */
  readonly endedByMs: number | undefined;
}

/** Sandboxes kept per pod: as many as say anything, however fast they come. */
const MOST_LIVES = 16;

/** One string per pod. The UID alone is not enough: pods made by hand are often given the same one. */
export function podKey({ namespace, name, uid }: PodSandbox): string {
  return `${namespace}/${name}/${uid}`;
}

/** Carries the lives one look further: those made within the window, of pods the runtimes still list. */
export function rememberLives(
  snapshot: NodeSnapshot,
  before: ReadonlyMap<string, readonly SandboxLife[]>,
  windowMs: number,
): Map<string, readonly SandboxLife[]> {
  const lives = new Map<string, readonly SandboxLife[]>();
  const byPod = groupBy(
    snapshot.runtimes.flatMap(({ sandboxes }) => sandboxes),
    podKey,
  );
  for (const [key, sandboxes] of byPod) {
    const known = before.get(key) ?? [];
    const seen = sandboxes.map((sandbox) => lifeOf(sandbox, known, snapshot.takenAtMs));
    const listed = new Set(sandboxes.map(({ id }) => id));
    const gone = known.filter(({ id }) => !listed.has(id)).map((life) => endBy(life, snapshot.takenAtMs));
    const ordered = [...gone, ...seen].toSorted((a, b) => a.createdAtMs - b.createdAtMs || a.attempt - b.attempt);
    const recent = ordered.filter(({ createdAtMs }) => snapshot.takenAtMs - createdAtMs <= windowMs);
    if (recent.length > 0) lives.set(key, endBySuccessor(recent.slice(-MOST_LIVES)));
  }
  return lives;
}

function endBy(life: SandboxLife, ms: number): SandboxLife {
  return life.endedByMs === undefined ? { ...life, endedByMs: ms } : life;
}

function lifeOf(sandbox: PodSandbox, known: readonly SandboxLife[], nowMs: number): SandboxLife {
  const { id, attempt, createdAtMs, state } = sandbox;
  const endedByMs = known.find((life) => life.id === id)?.endedByMs ?? (state === 'notready' ? nowMs : undefined);
  return { id, attempt, createdAtMs, endedByMs };
}

/** A pod has one sandbox at a time: when the next was made this one had ended. */
function endBySuccessor(lives: readonly SandboxLife[]): SandboxLife[] {
  return lives.map((life, index) => {
    const next = lives[index + 1];
    if (life.endedByMs === undefined || next === undefined) return life;
    return { ...life, endedByMs: Math.min(life.endedByMs, next.createdAtMs) };
  });
}
