/** Rules about sandboxes that nobody needs any more: the newest of a pod never is one. */
import type { LeakedReadyReason } from '../evidence/worded.ts';
import type { Evidence, Verdict } from '../finding.ts';
import type { Superseded } from '../generations.ts';
import { type PodScene, type Scene, sandboxSubject } from '../scene.ts';

/** sandbox-leaked-notready: ended, replaced by a newer sandbox of its pod, and its record is still there. */
export function* sandboxLeakedNotready(scene: Scene): Generator<Verdict> {
  yield* ofSilentRuntimes(scene);
  for (const superseded of scene.superseded) {
    const { pod, next } = superseded;
    if (pod.sandbox.state !== 'notready' || hasRunning(pod)) continue;
    yield* leaked(scene, pod, next.sandbox.createdAtMs, {
      ...attempts(superseded),
      containers: pod.containers.length,
    });
  }
}

/** sandbox-leaked-ready: ready and without a purpose: replaced by a newer one, or without any container for long. */
export function* sandboxLeakedReady(scene: Scene): Generator<Verdict> {
  yield* ofSilentRuntimes(scene);
  const judged = scene.superseded.filter(({ pod }) => pod.sandbox.state === 'ready');
  for (const superseded of judged) {
    const { pod, next } = superseded;
    if (hasRunning(pod)) continue;
    const facts = { reason: 'superseded' satisfies LeakedReadyReason, ...attempts(superseded), ...pauseFacts(pod) };
    yield* leaked(scene, pod, next.sandbox.createdAtMs, facts);
  }
  const replaced = new Set(judged.map(({ pod }) => pod));
  for (const pod of scene.pods) {
    if (!pod.runtime.up || replaced.has(pod) || pod.sandbox.state !== 'ready' || pod.containers.length > 0) continue;
    if (scene.snapshot.takenAtMs - pod.sandbox.createdAtMs < scene.policy.leakWarnAgeMs) continue;
    const reason: LeakedReadyReason = 'no-containers';
    const { attempt } = pod.sandbox;
    const facts = { reason, attempt, newestAttempt: attempt, ...pauseFacts(pod) };
    yield* leaked(scene, pod, pod.sandbox.createdAtMs, facts);
  }
}

/** sandbox-duplicate: more than one ready sandbox of one pod; each but the newest is one too many. */
export function* sandboxDuplicate(scene: Scene): Generator<Verdict> {
  yield* ofSilentRuntimes(scene);
  for (const superseded of scene.superseded) {
    const { pod, newest, next } = superseded;
    if (pod.sandbox.state !== 'ready' || newest.sandbox.state !== 'ready') continue;
    const sinceMs = next.sandbox.createdAtMs;
    const ageMs = scene.snapshot.takenAtMs - sinceMs;
    const evidence = {
      ...attempts(superseded),
      runningContainers: pod.containers.filter(({ container }) => container.state === 'running').length,
      ageSeconds: Math.round(ageMs / 1000),
    };
    const severity = ageMs < scene.policy.overlapGraceMs ? 'info' : 'warning';
    yield { kind: 'finding', severity, subject: sandboxSubject(pod), evidence, heldSinceMs: sinceMs };
  }
}

/** A list that is not of this moment says nothing about what should be gone. */
function* ofSilentRuntimes({ pods }: Scene): Generator<Verdict> {
  for (const pod of pods) {
    if (!pod.runtime.up) yield { kind: 'unknown', subject: sandboxSubject(pod), reason: 'silent' };
  }
}

function* leaked(scene: Scene, pod: PodScene, sinceMs: number, facts: Evidence): Generator<Verdict> {
  const { snapshot, policy } = scene;
  const subject = sandboxSubject(pod);
  const ageMs = snapshot.takenAtMs - sinceMs;
  if (ageMs < policy.overlapGraceMs) return;
  const { bootTimeMs } = snapshot.kernel;
  if (bootTimeMs === undefined) {
    yield { kind: 'unknown', subject, reason: 'silent' };
    return;
  }
  const isOfLastBoot = pod.sandbox.createdAtMs < bootTimeMs;
  const severity = ageMs < policy.leakWarnAgeMs ? 'info' : 'warning';
  const evidence = { ...facts, ageSeconds: Math.round(ageMs / 1000), beforeBoot: isOfLastBoot };
  yield { kind: 'finding', severity, subject, evidence, heldSinceMs: sinceMs };
}

function hasRunning({ containers }: PodScene): boolean {
  return containers.some(({ container }) => container.state === 'running');
}

function attempts({ pod, newest }: Superseded) {
  return {
    sandboxId: pod.sandbox.id,
    attempt: pod.sandbox.attempt,
    newestSandboxId: newest.sandbox.id,
    newestAttempt: newest.sandbox.attempt,
  };
}

function pauseFacts({ sandbox, pause }: PodScene) {
  return { sandboxId: sandbox.id, pausePid: pause.kind === 'found' ? pause.process.pid : null };
}
