/** Rules about sandboxes that do not last: a pod whose sandbox is made again and again. */
import { podKey, type SandboxLife } from '../churn.ts';
import type { Subject, Verdict } from '../finding.ts';
import { groupBy } from '../group-by.ts';
import { type PodScene, type Scene, sandboxSubject } from '../scene.ts';

/** pause-exits-early: sandboxes of one pod end within seconds of their start, one after the other. */
export function* pauseExitsEarly(scene: Scene): Generator<Verdict> {
  for (const { pod, lives } of podsWithLives(scene)) {
    const early = earlyDeaths(scene, lives);
    if (early.length < scene.policy.exitsEarlyCount) continue;
    const shortestMs = Math.min(...early.map(lifetimeMs));
    const evidence = {
      endedEarly: early.length,
      shortestSeconds: Math.ceil(shortestMs / 1000),
      attempt: pod.sandbox.attempt,
      image: pod.sandbox.imageRef ?? null,
    };
    yield { kind: 'finding', severity: 'critical', subject: podSubject(pod), evidence };
  }
}

/** sandbox-churn: the sandbox of one pod was replaced several times lately; silent where pause-exits-early says why. */
export function* sandboxChurn(scene: Scene): Generator<Verdict> {
  const { policy } = scene;
  for (const { pod, lives } of podsWithLives(scene)) {
    // The first sandbox replaces none. Attempts that came and went between two looks show in the numbers.
    const replacing = lives.filter(({ attempt }) => attempt > 0);
    const attempts = lives.map(({ attempt }) => attempt);
    const replaced = Math.max(replacing.length, Math.max(...attempts) - Math.min(...attempts));
    if (replaced < policy.churnCount || earlyDeaths(scene, lives).length >= policy.exitsEarlyCount) continue;
    const evidence = {
      replaced,
      withinSeconds: Math.round(policy.churnWindowMs / 1000),
      attempt: pod.sandbox.attempt,
      sharedPidNamespace: pod.sharesPid ?? null,
    };
    yield { kind: 'finding', severity: 'warning', subject: podSubject(pod), evidence };
  }
}

/** The newest sandbox of each pod, with the lives since boot: what a boot ended says nothing (case 63). */
function* podsWithLives(scene: Scene): Generator<{ pod: PodScene; lives: readonly SandboxLife[] }> {
  const bootMs = scene.snapshot.kernel.bootTimeMs ?? 0;
  for (const [key, pods] of groupBy(scene.pods, ({ sandbox }) => podKey(sandbox))) {
    const newest = pods.reduce((a, b) => (b.sandbox.createdAtMs >= a.sandbox.createdAtMs ? b : a));
    const lives = (scene.lives.get(key) ?? []).filter(({ createdAtMs }) => createdAtMs >= bootMs);
    if (lives.length > 1) yield { pod: newest, lives };
  }
}

/** A last sandbox that ended is left out: its pod may have been deleted at once. */
function earlyDeaths({ policy }: Scene, lives: readonly SandboxLife[]): readonly SandboxLife[] {
  return lives.slice(0, -1).filter((life) => lifetimeMs(life) <= policy.exitsEarlyWithinMs);
}

function lifetimeMs({ createdAtMs, endedByMs }: SandboxLife): number {
  return (endedByMs ?? Number.POSITIVE_INFINITY) - createdAtMs;
}

function podSubject(pod: PodScene): Subject {
  return { ...sandboxSubject(pod), podKey: podKey(pod.sandbox) };
}
