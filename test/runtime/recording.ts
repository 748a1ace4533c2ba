/** Reads recordings of real runtimes: proto JSON (snake case, enum names, 64-bit integers as strings) to messages. */
import { readFileSync } from 'node:fs';
import {
  type Container,
  ContainerState,
  type ContainerStatusResponse,
  type Image,
  NamespaceMode,
  type PodSandbox,
  PodSandboxState,
  type PodSandboxStatusResponse,
  type StatusResponse,
  type UserNamespace,
  type VersionResponse,
} from '../../src/runtime/cri/generated/runtime/v1/cri.ts';

/** Any part of a recording, asked field by field. */
type Json = Readonly<Record<string, unknown>>;

/** One process as the kernel showed it. */
export interface RecordedProcess {
  readonly pid: number;
  readonly stat: string;
  readonly status: string;
  readonly cgroup: string;
  /** Known flags of shims and conmons; absent of all others. */
  readonly cmdline?: string;
  readonly oom_score_adj: string;
  readonly exe: string;
  readonly ns: Readonly<Record<string, string>>;
}

/** What a call was answered with. */
export type Recorded<T> =
  | { readonly response: T }
  | { readonly error: { readonly code: number; readonly details: string } };

/** What the kernel showed of the pods and their shims. */
export interface RecordedKernel {
  readonly processes: readonly RecordedProcess[];
  /** Files of the pids controller by path of the cgroup. */
  readonly pidsController: Readonly<
    Record<string, { readonly current: string; readonly max: string; readonly events: string }>
  >;
}

/** A recording, decoded to the messages of the wire. */
export interface Recording extends RecordedKernel {
  readonly version: VersionResponse;
  readonly status: StatusResponse;
  readonly sandboxes: readonly PodSandbox[];
  readonly containers: readonly Container[];
  readonly images: readonly Image[];
  readonly sandboxStatus: ReadonlyMap<string, Recorded<PodSandboxStatusResponse>>;
  readonly containerStatus: ReadonlyMap<string, Recorded<ContainerStatusResponse>>;
  /** Id of the sandbox and of the container that were arranged under a name. */
  readonly arranged: ReadonlyMap<string, { readonly sandbox: string; readonly container: string | undefined }>;
}

export const RECORDINGS = [
  'containerd-1.6.20',
  'containerd-1.7.24',
  'containerd-2.1.9',
  'cri-o-1.36.3',
  'cri-o-1.36.3-infra-kept',
  'cri-dockerd-0.4.3',
] as const;
export type RecordingName = (typeof RECORDINGS)[number];

/** Reads one recording of test/runtime/fixtures. */
export function readRecording(name: RecordingName): Recording {
  const file = new URL(`fixtures/${name}.json`, import.meta.url);
  const json = JSON.parse(readFileSync(file, 'utf8')) as Json;
  const answers = json['answers'] as Json;
  const response = (call: string): Json => asJson(asJson(answers[call])['response']);
  const statuses = asJson(answers['ContainerStatus']);
  const ofSandboxIds = asJson(answers['ContainerStatusOfSandboxId']);
  const arranged = json['arranged'] as readonly { kind: string; sandbox: string; container: string | null }[];
  return {
    version: toVersion(response('Version')),
    status: toStatus(response('Status')),
    sandboxes: list(response('ListPodSandbox')['items']).map(toSandbox),
    containers: list(response('ListContainers')['containers']).map(toContainer),
    images: list(response('ListImages')['images']).map(toImage),
    sandboxStatus: recordedById(asJson(answers['PodSandboxStatus']), toSandboxStatus),
    containerStatus: recordedById({ ...ofSandboxIds, ...statuses }, toContainerStatus),
    arranged: new Map(arranged.map((it) => [it.kind, { sandbox: it.sandbox, container: it.container ?? undefined }])),
    processes: json['processes'] as RecordedProcess[],
    pidsController: json['pidsController'] as Recording['pidsController'],
  };
}

/** The answer of a recorded call, or an error that says what was recorded instead. */
export function answerOf<T>(recorded: Recorded<T> | undefined): T {
  if (recorded === undefined || 'error' in recorded) throw new Error(`no answer: ${JSON.stringify(recorded)}`);
  return recorded.response;
}

