/** Rules about PID limits: what is nearly full, what is full, and whether the whole node is. */

import type { Evidence, Verdict } from '../finding.ts';
import { limitOf, type PidLimit, shareOf } from '../pids.ts';
import { isFinished, type PodScene, type Scene, sandboxSubject } from '../scene.ts';
import { LISTED } from './rule.ts';

/** pid-limit-hit: a fork was refused since the audit before or shortly ago, or the next one will be. */
export function* pidLimitHit(scene: Scene): Generator<Verdict> {
  for (const pod of scene.pods) {
    if (isUnread(pod)) yield unread(pod, scene);
    if (isFinished(pod) || !isHit(pod, scene)) continue;
    const { refusals } = pod;
    const lastRefusedSecondsAgo =
      refusals === undefined ? null : Math.round((scene.snapshot.takenAtMs - refusals.lastMs) / 1000);
    const evidence = { ...describe(pod), refused: refusals?.count ?? 0, lastRefusedSecondsAgo };
    yield { kind: 'finding', severity: 'critical', subject: sandboxSubject(pod), evidence };
  }
}

/** pid-limit-near: a limit of the pod or of a container is nearly used up. */
export function* pidLimitNear(scene: Scene): Generator<Verdict> {
  for (const pod of scene.pods) {
    if (isUnread(pod)) yield unread(pod, scene);
    if (isFinished(pod) || isHit(pod, scene)) continue;
    if ((pod.pids.utilization ?? 0) < scene.policy.pidLimitNearUtilization) continue;
    const evidence = { ...describe(pod), exhaustedInSeconds: pod.exhaustedInSeconds ?? null };
    yield { kind: 'finding', severity: 'warning', subject: sandboxSubject(pod), evidence };
  }
}

/** node-pid-exhaustion: the limit of all pods together, or of the node, is nearly used up: nothing can fork then. */
export function* nodePidExhaustion(scene: Scene): Generator<Verdict> {
  const { kernel } = scene.snapshot;
  const { kubepods, limits: ofNode } = scene.nodePids;
  const limits = [...kubepods.flatMap((cgroup) => limitOf('kubepods', cgroup)), ...ofNode];
  const [worst] = limits.toSorted((a, b) => shareOf(b) - shareOf(a));
  if (!kernel.procfsUp || !kernel.cgroupfsUp) yield { kind: 'unknown', subject: { kind: 'node' }, reason: 'silent' };
  if (worst === undefined || shareOf(worst) < scene.policy.nodePidUtilization) return;
  const { from, limit, current } = worst;
  const largest = scene.pods.toSorted((a, b) => (b.pids.current ?? 0) - (a.pids.current ?? 0)).slice(0, LISTED);
  const evidence = {
    limitFrom: from,
    limit,
    current,
    zombies: scene.census.confirmed?.length ?? null,
    pods: largest.map(({ sandbox, pids }) => `${sandbox.namespace}/${sandbox.name}: ${pids.current ?? 0}`),
  };
  yield { kind: 'finding', severity: 'critical', subject: { kind: 'node' }, evidence };
}

function isHit({ pids, refusals }: PodScene, { snapshot, policy }: Scene): boolean {
  const isFull = pids.fullest !== undefined && pids.fullest.current >= pids.fullest.limit;
  return isFull || (refusals !== undefined && snapshot.takenAtMs - refusals.lastMs <= policy.pidLimitHitHoldMs);
}

/** Zombies apart from what lives: only one of the two is a reaper's fault (case 64). */
function describe({ pids, zombies, containers, sandbox }: PodScene): Evidence {
  const shown: Pick<PidLimit, 'from' | 'limit' | 'current'> | undefined = pids.fullest;
  const tasks = shown?.current ?? pids.current;
  const container = containers.find(({ container: { id } }) => shown !== undefined && isCgroupOf(pids.fullest, id));
  return {
    tasks: tasks ?? null,
    limit: shown?.limit ?? null,
    limitFrom: shown?.from ?? pids.limitFrom,
    container: container?.container.name ?? null,
    zombies: (container ?? { zombies }).zombies?.length ?? null,
    runtimeHandler: sandbox.runtimeHandler,
  };
}

function isCgroupOf(limit: PidLimit | undefined, id: string): boolean {
  return limit?.path?.includes(id) === true;
}

/** Something of it runs and no cgroup of it could be read. */
function isUnread({ pids, pause }: PodScene): boolean {
  return pids.utilization === undefined && pause.kind === 'found';
}

function unread(pod: PodScene, { snapshot }: Scene): Verdict {
  const reason = snapshot.kernel.cgroupfsUp ? 'vanished' : 'silent';
  return { kind: 'unknown', subject: sandboxSubject(pod), reason };
}
