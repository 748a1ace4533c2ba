/** What the rules look at: each sandbox with its pause, its containers and its zombies, and what is asked of it often. */
import type { Attribution, NamedProcess } from './attribute.ts';
import type { SandboxLife } from './churn.ts';
import type { CpuCensus } from './cpu-use.ts';
import type { Subject } from './finding.ts';
import type { Superseded } from './generations.ts';
import type { ImageMemory } from './image-history.ts';
import type { ImageIndex } from './image-index.ts';
import { parseImageRef } from './image-ref.ts';
import type { AuditMemory } from './memory.ts';
import type { Container, NodeSnapshot, PodSandbox, RuntimeSnapshot, Shim } from './model.ts';
import type { NodePids, PodPids } from './pids.ts';
import type { Policy } from './policy.ts';
import { isDeadState } from './process-life.ts';
import type { Refusals } from './refusals.ts';
import type { PauseHealth, PauseImagesView } from './report.ts';
import type { Orphans } from './unclaimed.ts';
import type { ZombieGroup } from './zombie-groups.ts';
import type { ZombieCensus, ZombieFact } from './zombies.ts';

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
  readonly isFrozenByV2: boolean;
  /** Pause is PID 1 of the containers' PID namespace: it must reap. Undefined when nobody can tell. */
  readonly sharesPid: boolean | undefined;
  readonly containers: readonly ContainerScene[];
  /** Of all containers, and those of the pod whose container is unknown; undefined after one look or without /proc. */
  readonly zombies: readonly ZombieFact[] | undefined;
  /** Those zombies by who fails to reap them, but for the runtime's. */
  readonly zombieGroups: readonly ZombieGroup[];
  /** Growth of all groups together; undefined while that of one is. */
  readonly zombiesPerHour: number | undefined;
  readonly pids: PodPids;
  /** Growth of its tasks; undefined until watched for long enough. */
  readonly tasksPerHour: number | undefined;
  /** Until its tightest limit is reached at that growth; undefined when it is not. */
  readonly exhaustedInSeconds: number | undefined;
  /** Undefined when no fork was refused while this agent watched. */
  readonly refusals: Refusals | undefined;
}

/** What a look adds to the memory of counts. */
export type SceneMemory = Pick<AuditMemory, 'zombieCounts' | 'taskCounts' | 'refused' | 'lives'>;

/** Everything one audit judges. */
export interface Scene {
  readonly snapshot: NodeSnapshot;
  readonly policy: Policy;
  readonly attribution: Attribution;
  readonly census: ZombieCensus;
  readonly pods: readonly PodScene[];
  readonly nodePids: NodePids;
  /** Ids of sandboxes that are older than a boot not long ago: the kubelet is still replacing them one by one. */
  readonly endedByBoot: ReadonlySet<string | undefined>;
  /** Sandboxes of runtimes that answer which are not the newest of their pod. */
  readonly superseded: readonly Superseded[];
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
  /** Zombies held by single processes outside of every pod. */
  readonly looseGroups: readonly ZombieGroup[];
  /** By pod (`podKey`). */
  readonly lives: ReadonlyMap<string, readonly SandboxLife[]>;
  readonly remembered: SceneMemory;
}

/** A container that runs by the runtime's word and the kernel's: its first process exists and is not dead. */
export function isAlive({ container, init }: ContainerScene): boolean {
  return container.state === 'running' && init.kind === 'found' && !isDeadState(init.process.state);
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
