/** Joins each sandbox to its pause, its containers, its zombies and the growth of its tasks. */
import { type Attribution, isNamespaceInit, type NamedProcess } from './attribute.ts';
import { groupBy } from './group-by.ts';
import type { AuditMemory } from './memory.ts';
import type { Container, NodeSnapshot, PodSandbox, RuntimeSnapshot } from './model.ts';
import { judgePause } from './pause-health.ts';
import { createPidsReader, type NodePids, type PodPids } from './pids.ts';
import type { Policy } from './policy.ts';
import { noticeRefusals } from './refusals.ts';
import { tellsPidMode } from './runtime-knowledge.ts';
import type { ContainerScene, PodScene } from './scene.ts';
import { addSample, growthPerHour, type Sample, secondsUntil } from './trend.ts';
import type { ZombieGroup } from './zombie-groups.ts';
import type { ZombieCensus } from './zombies.ts';

/** What sandboxes are joined with. */
export interface SceneParts {
  readonly snapshot: NodeSnapshot;
  readonly memory: AuditMemory;
  readonly policy: Policy;
  readonly attribution: Attribution;
  readonly census: ZombieCensus;
  readonly groups: ReadonlyMap<string | undefined, readonly ZombieGroup[]>;
  readonly nodePids: NodePids;
}

/** A sandbox with the samples of its tasks, which are remembered. */
export type JoinedPod = PodScene & { readonly tasks: readonly Sample[] };

/** Joins every sandbox, in the order of names. */
export function joinPods(parts: SceneParts): JoinedPod[] {
  const { snapshot, attribution, census, groups, nodePids } = parts;
  const zombiesOf = groupBy(census.confirmed ?? [], (zombie) => zombie.owner?.sandboxId);
  const readPids = createPidsReader(snapshot, nodePids);
  const frozen = new Set(snapshot.kernel.frozen);
  return snapshot.runtimes.flatMap((runtime) => {
    const containersOf = groupBy(runtime.containers, (container) => container.sandboxId);
    return runtime.sandboxes.toSorted(byName).map((sandbox) => {
      const zombies = census.confirmed && (zombiesOf.get(sandbox.id) ?? []);
      const containers = (containersOf.get(sandbox.id) ?? []).toSorted(byAge).map((container) => ({
        container,
        init: attribution.inits.get(container.id) ?? { kind: 'none' as const },
        zombies: zombies?.filter((zombie) => zombie.owner?.containerId === container.id),
      }));
      const pause = attribution.pauses.get(sandbox.id) ?? { kind: 'unknown' };
      const pids = readPids(
        sandbox.id,
        containers.map(({ container }) => container.id),
      );
      const zombieGroups = groups.get(sandbox.id) ?? [];
      const { tasks, tasksPerHour, exhaustedInSeconds, refusals } = followTasks(sandbox, containers, pids, parts);
      const isFrozenByV2 = frozen.has(sandbox.id);
      // No spread: this is made for every sandbox of every audit.
      return {
        tasks,
        tasksPerHour,
        exhaustedInSeconds,
        refusals,
        runtime,
        sandbox,
        pause,
        pauseHealth: judgePause(sandbox, pause, isFrozenByV2),
        isFrozenByV2,
        sharesPid: sharesPid(toldToShare(runtime, sandbox), pause, containers),
        containers,
        zombies,
        zombieGroups,
        zombiesPerHour: zombies && sumOf(zombieGroups.map(({ perHour }) => perHour)),
        pids,
      };
    });
  });
}

/** How the tasks of a pod grow, how long its tightest limit lasts, and which forks were refused. */
function followTasks(
  sandbox: PodSandbox,
  containers: readonly ContainerScene[],
  pids: PodPids,
  { snapshot, memory, policy }: SceneParts,
) {
  const { takenAtMs } = snapshot;
  const before = memory.taskCounts.get(countKey({ sandbox, containers })) ?? [];
  const tasks = pids.current === undefined ? before : addSample(before, { atMs: takenAtMs, value: pids.current });
  const tasksPerHour = growthPerHour(tasks, policy.trendSpanMs);
  const exhaustedInSeconds = pids.room === undefined ? undefined : secondsUntil(pids.room, tasksPerHour);
  const moment = { nowMs: takenAtMs, known: memory.sandboxIds.has(sandbox.id) };
  return {
    tasks,
    tasksPerHour,
    exhaustedInSeconds,
    refusals: noticeRefusals(sandbox.id, pids, memory.refused, moment),
  };
}

/** Key of a pod's samples. Counts begin anew with a new container: what an old one had grown to says nothing of it. */
export function countKey({ sandbox, containers }: Pick<PodScene, 'sandbox' | 'containers'>): string {
  return `${sandbox.id} ${containers.at(-1)?.container.id ?? ''}`;
}

function sumOf(rates: readonly (number | undefined)[]): number | undefined {
  let sum = 0;
  for (const rate of rates) {
    if (rate === undefined) return undefined;
    sum += rate;
  }
  return sum;
}

/** Runtimes list in no order at all; people and diffs want one. */
function byName(a: PodSandbox, b: PodSandbox): number {
  return compare(a.namespace, b.namespace) || compare(a.name, b.name) || a.createdAtMs - b.createdAtMs;
}

function byAge(a: Container, b: Container): number {
  return a.createdAtMs - b.createdAtMs || compare(a.name, b.name);
}

/** By code unit: the same order on every machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** What the runtime says; cri-dockerd never says yes, so that its silence is no. Undefined when one that knows did not tell. */
function toldToShare(runtime: RuntimeSnapshot, { pidMode }: PodSandbox): boolean | undefined {
  return pidMode === undefined && tellsPidMode(runtime) ? undefined : pidMode === 'pod';
}

/** The kernel decides where it can be read. */
function sharesPid(
  told: boolean | undefined,
  pause: NamedProcess,
  containers: readonly ContainerScene[],
): boolean | undefined {
  if (pause.kind !== 'found') return told;
  const own = pause.process.probe?.namespaces.pid;
  const theirs = containers.flatMap(({ init }) => (init.kind === 'found' ? [init.process.probe?.namespaces.pid] : []));
  if (own === undefined || theirs.length === 0 || theirs.includes(undefined)) return told;
  return isNamespaceInit(pause.process) && theirs.includes(own);
}
