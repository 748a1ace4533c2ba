/** The snapshot joined up: each sandbox with its pause, its containers and its zombies. What the rules look at. */
import { type Attribution, attribute, isNamespaceInit, type NamedProcess } from './attribute.ts';
import { rememberLives, type SandboxLife } from './churn.ts';
import type { Subject } from './finding.ts';
import { groupBy } from './group-by.ts';
import type { AuditMemory } from './memory.ts';
import type { Container, NodeSnapshot, PodSandbox, Process, RuntimeSnapshot } from './model.ts';
import { listPauseImages } from './pause-images.ts';
import { createPidsReader, type PodPids } from './pids.ts';
import type { Policy } from './policy.ts';
import { noticeRefusals, type Refusals } from './refusals.ts';
import type { PauseHealth, PauseImagesView } from './report.ts';
import { addSample, growthPerHour, type Sample, secondsUntil } from './trend.ts';
import { groupZombies, type ZombieGroup } from './zombie-groups.ts';
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
  readonly pauseImages: readonly PauseImagesView[];
  /** Zombies held by single processes outside of every pod. */
  readonly looseGroups: readonly ZombieGroup[];
  /** By pod UID. */
  readonly lives: ReadonlyMap<string, readonly SandboxLife[]>;
  readonly remembered: SceneMemory;
}

/** Joins a snapshot, with the help of what earlier audits remember. */
export function buildScene(snapshot: NodeSnapshot, memory: AuditMemory, policy: Policy): Scene {
  const attribution = attribute(snapshot, memory.startTicks);
  const looks = { count: memory.looks, firstSeen: memory.zombies, looksApartMs: policy.looksApartMs };
  const census = countZombies(snapshot, attribution, looks);
  const { groups, counts } = groupZombies(census.confirmed, attribution, {
    counts: memory.zombieCounts,
    takenAtMs: snapshot.takenAtMs,
    spanMs: policy.trendSpanMs,
  });
  const pods = joinPods({ snapshot, memory, policy, attribution, census, groups: groupBy(groups, bySandbox) });
  const pauseImages = snapshot.runtimes.map((runtime) => {
    const unfinished = pods.filter((pod) => pod.runtime === runtime && !isFinished(pod));
    return listPauseImages(
      runtime,
      unfinished.map(({ sandbox }) => sandbox),
    );
  });
  const lives = rememberLives(snapshot, memory.lives, policy.churnWindowMs);
  const taskCounts = new Map(
    pods.flatMap((pod) => (pod.tasks.length > 0 ? [[countKey(pod), pod.tasks] as const] : [])),
  );
  const refusals = new Map(pods.flatMap(({ sandbox, refusals: it }) => (it ? [[sandbox.id, it] as const] : [])));
  const { cgroups } = snapshot.kernel.cgroupfsUp ? snapshot.kernel : memory.refused;
  const remembered = { zombieCounts: counts, taskCounts, refused: { cgroups, refusals }, lives };
  const looseGroups = groups.filter(({ sandboxId }) => sandboxId === undefined);
  return { snapshot, policy, attribution, census, pods, pauseImages, looseGroups, lives, remembered };
}

const bySandbox = ({ sandboxId }: ZombieGroup): string | undefined => sandboxId;

interface SceneParts {
  readonly snapshot: NodeSnapshot;
  readonly memory: AuditMemory;
  readonly policy: Policy;
  readonly attribution: Attribution;
  readonly census: ZombieCensus;
  readonly groups: ReadonlyMap<string | undefined, readonly ZombieGroup[]>;
}

function joinPods(parts: SceneParts): (PodScene & { readonly tasks: readonly Sample[] })[] {
  const { snapshot, attribution, census, groups } = parts;
  const zombiesOf = groupBy(census.confirmed ?? [], (zombie) => zombie.owner?.sandboxId);
  const readPids = createPidsReader(snapshot);
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
      // No spread: this is made for every sandbox of every audit.
      return {
        tasks,
        tasksPerHour,
        exhaustedInSeconds,
        refusals,
        runtime,
        sandbox,
        pause,
        pauseHealth: judgePause(sandbox, pause),
        sharesPid: sharesPid(sandbox, pause, containers),
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

/** Counts begin anew with a new container: what an old one had grown to says nothing of it. */
function countKey({ sandbox, containers }: Pick<PodScene, 'sandbox' | 'containers'>): string {
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

function judgePause(sandbox: PodSandbox, pause: NamedProcess): PauseHealth {
  switch (pause.kind) {
    case 'none':
      return sandbox.pause.kind === 'none' && sandbox.pause.reason === 'exited' ? 'dead' : 'none';
    case 'unknown':
      return 'unknown';
    case 'gone':
      return 'dead';
    case 'reused':
      // CRI-O goes on telling the PID of a pause that has ended.
      return sandbox.state === 'notready' ? 'dead' : 'mismatch';
    case 'found':
      return healthOfState(pause.process.state);
    default:
      return pause satisfies never;
  }
}

function healthOfState(state: string): PauseHealth {
  if (state === 'Z' || state === 'X') return 'zombie';
  return state === 'T' || state === 't' ? 'stopped' : 'alive';
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
