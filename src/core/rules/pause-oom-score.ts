/** The rule about how pause stands with the OOM killer, beside the containers of its pod. */

import type { OomScoreReason } from '../evidence/worded.ts';
import type { Severity, Verdict } from '../finding.ts';
import type { Process, RuntimeSnapshot } from '../model.ts';
import { FIRST_NAMESPACES } from '../node-namespaces.ts';
import { type ContainerScene, isAlive, type PodScene, type Scene, sandboxSubject } from '../scene.ts';
import { type LivePause, livePauses, unknownOf, unseenPauses } from './live-pauses.ts';
import { LISTED } from './rule.ts';

/** What the runtimes give pause. Containers get more; kube-proxy and the like give themselves less. */
const RUNTIME_SCORE = -998;

/**
 * pause-oom-score-adj: the OOM killer would not take pause last of its pod. Judged against the first processes of its
 * containers, never by the number alone. info where the whole runtime is restricted (L25) or in a user namespace.
 */
export function* pauseOomScoreAdj(scene: Scene): Generator<Verdict> {
  yield* unseenPauses(scene);
  const pauses = livePauses(scene);
  const lowest = lowestByRuntime(pauses);
  const restricted = new Map<RuntimeSnapshot, PodScene[]>();
  for (const { pod, process } of pauses) {
    const score = process.probe?.oomScoreAdj;
    if (score === undefined) {
      yield unknownOf(pod, process.probe, 'oomScoreAdj');
      continue;
    }
    const rivals = rivalsOf(pod, score);
    if (rivals.length === 0) continue;
    const why = explainScore(process, score, lowest.get(pod.runtime.endpoint) ?? score);
    const evidence = {
      pausePid: process.pid,
      oomScoreAdj: score,
      expected: RUNTIME_SCORE,
      explainedBy: why ?? null,
      notAbove: rivals.map(({ container, init }) => `${container.name} (${scoreOf(init) ?? '?'})`),
      raisePids: rivals.flatMap(({ init }) => tooLow(init)),
    };
    if (why === 'unknown') yield unknownOf(pod, process.probe, 'namespaces.user');
    else if (why === 'restricted-runtime') {
      restricted.set(pod.runtime, [...(restricted.get(pod.runtime) ?? []), pod]);
    } else {
      const severity: Severity = why === undefined ? 'warning' : 'info';
      yield { kind: 'finding', severity, subject: sandboxSubject(pod), evidence };
    }
  }
  yield* tellRestricted(restricted);
}

/** A restricted runtime is one fact of the node, however many pods it befalls. */
function* tellRestricted(restricted: ReadonlyMap<RuntimeSnapshot, readonly PodScene[]>): Generator<Verdict> {
  for (const [{ endpoint }, pods] of restricted) {
    const pause = pods[0]?.pause;
    const evidence = {
      endpoint,
      oomScoreAdj: (pause?.kind === 'found' ? pause.process.probe?.oomScoreAdj : undefined) ?? null,
      expected: RUNTIME_SCORE,
      explainedBy: 'restricted-runtime' satisfies OomScoreReason,
      sandboxes: pods.length,
      pods: pods.slice(0, LISTED).map(({ sandbox }) => `${sandbox.namespace}/${sandbox.name}`),
    };
    yield { kind: 'finding', severity: 'info', subject: { kind: 'node', runtimeEndpoint: endpoint }, evidence };
  }
}

/**
 * Containers that the OOM killer would take no sooner than pause. One below what any runtime gives has lowered itself
 * (kube-proxy does, to -999): that is its own choice and no fault of pause.
 */
function rivalsOf({ containers }: PodScene, score: number): ContainerScene[] {
  return containers.filter((it) => {
    const its = isAlive(it) ? scoreOf(it.init) : undefined;
    return its !== undefined && its <= score && its >= RUNTIME_SCORE;
  });
}

function scoreOf(init: ContainerScene['init']): number | undefined {
  return init.kind === 'found' ? init.process.probe?.oomScoreAdj : undefined;
}

/** PID of a first process as low as pause can be put: putting pause right does not help against it (case 37). */
function tooLow(init: ContainerScene['init']): string[] {
  return init.kind === 'found' && scoreOf(init) === RUNTIME_SCORE ? [String(init.process.pid)] : [];
}

/** Every pause of a restricted runtime has the runtime's own score: the lowest among them. */
function lowestByRuntime(pauses: readonly LivePause[]): Map<string, number> {
  const lowest = new Map<string, number>();
  for (const { pod, process } of pauses) {
    const score = process.probe?.oomScoreAdj;
    const { endpoint } = pod.runtime;
    if (score !== undefined) lowest.set(endpoint, Math.min(score, lowest.get(endpoint) ?? score));
  }
  return lowest;
}

function explainScore({ probe }: Process, score: number, lowest: number): OomScoreReason | 'unknown' | undefined {
  if (score <= RUNTIME_SCORE) return undefined;
  if (lowest > RUNTIME_SCORE && score === lowest) return 'restricted-runtime';
  const user = probe?.namespaces.user;
  if (user === undefined) return 'unknown';
  return user === FIRST_NAMESPACES.user ? undefined : 'user-namespace';
}
