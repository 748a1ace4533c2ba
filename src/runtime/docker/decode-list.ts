/** Finds pods' sandboxes and containers among all containers of a Docker Engine. */
import type { ContainerState, SandboxState } from '../../core/model.ts';
import { asFields, type Fields, fieldsIn, textIn, textsIn, wholeIn } from '../json-fields.ts';
import { type KubeletName, parseKubeletName } from './kubelet-name.ts';

/** One container of a pod as GET /containers/json lists it. */
export interface Listed {
  readonly id: string;
  readonly pod: KubeletName;
  /** As listed: "running", "exited", "created", "paused". */
  readonly status: string;
  /** Milliseconds since the epoch; Docker's list tells whole seconds. */
  readonly createdAtMs: number;
  /** Image as asked for; the bare id when the name belongs to another image now. */
  readonly image: string;
  readonly isStatic: boolean;
}

/** A listed app container; which sandbox it is in is told by its label, else by whose network it joined. */
export interface ListedApp extends Listed {
  readonly sandboxId: string | undefined;
}

/** The pods of a list. */
export interface ListedPods {
  readonly sandboxes: readonly Listed[];
  readonly apps: readonly ListedApp[];
  /** Items that could not be understood. */
  readonly odd: number;
}

const LABEL = {
  type: 'io.kubernetes.docker.type',
  container: 'io.kubernetes.container.name',
  pod: 'io.kubernetes.pod.name',
  namespace: 'io.kubernetes.pod.namespace',
  uid: 'io.kubernetes.pod.uid',
  sandbox: 'io.kubernetes.sandbox.id',
  // dockershim kept annotations as labels.
  source: 'annotation.kubernetes.io/config.source',
} as const;

/** Undefined when the answer is no list. Containers that are no pod's are left out. */
export function decodeList(answer: unknown): ListedPods | undefined {
  if (!Array.isArray(answer)) return undefined;
  const sandboxes: Listed[] = [];
  const apps: ListedApp[] = [];
  let odd = 0;
  for (const item of answer) {
    const fields = asFields(item);
    const id = fields && textIn(fields, 'Id');
    if (fields === undefined || id === undefined || !/^[0-9a-f]{64}$/.test(id)) {
      odd++;
      continue;
    }
    const labels = fieldsIn(fields, 'Labels');
    const pod = podOf(fields, labels);
    if (pod === undefined) continue;
    const listed = decodeItem(id, pod, fields, labels);
    if (isSandbox(pod, labels)) sandboxes.push(listed);
    else apps.push({ ...listed, sandboxId: sandboxOf(fields, labels) });
  }
  return { sandboxes, apps: apps.map((app) => withSandbox(app, sandboxes)), odd };
}

/** The labels where they are whole, else the name; old nodes have only the name. */
function podOf(fields: Fields, labels: Fields): KubeletName | undefined {
  const named = textsIn(fields, 'Names')
    .map(parseKubeletName)
    .find((it) => it !== undefined);
  const [pod, namespace, uid] = [textIn(labels, LABEL.pod), textIn(labels, LABEL.namespace), textIn(labels, LABEL.uid)];
  const container = textIn(labels, LABEL.container) ?? named?.container;
  if (pod === undefined || namespace === undefined || uid === undefined || container === undefined) return named;
  return { container, pod, namespace, uid, attempt: named?.attempt ?? 0 };
}

function isSandbox({ container }: KubeletName, labels: Fields): boolean {
  const type = textIn(labels, LABEL.type);
  return type === undefined ? container === 'POD' : type === 'podsandbox';
}

function decodeItem(id: string, pod: KubeletName, fields: Fields, labels: Fields): Listed {
  return {
    id,
    pod,
    status: textIn(fields, 'State') ?? '',
    createdAtMs: (wholeIn(fields, 'Created') ?? 0) * 1000,
    image: textIn(fields, 'Image') ?? '',
    isStatic: textIn(labels, LABEL.source) === 'file',
  };
}

/** Every app container of a pod joins the network of its sandbox, also where that is the node's. */
function sandboxOf(fields: Fields, labels: Fields): string | undefined {
  const joined = /^container:([0-9a-f]{64})$/.exec(textIn(fieldsIn(fields, 'HostConfig'), 'NetworkMode') ?? '');
  return textIn(labels, LABEL.sandbox) ?? joined?.[1];
}

/** Where nothing tells, the newest sandbox of the same pod. */
function withSandbox(app: ListedApp, sandboxes: readonly Listed[]): ListedApp {
  if (app.sandboxId !== undefined) return app;
  const ofPod = sandboxes.filter(({ pod }) => pod.uid === app.pod.uid);
  return { ...app, sandboxId: ofPod.toSorted((a, b) => b.pod.attempt - a.pod.attempt)[0]?.id };
}

/** A frozen container (`paused`) runs as far as Kubernetes is concerned. */
export function sandboxStateOf(status: string): SandboxState {
  return status === 'running' || status === 'paused' ? 'ready' : 'notready';
}

/** State of an app container by Docker's word. */
export function containerStateOf(status: string): ContainerState {
  switch (status) {
    case 'running':
    case 'paused':
      return 'running';
    case 'created':
      return 'created';
    case 'exited':
    case 'dead':
    case 'removing':
    case 'restarting':
      return 'exited';
    default:
      return 'unknown';
  }
}
