/** Turns a joined sandbox into what the outputs show, with a reason for every fact that is missing. */
import { type Finding, sortFindings } from './finding.ts';
import { parseImageRef } from './image-ref.ts';
import {
  FAULT_CODES,
  type FaultCode,
  NAMESPACE_KINDS,
  type NamespaceKind,
  type NamespaceMode,
  type Process,
  TICKS_PER_SECOND,
} from './model.ts';
import { FIRST_NAMESPACES } from './node-namespaces.ts';
import { isDeadState, startedAtMs } from './process-life.ts';
import { judgeReaping } from './reaping.ts';
import type { ContainerView, NamespaceView, PauseView, PidsView, SandboxView, UnknownField, Zombie } from './report.ts';
import { type ContainerScene, type PodScene, runsOn, type Scene } from './scene.ts';
import { collectorPid, type ZombieFact } from './zombies.ts';

/** What the rules said of the whole node; a view picks out what concerns its sandbox. */
export interface Judgement {
  /** Findings about this sandbox alone or something in it, by its id. */
  readonly ofSandbox: ReadonlyMap<string | undefined, readonly Finding[]>;
  /** Findings about images, which concern every sandbox that runs on them. */
  readonly ofImages: readonly Finding[];
  /** By sandbox id. */
  readonly unjudged: ReadonlyMap<string, ReadonlySet<UnknownField['reason']>>;
}

/** Views one sandbox. */
export function viewSandbox(scene: Scene, pod: PodScene, judgement: Judgement): SandboxView {
  const { sandbox, runtime } = pod;
  const { id, namespace, name, uid, attempt, state, createdAtMs, runtimeHandler, isolation } = sandbox;
  const nameOf = new Map(pod.containers.map(({ container }) => [container.id, container.name]));
  return {
    id,
    namespace,
    name,
    uid,
    attempt,
    state,
    createdAtMs,
    runtimeHandler,
    pidMode: pidModeOf(pod),
    isolation,
    hasUserNamespace: hasUserNamespace(pod),
    isStatic: sandbox.isStatic,
    runtimeEndpoint: runtime.endpoint,
    image: viewImage(scene, pod),
    pauseHealth: pod.pauseHealth,
    pause: pod.pause.kind === 'found' ? viewPause(scene, pod, pod.pause.process) : undefined,
    noPauseReason: noPauseReason(pod),
    namespaces: viewNamespaces(pod),
    containers: pod.containers.map((container) => viewContainer(container, pod)),
    zombies: {
      count: seesInside(sandbox) ? pod.zombies?.length : undefined,
      perHour: pod.zombiesPerHour,
      items: pod.zombies?.map((zombie) => viewZombie(zombie, nameOf)) ?? [],
    },
    pids: viewPids(pod),
    pidsLimitHits: pod.pids.limitHits,
    findings: findingsAbout(scene, pod, judgement),
    unjudged: REASONS.filter((reason) => judgement.unjudged.get(id)?.has(reason)),
    unknown: listUnknown(scene, pod),
  };
}

/** As the runtime tells it; where it does not, as the kernel shows it. */
function pidModeOf({ sandbox, pause, containers, sharesPid }: PodScene): NamespaceMode | undefined {
  const isSeen = pause.kind === 'found' && containers.some(({ init }) => init.kind === 'found');
  if (sandbox.pidMode !== undefined || !isSeen || sharesPid === undefined) return sandbox.pidMode;
  return sharesPid ? 'pod' : 'container';
}

/** A zombie as shown; `nameOf` gives a container's name by its id. */
export function viewZombie(zombie: ZombieFact, nameOf: ReadonlyMap<string, string>): Zombie {
  const { process, firstSeen, owner, parent } = zombie;
  return {
    pid: process.pid,
    nsPid: process.probe?.nsPids.at(-1),
    comm: process.comm,
    firstSeenMs: firstSeen.ms,
    atLeast: firstSeen.atLeast,
    container: nameOf.get(owner?.containerId ?? ''),
    parent,
  };
}

/** In one order, whatever the order of the sandboxes. */
const REASONS: readonly UnknownField['reason'][] = [...FAULT_CODES, 'one-look'];

/** The dead of a machine's own kernel are nowhere on the node: what is seen here is not all. */
function seesInside({ isolation }: PodScene['sandbox']): boolean {
  return isolation === 'shared-kernel';
}

/** The kernel's word where it can be read: two runtimes take the request and do nothing about it. */
function hasUserNamespace({ sandbox, pause }: PodScene): boolean | undefined {
  const inode = pause.kind === 'found' ? pause.process.probe?.namespaces.user : undefined;
  if (inode === FIRST_NAMESPACES.user) return false;
  return sandbox.userMode && sandbox.userMode !== 'node';
}

function viewImage({ imageIndexes }: Scene, { sandbox, runtime }: PodScene): SandboxView['image'] {
  if (sandbox.imageRef === undefined) return undefined;
  const image = parseImageRef(sandbox.imageRef);
  return { ...image, imageId: imageIndexes.get(runtime.endpoint)?.find(image)?.id };
}

function viewPause(scene: Scene, pod: PodScene, process: Process): PauseView {
  const { pid, comm, state, cpuTicks, probe } = process;
  const { bootTimeMs } = scene.snapshot.kernel;
  return {
    pid,
    comm,
    state,
    startedAtMs: startedAtMs(process, bootTimeMs),
    exe: probe?.exe,
    exeSha256: probe?.exeSha256,
    uid: probe?.uid,
    oomScoreAdj: probe?.oomScoreAdj,
    reaps: judgeReaping(process, zombiesUnder(pod, process), true),
    cpuSeconds: cpuTicks / TICKS_PER_SECOND,
    rssBytes: probe?.rssBytes,
  };
}

