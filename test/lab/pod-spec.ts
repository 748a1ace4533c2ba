// What a test asks the lab for, and how the kubelet would have put it to the runtime.
import { join } from 'node:path';
import { type ContainerConfig, NamespaceMode, type PodSandboxConfig } from './generated/runtime/v1/cri-lab.ts';
import { APP_IMAGE } from './images.ts';

/** Whose PID namespace: the pod's (shareProcessNamespace), each container's own, the node's (hostPID). */
export type PidMode = 'pod' | 'container' | 'node';

/** One app container. */
export interface ContainerSpec {
  readonly name: string;
  /** Whole command line: `['zoo', 'leak-init', '3']`, `['sh', '-c', '…']`. See programs/zoo.c. */
  readonly command: readonly string[];
  /** Image reference; the app image (busybox and zoo) if not given. */
  readonly image?: string;
  /** Counts restarts, from 0. */
  readonly attempt?: number;
  /** Another PID mode than the pod's. */
  readonly pidMode?: PidMode;
  /** Joins the PID namespace of this container (id), as `kubectl debug --target` does. */
  readonly pidTarget?: string;
  /** Capabilities on top of the default ones, without `CAP_`. */
  readonly capabilities?: readonly string[];
  readonly privileged?: boolean;
}

/** One pod. */
export interface PodSpec {
  readonly name: string;
  /** `default` if not given. */
  readonly namespace?: string;
  /** A random UUID if not given. */
  readonly uid?: string;
  /** Counts sandboxes of one pod, from 0. */
  readonly attempt?: number;
  /** `container` if not given, as in Kubernetes. */
  readonly pidMode?: PidMode;
  /** `host`, the default, is quicker; `cni` gives it a network namespace of its own. */
  readonly network?: 'host' | 'cni';
  /** Reference of the pause image, which the lab must know; the lab's default if not given. */
  readonly pauseImage?: string;
  readonly qos?: 'besteffort' | 'burstable' | 'guaranteed';
  readonly containers?: readonly ContainerSpec[];
  /** On top of the labels the kubelet sets. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A pod with nothing left open. */
export type WholePodSpec = Required<PodSpec>;

/** The pod's cgroup as the kubelet's cgroupfs driver names it. */
export function podCgroup(labCgroup: string, spec: WholePodSpec): string {
  return join(labCgroup, 'kubepods', spec.qos === 'guaranteed' ? '' : spec.qos, `pod${spec.uid}`);
}

/** The sandbox as the runtime is asked for it. */
export function sandboxConfig(spec: WholePodSpec, cgroup: string): PodSandboxConfig {
  const network = spec.network === 'host' ? NamespaceMode.NODE : NamespaceMode.POD;
  return {
    metadata: { name: spec.name, namespace: spec.namespace, uid: spec.uid, attempt: spec.attempt },
    hostname: spec.network === 'host' ? '' : spec.name,
    logDirectory: '',
    labels: { ...kubeletLabels(spec), ...spec.labels },
    annotations: { 'kubernetes.io/config.source': 'api', ...spec.annotations },
    linux: {
      cgroupParent: cgroup,
      securityContext: {
        namespaceOptions: { network, pid: namespaceMode(spec.pidMode), ipc: NamespaceMode.POD, targetId: '' },
        privileged: spec.containers.some((container) => container.privileged === true),
      },
    },
  };
}

/** A container as the runtime is asked for it. */
export function containerConfig(pod: WholePodSpec, spec: ContainerSpec): ContainerConfig {
  const network = pod.network === 'host' ? NamespaceMode.NODE : NamespaceMode.POD;
  const pid = spec.pidTarget === undefined ? namespaceMode(spec.pidMode ?? pod.pidMode) : NamespaceMode.TARGET;
  const attempt = spec.attempt ?? 0;
  return {
    metadata: { name: spec.name, attempt },
    image: { image: spec.image ?? APP_IMAGE },
    command: [...spec.command],
    args: [],
    labels: { ...kubeletLabels(pod), 'io.kubernetes.container.name': spec.name },
    annotations: { 'io.kubernetes.container.restartCount': String(attempt) },
    linux: {
      resources: { memoryLimitInBytes: 0n, oomScoreAdj: 1000n },
      securityContext: {
        capabilities: { addCapabilities: [...(spec.capabilities ?? [])] },
        privileged: spec.privileged ?? false,
        namespaceOptions: { network, pid, ipc: NamespaceMode.POD, targetId: spec.pidTarget ?? '' },
      },
    },
  };
}

function kubeletLabels(pod: WholePodSpec): Record<string, string> {
  return {
    'io.kubernetes.pod.name': pod.name,
    'io.kubernetes.pod.namespace': pod.namespace,
    'io.kubernetes.pod.uid': pod.uid,
  };
}

function namespaceMode(mode: PidMode): NamespaceMode {
  switch (mode) {
    case 'pod':
      return NamespaceMode.POD;
    case 'container':
      return NamespaceMode.CONTAINER;
    case 'node':
      return NamespaceMode.NODE;
    default:
      return mode satisfies never;
  }
}
