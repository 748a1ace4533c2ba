/** The snapshot joined up: each sandbox with its pause, its containers and its zombies. What the rules look at. */
import { type Attribution, attribute, isNamespaceInit, type NamedProcess } from './attribute.ts';
import { type CpuCensus, measureCpu } from './cpu-use.ts';
import type { Subject } from './finding.ts';
import { groupBy } from './group-by.ts';
import { type ImageMemory, rememberImages } from './image-history.ts';
import { type ImageIndex, indexImages } from './image-index.ts';
import { parseImageRef } from './image-ref.ts';
import type { AuditMemory } from './memory.ts';
import type { Container, NodeSnapshot, PodSandbox, Process, RuntimeSnapshot, Shim } from './model.ts';
import { judgePause } from './pause-health.ts';
import { listPauseImages } from './pause-images.ts';
import { createPidsReader, type PodPids } from './pids.ts';
import type { Policy } from './policy.ts';
import type { PauseHealth, PauseImagesView } from './report.ts';
import { findOrphans, findStrayShims, type Orphans } from './unclaimed.ts';
import { countZombies, type ZombieCensus, type ZombieFact } from './zombies.ts';

/** A container and its first process. */
export interface ContainerScene {
  readonly container: Container;
  readonly init: NamedProcess;
  /** Undefined after one look or without /proc. */
  readonly zombies: readonly ZombieFact[] | undefined;
}

/** A sandbox and everything in it. */
export interface PodScene {
  readonly runtime: RuntimeSnapshot;
  readonly sandbox: PodSandbox;
  readonly pause: NamedProcess;
  readonly pauseHealth: PauseHealth;
  /** cgroup v2 has frozen its sandbox. */
  readonly isFrozen: boolean;
  /** Pause is PID 1 of the containers' PID namespace: it must reap. Undefined when nobody can tell. */
  readonly sharesPid: boolean | undefined;
  readonly containers: readonly ContainerScene[];
  /** Of all containers, and those of the pod whose container is unknown; undefined after one look or without /proc. */
  readonly zombies: readonly ZombieFact[] | undefined;
  readonly pids: PodPids;
}

/** Everything one audit judges. */
export interface Scene {
  readonly snapshot: NodeSnapshot;
  readonly policy: Policy;
  readonly attribution: Attribution;
  readonly census: ZombieCensus;
  readonly pods: readonly PodScene[];
  readonly pauseImages: readonly PauseImagesView[];
  /** Live processes in pods' cgroups without a record; undefined when nobody can tell. */
  readonly orphans: readonly Orphans[] | undefined;
  /** Shims of pods that no runtime lists; undefined when nobody can tell. */
  readonly strayShims: readonly Shim[] | undefined;
  /** Stored images of each runtime, by endpoint. */
  readonly imageIndexes: ReadonlyMap<string, ImageIndex>;
  /** What is remembered of pause images, this look included. */
  readonly imageMemory: ImageMemory;
  readonly cpu: CpuCensus;
}

