/** Turns CRI messages into the model. The only place, with the client, that knows the generated types. */
import type {
  Container,
  ContainerState,
  FaultCode,
  Known,
  NamespaceMode,
  PauseRef,
  PodSandbox,
  RuntimeFlavour,
  SandboxState,
  StoredImage,
} from '../../core/model.ts';
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
import { decodeOwnPidMode, type Fields, isFields } from './own-pid-mode.ts';

/** What only the details of a sandbox tell (verbose PodSandboxStatus). */
export interface SandboxDetails {
  /** Undefined when the answer holds no status. */
  readonly state: SandboxState | undefined;
  readonly pidMode: NamespaceMode | undefined;
  readonly networkMode: NamespaceMode | undefined;
  readonly ipcMode: NamespaceMode | undefined;
  /** The network namespace is gone (containerd's netNamespaceClosed); undefined when not told. */
  readonly netClosed: boolean | undefined;
  readonly pause: PauseRef;
  readonly imageRef: string | undefined;
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
    netClosed: known?.netClosed,
    pause: typeof details === 'string' ? { kind: 'unknown', reason: details } : details.pause,
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
  return {
    state: response.status && decodeSandboxState(response.status.state),
    pidMode: options && decodeMode(options.pid),
    networkMode: options && decodeMode(options.network),
    ipcMode: options && decodeMode(options.ipc),
    netClosed: 'problem' in info ? undefined : flagField(info.fields, 'netNamespaceClosed'),
    pause: response.status === undefined ? MALFORMED : pause,
    imageRef: 'problem' in info ? undefined : stringField(info.fields, 'image') || undefined,
    problem: response.status === undefined ? NO_STATUS : 'problem' in info ? info.problem : undefined,
  };
}

/** What the status of a sandbox's own container adds where the sandbox tells nothing of its pause (cri-dockerd). */
export function addPauseContainer(details: SandboxDetails, container: ContainerDetails): SandboxDetails {
  const { state, pid, imageRef, problem } = container;
  const unknown = { kind: 'unknown', reason: 'unknown' in pid ? pid.unknown : 'malformed' } as const;
  const pause: PauseRef =
    'value' in pid
      ? { kind: 'pid', pid: pid.value }
      : state === 'exited'
        ? { kind: 'none', reason: 'exited' }
        : unknown;
  return { ...details, pause, imageRef, problem: details.problem ?? problem };
}

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
  return { kind: 'pid', pid };
}

/** One container of the list, with its details where they were asked for (running ones). */
export function decodeContainer(item: CriContainer, details: ContainerDetails | FaultCode | undefined): Container {
  const state = (typeof details === 'object' ? details.state : undefined) ?? decodeContainerState(item.state);
  const pid = typeof details === 'string' ? { unknown: details } : details?.pid;
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
    problem,
  };
}

/** The sandbox image the runtime is configured with; undefined where it does not tell (containerd 2). */
export function decodeConfiguredImage(response: StatusResponse): string | undefined {
  const config = parseInfo(response.info['config']);
  return 'problem' in config ? undefined : stringField(config.fields, 'sandboxImage') || undefined;
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

/** An absent text is an empty object: without verbose parts there is nothing to misunderstand. */
function parseInfo(json: string | undefined): { readonly fields: Fields } | { readonly problem: string } {
  if (json === undefined) return { fields: {} };
  try {
    const value: unknown = JSON.parse(json);
    return isFields(value) ? { fields: value } : { problem: 'verbose info is not an object' };
  } catch (error) {
    return { problem: `verbose info is not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function stringField(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  return typeof value === 'string' ? value : undefined;
}

function flagField(fields: Fields, name: string): boolean | undefined {
  const value = fields[name];
  return typeof value === 'boolean' ? value : undefined;
}

function isPid(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0;
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
