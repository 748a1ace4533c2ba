/** Turns CRI messages into the model. The only place, with the client, that knows the generated types. */
import type {
  Container,
  ContainerState,
  FaultCode,
  Isolation,
  Known,
  NamespaceMode,
  PauseEnd,
  PauseRef,
  PodSandbox,
  RuntimeCondition,
  RuntimeFlavour,
  SandboxState,
  StoredImage,
} from '../../core/model.ts';
import { isolationOf } from '../isolation.ts';
import { type Fields, flagIn, textIn } from '../json-fields.ts';
import {
  type ContainerStatusResponse,
  type Container as CriContainer,
  ContainerState as CriContainerState,
  type Image as CriImage,
  NamespaceMode as CriNamespaceMode,
  type PodSandbox as CriPodSandbox,
  PodSandboxState as CriPodSandboxState,
  type PodSandboxStatusResponse,
  type StatusResponse,
} from './generated/runtime/v1/cri.ts';
import { decodeOwnPidMode } from './own-pid-mode.ts';
import { parseInfo } from './verbose-info.ts';

/** What only the details of a sandbox tell (verbose PodSandboxStatus). */
export interface SandboxDetails {
  /** Undefined when the answer holds no status. */
  readonly state: SandboxState | undefined;
  readonly pidMode: NamespaceMode | undefined;
  readonly networkMode: NamespaceMode | undefined;
  readonly ipcMode: NamespaceMode | undefined;
  readonly userMode: NamespaceMode | undefined;
  /** The network namespace is gone (containerd's netNamespaceClosed); undefined when not told. */
  readonly netClosed: boolean | undefined;
  readonly pause: PauseRef;
  readonly pauseEnd: PauseEnd | undefined;
  readonly imageRef: string | undefined;
  /** containerd's name of the shim that runs the pod ("io.containerd.kata.v2"); undefined where not told. */
  readonly runtimeType: string | undefined;
  /** The runtime is about to say something else of this pause: state and pid do not fit together. */
  readonly isPassing: boolean;
  /** What made no sense in the verbose part; undefined when all did. */
  readonly problem: string | undefined;
}

/** What only the details of a container tell (verbose ContainerStatus). */
export interface ContainerDetails {
  /** Undefined when the answer holds no status. */
  readonly state: ContainerState | undefined;
  readonly pid: Known<number>;
  /** The PID namespace it asked for; undefined when not told. */
  readonly pidMode: NamespaceMode | undefined;
  /** The image, as one of the tags it has now; undefined when not told. */
  readonly imageRef: string | undefined;
  /** Of a container that exited. */
  readonly end: PauseEnd | undefined;
  readonly isPassing: boolean;
  readonly problem: string | undefined;
}

/** Family of a runtime by runtime_name of Version. */
export function decodeFlavour(runtimeName: string): RuntimeFlavour {
  if (runtimeName === 'containerd' || runtimeName === 'cri-o') return runtimeName;
  return runtimeName === 'docker' ? 'cri-dockerd' : 'unknown';
}

/** One sandbox of the list, with its details where they could be read. */
export function decodeSandbox(item: CriPodSandbox, details: SandboxDetails | FaultCode): PodSandbox {
  const { metadata } = item;
  const known = typeof details === 'string' ? undefined : details;
  const pause: PauseRef = typeof details === 'string' ? { kind: 'unknown', reason: details } : details.pause;
  const isolation = isolationOf(known?.runtimeType, item.runtimeHandler);
  return {
    id: item.id,
    namespace: metadata?.namespace ?? '',
    name: metadata?.name ?? '',
    uid: metadata?.uid ?? '',
    attempt: metadata?.attempt ?? 0,
    state: known?.state ?? decodeSandboxState(item.state),
    createdAtMs: nanosecondsToMs(item.createdAt),
    runtimeHandler: item.runtimeHandler,
    pidMode: known?.pidMode,
    networkMode: known?.networkMode,
    ipcMode: known?.ipcMode,
    userMode: known?.userMode,
    isolation,
    isStatic: item.annotations[CONFIG_SOURCE] === 'file',
    // The process named is the machine or the kernel in user space: pause is inside and nobody on the node sees it.
    pause: isolation !== 'shared-kernel' && pause.kind === 'pid' ? { kind: 'none', reason: 'vm-runtime' } : pause,
    pauseEnd: known?.pauseEnd,
    netClosed: known?.netClosed,
    imageRef: known?.imageRef,
  };
}