function recordedById<T>(answers: Json, decode: (json: Json) => T): Map<string, Recorded<T>> {
  const entries = Object.entries(answers).map(([id, recorded]): [string, Recorded<T>] => {
    const { response, error } = asJson(recorded);
    if (error !== undefined) return [id, { error: error as { code: number; details: string } }];
    return [id, { response: decode(asJson(response)) }];
  });
  return new Map(entries);
}

function toVersion(json: Json): VersionResponse {
  return {
    version: text(json['version']),
    runtimeName: text(json['runtime_name']),
    runtimeVersion: text(json['runtime_version']),
    runtimeApiVersion: text(json['runtime_api_version']),
  };
}

function toStatus(json: Json): StatusResponse {
  const conditions = list(asJson(json['status'])['conditions']).map((condition) => ({
    type: text(condition['type']),
    status: condition['status'] === true,
    reason: text(condition['reason']),
    message: text(condition['message']),
  }));
  return { status: { conditions }, info: json['info'] as Record<string, string> };
}

function toSandbox(json: Json): PodSandbox {
  return {
    id: text(json['id']),
    metadata: toMetadata(asJson(json['metadata'])),
    state: enumOf(PodSandboxState, json['state']),
    createdAt: whole(json['created_at']),
    annotations: (json['annotations'] ?? {}) as Record<string, string>,
    runtimeHandler: text(json['runtime_handler']),
  };
}

function toMetadata(json: Json) {
  return {
    name: text(json['name']),
    uid: text(json['uid']),
    namespace: text(json['namespace']),
    attempt: Number(json['attempt']),
  };
}

function toSandboxStatus(json: Json): PodSandboxStatusResponse {
  const status = asJson(json['status']);
  const options = asJson(asJson(asJson(status['linux'])['namespaces'])['options']);
  const namespaces = {
    options: {
      network: enumOf(NamespaceMode, options['network']),
      pid: enumOf(NamespaceMode, options['pid']),
      ipc: enumOf(NamespaceMode, options['ipc']),
      targetId: text(options['target_id']),
      usernsOptions: toUserNamespace(options['userns_options']),
    },
  };
  return {
    status: { ...toSandbox(status), linux: { namespaces } },
    info: (json['info'] ?? {}) as Record<string, string>,
  };
}

function toUserNamespace(json: unknown): UserNamespace | undefined {
  return json === null || json === undefined ? undefined : { mode: enumOf(NamespaceMode, asJson(json)['mode']) };
}

function toContainer(json: Json): Container {
  return {
    id: text(json['id']),
    podSandboxId: text(json['pod_sandbox_id']),
    metadata: { name: text(asJson(json['metadata'])['name']), attempt: Number(asJson(json['metadata'])['attempt']) },
    image: { image: text(asJson(json['image'])['image']) },
    imageRef: text(json['image_ref']),
    state: enumOf(ContainerState, json['state']),
    createdAt: whole(json['created_at']),
  };
}

function toContainerStatus(json: Json): ContainerStatusResponse {
  const status = asJson(json['status']);
  return {
    status: {
      id: text(status['id']),
      state: enumOf(ContainerState, status['state']),
      startedAt: whole(status['started_at']),
      finishedAt: whole(status['finished_at']),
      exitCode: Number(status['exit_code']),
      image: { image: text(asJson(status['image'])['image']) },
      reason: text(status['reason']),
    },
    info: (json['info'] ?? {}) as Record<string, string>,
  };
}

function toImage(json: Json): Image {
  return {
    id: text(json['id']),
    repoTags: json['repo_tags'] as string[],
    repoDigests: json['repo_digests'] as string[],
    size: whole(json['size']),
    pinned: json['pinned'] === true,
  };
}

function asJson(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}

function list(value: unknown): Json[] {
  return (Array.isArray(value) ? value : []).map(asJson);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function whole(value: unknown): bigint {
  return BigInt(typeof value === 'string' ? value : 0);
}

/** The number of an enum's name; a recording must not hold a name that the .proto does not have. */
function enumOf<E extends Readonly<Record<string, number>>>(names: E, name: unknown): E[keyof E] {
  const value = names[String(name)];
  if (value === undefined) throw new Error(`no such enum name: ${String(name)}`);
  return value as E[keyof E];
}
