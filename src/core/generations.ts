/** Puts the sandboxes of one pod in the order of their making: which is the newest, and which came after which. */
import { podKey } from './churn.ts';
import { groupBy } from './group-by.ts';
import type { PodScene } from './scene.ts';

/** A sandbox that is not the newest of its pod. */
export interface Superseded {
  readonly pod: PodScene;
  /** The one that was made right after it. */
  readonly next: PodScene;
  readonly newest: PodScene;
}

/** Sandboxes of every pod that has several, oldest first. A pod without a UID (made by hand) has no generations. */
function generationsOf(pods: readonly PodScene[]): readonly (readonly PodScene[])[] {
  const withUid = pods.filter(({ sandbox }) => sandbox.uid !== '');
  const keyOf = ({ runtime, sandbox }: PodScene): string => `${runtime.endpoint} ${podKey(sandbox)}`;
  // Nearly every UID is there once, and then nothing else is asked of it.
  return severalBy(withUid, ({ sandbox }) => sandbox.uid)
    .flatMap((sameUid) => severalBy(sameUid, keyOf))
    .map((generation) => generation.toSorted(byMaking));
}

function severalBy(pods: readonly PodScene[], keyOf: (pod: PodScene) => string): readonly PodScene[][] {
  return [...groupBy(pods, keyOf).values()].filter(({ length }) => length > 1);
}

/** Every sandbox that is not the newest of its pod. */
export function supersededOf(pods: readonly PodScene[]): readonly Superseded[] {
  return generationsOf(pods).flatMap((generation) =>
    generation.flatMap((pod, i): Superseded[] => {
      const [next, newest] = [generation[i + 1], generation.at(-1)];
      return next === undefined || newest === undefined ? [] : [{ pod, next, newest }];
    }),
  );
}

function byMaking(a: PodScene, b: PodScene): number {
  return a.sandbox.attempt - b.sandbox.attempt || a.sandbox.createdAtMs - b.sandbox.createdAtMs;
}
