/** Rules about zombies. Who the parent is decides the finding, because it decides the remedy. */

import type { Evidence, Severity, Subject, Verdict } from '../finding.ts';
import { groupBy } from '../group-by.ts';
import type { NodePids } from '../pids.ts';
import { findProbe } from '../probe-shape.ts';
import type { ParentKind } from '../report.ts';
import { containerSubject, type PodScene, type Scene, sandboxSubject } from '../scene.ts';
import { secondsUntil } from '../trend.ts';
import type { ZombieGroup } from '../zombie-groups.ts';
import { collectorPid, isTraced, type ZombieFact } from '../zombies.ts';
import { holderKindOf } from './outside.ts';
import { parentState } from './parent-state.ts';
import { LISTED } from './rule.ts';
import { sharingHelps } from './sharing.ts';

/** zombies-container-init: a container's own PID 1 does not collect what it adopted. */
export function zombiesContainerInit(scene: Scene): Iterable<Verdict> {
  return judgeGroups(scene, 'container-init', (pod, group) => {
    const ofProbe = new Set(probeOf(scene, group)?.zombies);
    const zombies = group.zombies.filter((zombie) => !ofProbe.has(zombie));
    return foundIn(scene, { ...group, zombies }, pod, { sharingHelps: sharingHelps(pod) });
  });
}

/** zombies-probe: what an exec probe starts and leaves is adopted by a PID 1 that does not collect. */
export function zombiesProbe(scene: Scene): Iterable<Verdict> {
  return judgeGroups(scene, 'container-init', (pod, group) => {
    const { zombies = [], runs = 0, periodSeconds = 0 } = probeOf(scene, group) ?? {};
    return foundIn(scene, { ...group, zombies }, pod, { runs, periodSeconds, sharingHelps: sharingHelps(pod) });
  });
}

/** zombies-app-parent: an ordinary process lives on and does not wait for its children. */
export function zombiesAppParent(scene: Scene): Iterable<Verdict> {
  return judgeGroups(scene, 'process', (pod, group) =>
    foundIn(scene, group, pod, { pidMode: pod.sandbox.pidMode ?? null }),
  );
}

/** zombies-runtime: shim, conmon, runc or a daemon of the runtime does not collect. */
export function* zombiesRuntime(scene: Scene): Generator<Verdict> {
  if (scene.census.confirmed === undefined) yield oneLook({ kind: 'node' });
  for (const group of scene.looseGroups) {
    if (group.kind !== 'runtime') continue;
    const pod = scene.pods.find((it) => serves(it, group.parent?.pid));
    const runtime = pod?.runtime ?? scene.snapshot.runtimes[0];
    const place = pod === undefined ? {} : sandboxSubject(pod);
    const subject: Subject = { ...place, kind: 'shim', ...parentOf(group) };
    const parent = scene.attribution.processAt(group.parent?.pid ?? 0);
    yield judged(scene, group, pod, subject, {
      holderKind: parent === undefined ? null : holderKindOf(scene, parent),
      runtime: `${runtime?.name ?? ''} ${runtime?.version ?? ''}`.trim(),
    });
  }
}

/** zombies-host: the node's own PID 1, or another process outside of every pod, does not collect; more than info if they grow. */
export function* zombiesHost(scene: Scene): Generator<Verdict> {
  if (scene.census.confirmed === undefined) yield oneLook({ kind: 'node' });
  const { policy, snapshot } = scene;
  for (const group of scene.looseGroups) {
    if (group.kind !== 'host') continue;
    const zombies = group.zombies.filter(
      ({ firstSeen }) => snapshot.takenAtMs - firstSeen.ms >= policy.zombiesHostAgeMs,
    );
    if (zombies.length === 0) continue;
    const verdict = judged(scene, { ...group, zombies }, undefined, { kind: 'process', ...parentOf(group) }, {});
    // A parent whose record is missing looks like one of the node's.
    yield (group.perHour ?? 0) > 0 ? verdict : { ...verdict, severity: 'info' };
  }
}

/** Judges the groups of one kind in every pod; of a pod whose zombies are not known, that it cannot. */
function* judgeGroups(
  { pods }: Scene,
  kind: ParentKind,
  judge: (pod: PodScene, group: ZombieGroup) => Verdict | undefined,
): Generator<Verdict> {
  for (const pod of pods) {
    if (pod.zombies === undefined) yield oneLook(sandboxSubject(pod));
    for (const group of pod.zombieGroups) {
      const verdict = group.kind === kind ? judge(pod, group) : undefined;
      if (verdict !== undefined) yield verdict;
    }
  }
}

function probeOf({ attribution, policy }: Scene, { zombies }: ZombieGroup) {
  const init = attribution.processAt(zombies[0] === undefined ? 0 : collectorPid(zombies[0].process));
  return init === undefined ? undefined : findProbe(zombies, init, policy);
}