/** State of a sandbox. */
export function decodeSandboxState(state: CriPodSandboxState): SandboxState {
  return state === CriPodSandboxState.SANDBOX_READY ? 'ready' : 'notready';
}

/** The verbose status of a sandbox. Throws nothing: a part that makes no sense is named in `problem`. */
export function decodeSandboxDetails(response: PodSandboxStatusResponse, flavour: RuntimeFlavour): SandboxDetails {
  const options = response.status?.linux?.namespaces?.options;
  const info = parseInfo(response.info['info']);
  const pause = 'problem' in info ? MALFORMED : decodePause(info.fields, flavour);
  const state = response.status && decodeSandboxState(response.status.state);
  return {
    state,
    pidMode: options && decodePidMode(options.pid, flavour),
    networkMode: options && decodeMode(options.network),
    ipcMode: options && decodeMode(options.ipc),
    userMode: options && (options.usernsOptions === undefined ? 'node' : decodeMode(options.usernsOptions.mode)),
    netClosed: 'problem' in info ? undefined : flagIn(info.fields, 'netNamespaceClosed'),
    pause: response.status === undefined ? MALFORMED : pause,
    pauseEnd: undefined,
    imageRef: 'problem' in info ? undefined : textIn(info.fields, 'image'),
    runtimeType: 'problem' in info ? undefined : textIn(info.fields, 'runtimeType'),
    isPassing: isPassing(state, pause),
    problem: response.status === undefined ? NO_STATUS : 'problem' in info ? info.problem : undefined,
  };
}

/** What the status of a sandbox's own container adds where the sandbox tells nothing of its pause (cri-dockerd). */
export function addPauseContainer(details: SandboxDetails, container: ContainerDetails): SandboxDetails {
  const { state, pid, imageRef, end, problem } = container;
  const unknown = { kind: 'unknown', reason: 'unknown' in pid ? pid.unknown : 'malformed' } as const;
  const pause: PauseRef =
    'value' in pid
      ? { kind: 'pid', pid: pid.value }
      : state === 'exited'
        ? { kind: 'none', reason: 'exited' }
        : unknown;
  const passing = isPassing(details.state, pause);
  return { ...details, pause, pauseEnd: end, imageRef, isPassing: passing, problem: details.problem ?? problem };
}

/**
 * Between the death of pause and the runtime's notice a sandbox is READY without a pause (containerd, up to 0.3 s), or
 * NOTREADY with the old pid (CRI-O, 60 ms): the details are asked for again.
 */
function isPassing(state: SandboxState | undefined, pause: PauseRef): boolean {
  const hasEnded = pause.kind === 'none' && pause.reason === 'exited';
  return (state === 'ready' && hasEnded) || (state === 'notready' && pause.kind === 'pid');
}

/** Annotation in which the kubelet notes where it has a pod from: "file" for static pods, "api" for others. */
const CONFIG_SOURCE = 'kubernetes.io/config.source';

const NO_STATUS = 'no status in it';
const MALFORMED = { kind: 'unknown', reason: 'malformed' } as const;

/**
 * pid 0 means that pause has ended; no pid at all, that this runtime has no pause here or does not tell. A whole
 * runtimeSpec without a pid is CRI-O's, also when the runtime has not told its name yet.
 */
function decodePause(info: Fields, flavour: RuntimeFlavour): PauseRef {
  const pid = info['pid'];
  if (pid === undefined) {
    const isCriO = (flavour === 'cri-o' || flavour === 'unknown') && 'runtimeSpec' in info;
    return { kind: 'none', reason: isCriO ? 'infra-dropped' : 'not-reported' };
  }
  if (!isPid(pid)) return pid === 0 ? { kind: 'none', reason: 'exited' } : MALFORMED;
  // containerd's earlier signal: the pid is that of a pause whose end has not reached the sandbox's state yet.
  if (info['processStatus'] === 'stopped' || info['processStatus'] === 'deleted')
    return { kind: 'none', reason: 'exited' };
  return { kind: 'pid', pid };
}

