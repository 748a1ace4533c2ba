/** Joins a snapshot up into the scene that the rules look at. */
import { attribute } from './attribute.ts';
import { rememberLives } from './churn.ts';
import { measureCpu } from './cpu-use.ts';
import { supersededOf } from './generations.ts';
import { groupBy } from './group-by.ts';
import { rememberImages } from './image-history.ts';
import { indexImages } from './image-index.ts';
import { countKey, type JoinedPod, joinPods } from './join-pods.ts';
import type { AuditMemory } from './memory.ts';
import type { NodeSnapshot } from './model.ts';
import { listPauseImages } from './pause-images.ts';
import { countNodePids } from './pids.ts';
import type { Policy } from './policy.ts';
import { isFinished, type PodScene, type Scene, type SceneMemory } from './scene.ts';
import { findOrphans, findStrayShims } from './unclaimed.ts';
import { groupZombies, type ZombieGroup } from './zombie-groups.ts';
import { countZombies } from './zombies.ts';

/** Joins a snapshot, with the help of what earlier audits remember, in steps as an audit takes them. */
export function* buildScene(snapshot: NodeSnapshot, memory: AuditMemory, policy: Policy): Generator<void, Scene> {
  const attribution = attribute(snapshot, memory.startTicks);
  yield;
  const looks = { count: memory.looks, firstSeen: memory.zombies, looksApartMs: policy.looksApartMs };
  const census = countZombies(snapshot, attribution, looks);
  yield;
  const { groups, counts } = groupZombies(census.confirmed, attribution, {
    counts: memory.zombieCounts,
    takenAtMs: snapshot.takenAtMs,
    spanMs: policy.trendSpanMs,
  });
  const bySandbox = groupBy(groups, ({ sandboxId }: ZombieGroup) => sandboxId);
  yield;
  const nodePids = countNodePids(snapshot.kernel);
  yield;
  const pods = joinPods({ snapshot, memory, policy, attribution, census, groups: bySandbox, nodePids });
  yield;
  const lives = rememberLives(snapshot, memory.lives, policy.churnWindowMs);
  const images = joinImages(snapshot, pods, memory);
  yield;
  const orphans = findOrphans({ snapshot, attribution });
  yield;
  return {
    snapshot,
    policy,
    attribution,
    census,
    pods,
    nodePids,
    endedByBoot: listEndedByBoot(snapshot, pods, policy),
    superseded: supersededOf(pods.filter(({ runtime }) => runtime.up)),
    ...images,
    orphans,
    strayShims: findStrayShims({ snapshot, attribution }),
    cpu: measureCpu(snapshot, attribution, memory.cpu, policy.looksApartMs),
    looseGroups: bySandbox.get(undefined) ?? [],
    lives,
    remembered: { zombieCounts: counts, lives, ...rememberPods(snapshot, pods, memory) },
  };
}

function joinImages(
  snapshot: NodeSnapshot,
  pods: readonly PodScene[],
  memory: AuditMemory,
): Pick<Scene, 'pauseImages' | 'imageIndexes' | 'imageMemory'> {
  const imageIndexes = new Map(snapshot.runtimes.map(({ endpoint, images }) => [endpoint, indexImages(images)]));
  const pauseImages = snapshot.runtimes.map((runtime) => {
    const unfinished = pods.filter((pod) => pod.runtime === runtime && !isFinished(pod));
    const sandboxes = unfinished.map(({ sandbox }) => sandbox);
    return listPauseImages(runtime, imageIndexes.get(runtime.endpoint) ?? indexImages(undefined), sandboxes);
  });
  return { pauseImages, imageIndexes, imageMemory: rememberImages(snapshot, pauseImages, imageIndexes, memory.images) };
}

/** What stood before a boot has ended with it, whatever the runtime's records say until the kubelet has gone through them. */
function listEndedByBoot(
  { takenAtMs, kernel: { bootTimeMs } }: NodeSnapshot,
  pods: readonly PodScene[],
  { bootGraceMs }: Policy,
): Scene['endedByBoot'] {
  if (bootTimeMs === undefined || takenAtMs - bootTimeMs >= bootGraceMs) return new Set();
  return new Set(pods.flatMap(({ sandbox }) => (sandbox.createdAtMs < bootTimeMs ? [sandbox.id] : [])));
}

/** Tasks and refused forks of every pod; while cgroups cannot be read their last counters stay. */
function rememberPods(
  { kernel }: NodeSnapshot,
  pods: readonly JoinedPod[],
  memory: AuditMemory,
): Pick<SceneMemory, 'taskCounts' | 'refused'> {
  const sampled = pods.filter(({ tasks }) => tasks.length > 0);
  const refusals = new Map(pods.flatMap(({ sandbox, refusals: it }) => (it ? [[sandbox.id, it] as const] : [])));
  const { cgroups } = kernel.cgroupfsUp ? kernel : memory.refused;
  return { taskCounts: new Map(sampled.map((pod) => [countKey(pod), pod.tasks])), refused: { cgroups, refusals } };
}