function foundIn(scene: Scene, group: ZombieGroup, pod: PodScene, more: Evidence): Verdict | undefined {
  if (group.zombies.length === 0) return undefined;
  const container = pod.containers.find((it) => it.container.id === group.containerId)?.container;
  const pid = worstParent(group.zombies)?.pid;
  const place = container === undefined ? sandboxSubject(pod) : containerSubject(pod, container);
  const subject = { ...place, ...(pid === undefined ? {} : { pid }) };
  return judged(scene, group, pod, subject, { sharedPidNamespace: pod.sharesPid ?? null, ...more });
}

function parentOf({ parent }: ZombieGroup): Pick<Subject, 'pid' | 'startTicks'> {
  return parent === undefined ? {} : { pid: parent.pid, startTicks: parent.startTicks };
}

function serves(pod: PodScene, shimPid: number | undefined): boolean {
  const named = [pod.pause, ...pod.containers.map(({ init }) => init)];
  return named.some((it) => it.kind === 'found' && it.process.ppid === shimPid && it.process.ppid !== 1);
}

function judged(
  scene: Scene,
  group: ZombieGroup,
  pod: PodScene | undefined,
  subject: Subject,
  more: Evidence,
): Extract<Verdict, { kind: 'finding' }> {
  const { zombies, perHour } = group;
  const room = pod === undefined ? roomOf(scene.nodePids) : pod.pids.room;
  const exhaustedInSeconds = room === undefined ? undefined : secondsUntil(room, perHour);
  const evidence: Evidence = {
    ...describe(zombies),
    ...parentState(scene, worstParent(zombies), pod),
    perHour: perHour === undefined ? null : Math.round(perHour),
    exhaustedInSeconds: exhaustedInSeconds ?? null,
    ...more,
  };
  const atLeast = zombies.some(({ firstSeen }) => firstSeen.atLeast);
  return { kind: 'finding', severity: severityOf(scene, zombies, pod, exhaustedInSeconds), subject, evidence, atLeast };
}

/** Tasks that still fit on the node; undefined while that is not known. */
function roomOf({ limits }: NodePids): number | undefined {
  return limits.length === 0 ? undefined : Math.min(...limits.map(({ limit, current }) => limit - current));
}

/**
 * info while few or young: a moment between exit and wait is normal. critical where a limit is nearly reached already,
 * or at their rate will be within a day.
 */
function severityOf(
  { snapshot, policy }: Scene,
  zombies: readonly ZombieFact[],
  pod: PodScene | undefined,
  exhaustedInSeconds: number | undefined,
): Severity {
  if (zombies.length < policy.zombiesWarnCount) return 'info';
  const oldestMs = Math.min(...zombies.map(({ firstSeen }) => firstSeen.ms));
  if (snapshot.takenAtMs - oldestMs < policy.zombiesWarnAgeMs) return 'info';
  if ((pod?.pids.utilization ?? 0) >= policy.zombiesCriticalUtilization) return 'critical';
  const leftMs = (exhaustedInSeconds ?? Number.POSITIVE_INFINITY) * 1000;
  return leftMs <= policy.zombiesCriticalWithinMs ? 'critical' : 'warning';
}

function describe(zombies: readonly ZombieFact[]): Evidence {
  const parent = worstParent(zombies);
  const parents = [...groupBy(zombies, ({ process }) => collectorPid(process))].toSorted(
    ([, a], [, b]) => b.length - a.length,
  );
  return {
    zombies: zombies.length,
    parentPid: parent?.pid ?? null,
    parentNsPid: parent?.nsPid ?? null,
    parentComm: parent?.comm ?? null,
    parentKind: parent?.kind ?? null,
    traced: zombies.filter(({ process }) => isTraced(process)).length,
    parents: parents.slice(0, LISTED).map(([pid, under]) => `${under[0]?.parent?.comm} (PID ${pid}): ${under.length}`),
    names: commonNames(zombies),
  };
}

function worstParent(zombies: readonly ZombieFact[]): ZombieFact['parent'] {
  const groups = [...groupBy(zombies, ({ process }) => collectorPid(process)).values()];
  return groups.toSorted((a, b) => b.length - a.length)[0]?.[0]?.parent;
}

function commonNames(zombies: readonly ZombieFact[]): string[] {
  const names = [...groupBy(zombies, ({ process }) => process.comm)].toSorted(([, a], [, b]) => b.length - a.length);
  return names.slice(0, LISTED).map(([name, { length }]) => (length > 1 ? `${name} ×${length}` : name));
}

function oneLook(subject: Subject): Extract<Verdict, { kind: 'unknown' }> {
  return { kind: 'unknown', subject, reason: 'one-look' };
}