/**
 * One container of the list, with its details where they were asked for (running ones). Behind a machine or a kernel
 * in user space the pid is not the container's: every container of the pod has the same one.
 */
export function decodeContainer(
  item: CriContainer,
  details: ContainerDetails | FaultCode | undefined,
  isolation: Isolation,
): Container {
  const state = (typeof details === 'object' ? details.state : undefined) ?? decodeContainerState(item.state);
  const told = typeof details === 'string' ? { unknown: details } : details?.pid;
  const pid = isolation === 'shared-kernel' ? told : ({ unknown: 'unsupported' } as const);
  return {
    id: item.id,
    sandboxId: item.podSandboxId,
    name: item.metadata?.name ?? '',
    attempt: item.metadata?.attempt ?? 0,
    state,
    createdAtMs: nanosecondsToMs(item.createdAt),
    imageRef: item.image?.image ?? '',
    pidMode: typeof details === 'object' ? details.pidMode : undefined,
    pid: state === 'running' ? pid : undefined,
  };
}

/** State of a container. */
export function decodeContainerState(state: CriContainerState): ContainerState {
  switch (state) {
    case CriContainerState.CONTAINER_CREATED:
      return 'created';
    case CriContainerState.CONTAINER_RUNNING:
      return 'running';
    case CriContainerState.CONTAINER_EXITED:
      return 'exited';
    default:
      return 'unknown';
  }
}

/** The verbose status of a container. */
export function decodeContainerDetails(response: ContainerStatusResponse): ContainerDetails {
  const { status } = response;
  const info = parseInfo(response.info['info']);
  const pid = 'problem' in info ? undefined : info.fields['pid'];
  const problem = status === undefined ? NO_STATUS : 'problem' in info ? info.problem : undefined;
  return {
    state: status && decodeContainerState(status.state),
    pid: isPid(pid) ? { value: pid } : { unknown: problem === undefined ? 'silent' : 'malformed' },
    pidMode: 'problem' in info ? undefined : decodeOwnPidMode(info.fields),
    imageRef: status?.image?.image || undefined,
    end:
      status?.state === CriContainerState.CONTAINER_EXITED
        ? { exitCode: status.exitCode, oomKilled: status.reason === 'OOMKilled' }
        : undefined,
    isPassing: false,
    problem,
  };
}

/** The sandbox image the runtime is configured with; undefined where it does not tell (containerd 2). */
export function decodeConfiguredImage(response: StatusResponse): string | undefined {
  const config = parseInfo(response.info['config']);
  return 'problem' in config ? undefined : textIn(config.fields, 'sandboxImage');
}

/** The conditions of the runtime, in the order in which it tells them. */
export function decodeConditions(response: StatusResponse): RuntimeCondition[] {
  const conditions = response.status?.conditions ?? [];
  return conditions.map(({ type, status, reason, message }) => ({ type, status, reason, message }));
}

/** One stored image. CRI-O leaves "sha256:" out of ids. */
export function decodeImage(image: CriImage): StoredImage {
  return {
    id: /^[0-9a-f]{64}$/.test(image.id) ? `sha256:${image.id}` : image.id,
    tags: image.repoTags,
    digests: image.repoDigests,
    sizeBytes: Number(image.size),
    pinned: image.pinned,
  };
}

function isPid(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0;
}

/** cri-dockerd says CONTAINER of pods that share their PID namespace as well, which is to say nothing. */
function decodePidMode(mode: CriNamespaceMode, flavour: RuntimeFlavour): NamespaceMode | undefined {
  const told = decodeMode(mode);
  return flavour === 'cri-dockerd' && told === 'container' ? undefined : told;
}

function decodeMode(mode: CriNamespaceMode): NamespaceMode | undefined {
  switch (mode) {
    case CriNamespaceMode.POD:
      return 'pod';
    case CriNamespaceMode.CONTAINER:
      return 'container';
    case CriNamespaceMode.NODE:
      return 'node';
    case CriNamespaceMode.TARGET:
      return 'target';
    default:
      return undefined;
  }
}

function nanosecondsToMs(nanoseconds: bigint): number {
  return Number(nanoseconds / 1_000_000n);
}