function zombiesUnder({ zombies }: PodScene, parent: Process): number {
  return zombies?.filter(({ process }) => collectorPid(process) === parent.pid).length ?? 0;
}

function noPauseReason({ sandbox, pause, pauseHealth }: PodScene): SandboxView['noPauseReason'] {
  if (sandbox.pause.kind === 'none') return sandbox.pause.reason;
  return pauseHealth === 'dead' && pause.kind !== 'found' ? 'exited' : undefined;
}

/** Inodes come from pause; without it from the containers, where they agree. */
function viewNamespaces(pod: PodScene): Record<NamespaceKind, NamespaceView> {
  const pause = pod.pause.kind === 'found' && !isDeadState(pod.pause.process.state) ? pod.pause.process : undefined;
  const inits = pod.containers.flatMap(({ container, init }) =>
    init.kind === 'found' ? [{ name: container.name, namespaces: init.process.probe?.namespaces }] : [],
  );
  const sameOf = (kind: NamespaceKind): number | undefined => {
    const [first, ...others] = new Set(inits.map(({ namespaces }) => namespaces?.[kind]));
    return others.length === 0 ? first : undefined;
  };
  const view = (kind: NamespaceKind): NamespaceView => {
    const inode = pause === undefined ? sameOf(kind) : pause.probe?.namespaces[kind];
    const sharedBy = inits.filter(({ namespaces }) => inode !== undefined && namespaces?.[kind] === inode);
    return {
      inode,
      heldByPause: inode === undefined ? undefined : pause !== undefined,
      sharedBy: sharedBy.map(({ name }) => name),
    };
  };
  const [net, ipc, uts, pid] = [view('net'), view('ipc'), view('uts'), view('pid')];
  return { net, ipc, uts, pid, mnt: view('mnt'), cgroup: view('cgroup'), user: view('user') };
}

function viewContainer(scene: ContainerScene, pod: PodScene): ContainerView {
  const { container, init, zombies } = scene;
  const { id, name, attempt, state, imageRef } = container;
  const process = init.kind === 'found' ? init.process : undefined;
  return {
    id,
    name,
    attempt,
    state,
    pid: container.pid !== undefined && 'value' in container.pid ? container.pid.value : undefined,
    image: imageRef,
    zombies: seesInside(pod.sandbox) ? zombies?.length : undefined,
    init:
      process === undefined
        ? undefined
        : { comm: process.comm, reaps: judgeReaping(process, zombiesUnder(pod, process), false) },
  };
}

function viewPids({ pids, zombies, exhaustedInSeconds }: PodScene): PidsView {
  const { current, limit, limitFrom, utilization } = pids;
  const zombieShare =
    current === undefined || zombies === undefined ? undefined : zombies.length / Math.max(current, 1);
  return { current, limit, limitFrom, utilization, zombieShare, exhaustedInSeconds };
}

function findingsAbout(scene: Scene, pod: PodScene, { ofSandbox, ofImages }: Judgement): readonly Finding[] {
  const own = ofSandbox.get(pod.sandbox.id) ?? [];
  const ofImage = ofImages.filter(
    ({ subject: { image, runtimeEndpoint } }) =>
      image !== undefined && runtimeEndpoint === pod.runtime.endpoint && runsOn(scene, pod, image),
  );
  return ofImage.length === 0 ? own : sortFindings([...own, ...ofImage]);
}

function listUnknown(scene: Scene, pod: PodScene): UnknownField[] {
  const unknown: UnknownField[] = [];
  const add = (field: string, reason: UnknownField['reason']): void => void unknown.push({ field, reason });
  const { sandbox, pause, zombies, pids } = pod;
  const process = pause.kind === 'found' ? pause.process : undefined;
  if (pidModeOf(pod) === undefined) add('pidMode', pauseReason(pod));
  if (sandbox.imageRef === undefined) add('image', pauseReason(pod));
  if (pause.kind === 'unknown') add('pause', pauseReason(pod));
  if (!seesInside(sandbox)) add('zombies.count', 'unsupported');
  else if (zombies === undefined) add('zombies.count', scene.snapshot.kernel.procfsUp ? 'one-look' : 'silent');
  if (pod.zombiesPerHour === undefined) add('zombies.perHour', 'one-look');
  if (pod.tasksPerHour === undefined && pids.limit !== undefined) add('pids.exhaustedInSeconds', 'one-look');
  if (pids.current === undefined) add('pids.current', scene.snapshot.kernel.cgroupfsUp ? 'vanished' : 'silent');
  for (const [field, code] of Object.entries(process?.probe?.unknown ?? {})) add(fieldOfPause(field), code);
  if (process !== undefined && process.probe === undefined) add('pause.exe', 'vanished');
  for (const { container } of pod.containers) {
    if (container.pid !== undefined && 'unknown' in container.pid) {
      add(`containers.${container.name}.pid`, container.pid.unknown);
    }
    if (!seesInside(sandbox) && container.state === 'running')
      add(`containers.${container.name}.zombies`, 'unsupported');
  }
  return unknown;
}

function pauseReason({ sandbox }: PodScene): FaultCode {
  return sandbox.pause.kind === 'unknown' ? sandbox.pause.reason : 'silent';
}

function fieldOfPause(field: string): string {
  const kind = NAMESPACE_KINDS.find((name) => field === `namespaces.${name}`);
  return kind === undefined ? `pause.${field}` : `namespaces.${kind}.inode`;
}