/** Joins a snapshot, with the help of what earlier audits remember. */
export function buildScene(snapshot: NodeSnapshot, memory: AuditMemory, policy: Policy): Scene {
  const attribution = attribute(snapshot, memory.startTicks);
  const looks = { count: memory.looks, firstSeen: memory.zombies, looksApartMs: policy.looksApartMs };
  const census = countZombies(snapshot, attribution, looks);
  const zombiesOf = groupBy(census.confirmed ?? [], (zombie) => zombie.owner?.sandboxId);
  const readPids = createPidsReader(snapshot);
  const frozen = new Set(snapshot.kernel.frozen);
  const pods: PodScene[] = [];
  for (const runtime of snapshot.runtimes) {
    const containersOf = groupBy(runtime.containers, (container) => container.sandboxId);
    for (const sandbox of runtime.sandboxes.toSorted(byName)) {
      const zombies = census.confirmed && (zombiesOf.get(sandbox.id) ?? []);
      const containers = (containersOf.get(sandbox.id) ?? []).toSorted(byAge).map((container) => ({
        container,
        init: attribution.inits.get(container.id) ?? { kind: 'none' as const },
        zombies: zombies?.filter((zombie) => zombie.owner?.containerId === container.id),
      }));
      const pids = readPids(
        sandbox.id,
        containers.map(({ container }) => container.id),
      );
      const isFrozen = frozen.has(sandbox.id);
      pods.push(joinPod({ runtime, sandbox, attribution, containers, zombies, pids, isFrozen }));
    }
  }
  const cpu = measureCpu(snapshot, attribution, memory.cpu, policy.looksApartMs);
  const [orphans, strayShims] = [findOrphans({ snapshot, attribution }), findStrayShims({ snapshot, attribution })];
  const images = joinImages(snapshot, pods, memory);
  return { snapshot, policy, attribution, census, pods, cpu, orphans, strayShims, ...images };
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

interface PodParts {
  readonly runtime: RuntimeSnapshot;
  readonly sandbox: PodSandbox;
  readonly attribution: Attribution;
  readonly containers: readonly ContainerScene[];
  readonly zombies: readonly ZombieFact[] | undefined;
  readonly pids: PodPids;
  readonly isFrozen: boolean;
}

function joinPod(parts: PodParts): PodScene {
  const { runtime, sandbox, attribution, containers, zombies } = parts;
  const pause = attribution.pauses.get(sandbox.id) ?? { kind: 'unknown' };
  return {
    runtime,
    sandbox,
    pause,
    pauseHealth: judgePause(sandbox, pause, parts.isFrozen),
    isFrozen: parts.isFrozen,
    sharesPid: sharesPid(sandbox, pause, containers),
    containers,
    zombies,
    pids: parts.pids,
  };
}

/** The kernel decides where it can be read; one runtime reports the PID mode wrongly (facts: cri-dockerd). */
function sharesPid(
  sandbox: PodSandbox,
  pause: NamedProcess,
  containers: readonly ContainerScene[],
): boolean | undefined {
  if (pause.kind !== 'found') return sandbox.pidMode && sandbox.pidMode === 'pod';
  const own = pause.process.probe?.namespaces.pid;
  const theirs = containers.flatMap(({ init }) => (init.kind === 'found' ? [init.process.probe?.namespaces.pid] : []));
  if (own === undefined || theirs.length === 0 || theirs.includes(undefined)) {
    return sandbox.pidMode && sandbox.pidMode === 'pod';
  }
  return isNamespaceInit(pause.process) && theirs.includes(own);
}

/** A container that runs by the runtime's word and the kernel's: its first process exists and is not dead. */
export function isAlive({ container, init }: ContainerScene): boolean {
  return container.state === 'running' && init.kind === 'found' && !isDeadState(init.process);
}

/** Dead, collected or not. */
export function isDeadState(process: Process): boolean {
  return process.state === 'Z' || process.state === 'X';
}

/** The sandbox as the subject of a finding. */
export function sandboxSubject({ sandbox }: PodScene): Subject {
  return { kind: 'sandbox', namespace: sandbox.namespace, pod: sandbox.name, sandboxId: sandbox.id };
}

/** A container as the subject of a finding. */
export function containerSubject(pod: PodScene, container: Container): Subject {
  return { ...sandboxSubject(pod), kind: 'container', container: container.name };
}

/** Neither ready nor with a running container: a finished Job, a pod being removed. */
export function isFinished({ sandbox, containers }: PodScene): boolean {
  return sandbox.state === 'notready' && !containers.some(({ container }) => container.state === 'running');
}

/** Whether a sandbox runs on this image, whichever of its names either goes by. */
export function runsOn({ imageIndexes }: Scene, { sandbox, runtime }: PodScene, image: string): boolean {
  if (sandbox.imageRef === undefined) return false;
  if (sandbox.imageRef === image) return true;
  const index = imageIndexes.get(runtime.endpoint);
  return index !== undefined && index.keyOf(parseImageRef(sandbox.imageRef)) === index.keyOf(parseImageRef(image));
}
