// What a test asks the lab for, and how the kubelet would have put it to the runtime.
import { join } from 'node:path';
import {
  type ContainerConfig,
  type LinuxContainerResources,
  type LinuxContainerSecurityContext,
  NamespaceMode,
  type PodSandboxConfig,
  SecurityProfile_ProfileType,
} from './generated/runtime/v1/cri-lab.ts';
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
  /** Whatever else a manifest says about a container. */
  readonly confinement?: Confinement;
}

/** How a manifest shuts a container in, and what it lets it have. */
export interface Confinement {
  /** Arguments to the image's own entrypoint; `command` is then empty. */
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly mounts: readonly { readonly hostPath: string; readonly containerPath: string; readonly readonly: boolean }[];
  readonly user: number;
  readonly group: number;
  /** Without `CAP_`, or `ALL`. */
  readonly dropCapabilities: readonly string[];
  readonly noNewPrivileges: boolean;
  readonly readOnlyRoot: boolean;
  readonly seccomp: 'RuntimeDefault' | 'Unconfined';
  readonly memoryLimitBytes: number;
  readonly cpuLimitMilli: number;
  readonly cpuRequestMilli: number;
  /** As the kubelet reckons it from class and request. */
  readonly oomScoreAdj: number;
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
  const { confinement } = spec;
  return {
    metadata: { name: spec.name, attempt },
    image: { image: spec.image ?? APP_IMAGE },
    command: [...spec.command],
    args: [...(confinement?.args ?? [])],
    envs: Object.entries(confinement?.environment ?? {}).map(([key, value]) => ({ key, value })),
    mounts: [...(confinement?.mounts ?? [])],
    labels: { ...kubeletLabels(pod), 'io.kubernetes.container.name': spec.name },
    annotations: { 'io.kubernetes.container.restartCount': String(attempt) },
    linux: {
      resources: containerResources(confinement),
      securityContext: {
        capabilities: {
          addCapabilities: [...(spec.capabilities ?? [])],
          dropCapabilities: [...(confinement?.dropCapabilities ?? [])],
        },
        privileged: spec.privileged ?? false,
        namespaceOptions: { network, pid, ipc: NamespaceMode.POD, targetId: spec.pidTarget ?? '' },
        ...securityOf(confinement),
      },
    },
  };
}

/** The CPU period the kubelet asks for. */
const CPU_PERIOD_US = 100_000;

function containerResources(confinement: Confinement | undefined): LinuxContainerResources {
  const { cpuLimitMilli = 0, cpuRequestMilli = 0, memoryLimitBytes = 0, oomScoreAdj = 1000 } = confinement ?? {};
  return {
    cpuPeriod: BigInt(cpuLimitMilli === 0 ? 0 : CPU_PERIOD_US),
    cpuQuota: BigInt((cpuLimitMilli * CPU_PERIOD_US) / 1000),
    cpuShares: BigInt(Math.floor((cpuRequestMilli * 1024) / 1000)),
    memoryLimitInBytes: BigInt(memoryLimitBytes),
    oomScoreAdj: BigInt(oomScoreAdj),
  };
}

/** The part of the security context that only a manifest fills in. */
function securityOf(confinement: Confinement | undefined): SecurityFields {
  if (confinement === undefined) {
    return {
      readonlyRootfs: false,
      noNewPrivs: false,
      runAsUser: undefined,
      runAsGroup: undefined,
      seccomp: undefined,
    };
  }
  return {
    readonlyRootfs: confinement.readOnlyRoot,
    noNewPrivs: confinement.noNewPrivileges,
    runAsUser: { value: BigInt(confinement.user) },
    runAsGroup: { value: BigInt(confinement.group) },
    seccomp: { profileType: SecurityProfile_ProfileType[confinement.seccomp] },
  };
}

type SecurityFields = Pick<
  LinuxContainerSecurityContext,
  'readonlyRootfs' | 'noNewPrivs' | 'runAsUser' | 'runAsGroup' | 'seccomp'
>;

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
