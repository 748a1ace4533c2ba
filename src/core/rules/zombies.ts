/** Rules about zombies. Who the parent is decides the finding, because it decides the remedy. */
import type { Evidence, Severity, Subject, Verdict } from '../finding.ts';
import { groupBy } from '../group-by.ts';
import type { ParentKind } from '../report.ts';
import { containerSubject, type PodScene, type Scene, sandboxSubject } from '../scene.ts';
import type { ZombieFact } from '../zombies.ts';

/** How many parents and names a finding lists at most. */
const LISTED = 5;

/** zombies-container-init: a container's own PID 1 does not collect what it adopted. */
export function zombiesContainerInit(scene: Scene): Iterable<Verdict> {
  return zombiesUnder(scene, 'container-init');
}

/** zombies-app-parent: an ordinary process lives on and does not wait for its children. */
export function zombiesAppParent(scene: Scene): Iterable<Verdict> {
  return zombiesUnder(scene, 'process');
}

/** zombies-runtime: shim, conmon, runc or a daemon of the runtime does not collect. */
export function* zombiesRuntime(scene: Scene): Generator<Verdict> {
  const { census, pods } = scene;
  if (census.confirmed === undefined) yield oneLook({ kind: 'node' });
  const held = (census.confirmed ?? []).filter(({ parent }) => parent?.kind === 'runtime');
  for (const [pid, zombies] of groupBy(held, ({ process }) => process.ppid)) {
    const pod = pods.find((it) => serves(it, pid));
    const place = pod === undefined ? {} : { ...sandboxSubject(pod), kind: 'shim' as const };
    const subject: Subject = { kind: 'shim', ...place, pid };
    const runtime = pod?.runtime ?? scene.snapshot.runtimes[0];
    const evidence = { ...describe(zombies), runtime: `${runtime?.name ?? ''} ${runtime?.version ?? ''}`.trim() };
    yield foundIn(scene, pod, zombies, { subject, evidence });
  }
}

function* zombiesUnder(scene: Scene, kind: ParentKind): Generator<Verdict> {
  for (const pod of scene.pods) {
    if (pod.zombies === undefined) yield oneLook(sandboxSubject(pod));
    const held = (pod.zombies ?? []).filter(({ parent }) => parent?.kind === kind);
    for (const [containerId, zombies] of groupBy(held, (zombie) => culpritContainer(scene, zombie))) {
      const evidence = { ...describe(zombies), sharedPidNamespace: pod.sharesPid ?? null };
      const subject = subjectOf(pod, containerId, zombies);
      yield foundIn(scene, pod, zombies, { subject, evidence });
    }
  }
}

/** The container of the parent that does not wait, which is the one to mend; else that of the zombie. */
function culpritContainer({ attribution }: Scene, zombie: ZombieFact): string | undefined {
  const parent = attribution.processAt(zombie.process.ppid);
  const owner = parent === undefined ? undefined : attribution.ownerOf(parent);
  return owner?.containerId ?? zombie.owner?.containerId;
}

function subjectOf(pod: PodScene, containerId: string | undefined, zombies: readonly ZombieFact[]): Subject {
  const container = pod.containers.find((it) => it.container.id === containerId)?.container;
  const pid = worstParent(zombies)?.pid;
  const place = container === undefined ? sandboxSubject(pod) : containerSubject(pod, container);
  return { ...place, ...(pid === undefined ? {} : { pid }) };
}

function serves(pod: PodScene, shimPid: number): boolean {
  const named = [pod.pause, ...pod.containers.map(({ init }) => init)];
  return named.some((it) => it.kind === 'found' && it.process.ppid === shimPid && it.process.ppid !== 1);
}

/**
 * info while few or young: a moment between exit and wait is normal (L24). critical, however young, where many
 * zombies and a limit that is nearly reached come together: the next fork fails.
 */
function severityOf({ snapshot, policy }: Scene, zombies: readonly ZombieFact[], pod: PodScene | undefined): Severity {
  if (zombies.length < policy.zombiesWarnCount) return 'info';
  if ((pod?.pids.utilization ?? 0) >= policy.zombiesCriticalUtilization) return 'critical';
  const oldestMs = Math.min(...zombies.map(({ firstSeen }) => firstSeen.ms));
  return snapshot.takenAtMs - oldestMs < policy.zombiesWarnAgeMs ? 'info' : 'warning';
}

function foundIn(
  scene: Scene,
  pod: PodScene | undefined,
  zombies: readonly ZombieFact[],
  about: { readonly subject: Subject; readonly evidence: Evidence },
): Verdict {
  const atLeast = zombies.some(({ firstSeen }) => firstSeen.atLeast);
  return { kind: 'finding', severity: severityOf(scene, zombies, pod), ...about, atLeast };
}

function describe(zombies: readonly ZombieFact[]): Evidence {
  const parent = worstParent(zombies);
  const parents = [...groupBy(zombies, (zombie) => zombie.process.ppid)].toSorted(
    ([, a], [, b]) => b.length - a.length,
  );
  return {
    zombies: zombies.length,
    parentPid: parent?.pid ?? null,
    parentNsPid: parent?.nsPid ?? null,
    parentComm: parent?.comm ?? null,
    parentKind: parent?.kind ?? null,
    parents: parents.slice(0, LISTED).map(([pid, under]) => `${under[0]?.parent?.comm} (PID ${pid}): ${under.length}`),
    names: commonNames(zombies),
  };
}

function worstParent(zombies: readonly ZombieFact[]): ZombieFact['parent'] {
  const groups = [...groupBy(zombies, (zombie) => zombie.process.ppid).values()];
  return groups.toSorted((a, b) => b.length - a.length)[0]?.[0]?.parent;
}

function commonNames(zombies: readonly ZombieFact[]): string[] {
  const names = [...groupBy(zombies, ({ process }) => process.comm)].toSorted(([, a], [, b]) => b.length - a.length);
  return names.slice(0, LISTED).map(([name, { length }]) => (length > 1 ? `${name} ×${length}` : name));
}

function oneLook(subject: Subject): Verdict {
  return { kind: 'unknown', subject, reason: 'one-look' };
}
