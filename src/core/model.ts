/** What one look at a node found: plain data, joined by nobody yet, the same whether it was captured or replayed. */

/**
 * Version of the shape of snapshots and of the recordings they are kept in; raised when a reader of the old shape would
 * misunderstand the new one. Since 2 a recording holds several looks; before, a file held one snapshot.
 */
export const SNAPSHOT_SCHEMA_VERSION = 2;

/** Why something could not be read. A closed set: it is a metric label (`pausewatch_source_faults_total`). */
export const FAULT_CODES = ['denied', 'timeout', 'vanished', 'silent', 'unsupported', 'malformed'] as const;

/**
 * - `denied`: no permission.
 * - `timeout`: asked, and no answer before the deadline.
 * - `vanished`: it was listed and was gone when its details were asked for.
 * - `silent`: nobody there (no socket, connection refused) or an answer without the fact.
 * - `unsupported`: the source cannot tell (a call it does not have, a kernel without the file).
 * - `malformed`: an answer that does not make sense.
 */
export type FaultCode = (typeof FAULT_CODES)[number];

/** Where facts come from. */
export type SourceName = 'runtime' | 'procfs' | 'cgroupfs';

/** One thing that could not be read, and how often in this look. */
export interface SourceFault {
  readonly source: SourceName;
  /** The runtime's endpoint; undefined for the kernel's file systems. */
  readonly endpoint: string | undefined;
  readonly code: FaultCode;
  /** What was asked for: "ListPodSandbox", "sandbox 3f2a…", "/proc/4711/ns/pid". */
  readonly subject: string;
  /** One sentence for a person: what was tried, what came back, what to do. */
  readonly message: string;
  /** How many subjects of this look share the code and the cause; at least 1. */
  readonly count: number;
}

/** A fact that may be missing for a reason. */
export type Known<T> = { readonly value: T } | { readonly unknown: FaultCode };

/** PodSandboxState of CRI. */
export type SandboxState = 'ready' | 'notready';

/** ContainerState of CRI. */
export type ContainerState = 'created' | 'running' | 'exited' | 'unknown';

/** NamespaceMode of CRI: whom a namespace is shared with. */
export type NamespaceMode = 'pod' | 'container' | 'node' | 'target';

/**
 * What stands between a pod and the node. Behind a machine (`vm`: Kata) or a kernel in user space
 * (`user-space-kernel`: gVisor) the pod's processes are not among the node's, nor is its pause.
 */
export type Isolation = 'shared-kernel' | 'vm' | 'user-space-kernel';

/** Why a sandbox has no pause process to look at. */
export type NoPauseReason = 'infra-dropped' | 'vm-runtime' | 'not-reported' | 'exited';

/** What the runtime says of a sandbox's pause process. */
export type PauseRef =
  | { readonly kind: 'pid'; readonly pid: number }
  | { readonly kind: 'none'; readonly reason: NoPauseReason }
  | { readonly kind: 'unknown'; readonly reason: FaultCode };

/** How a pause process ended, where the runtime tells (cri-dockerd, Docker). */
export interface PauseEnd {
  /** Exit code as a shell shows it: 128 and the number of the signal that killed it. */
  readonly exitCode: number;
  readonly oomKilled: boolean;
}

/** One sandbox as the runtime reports it (CRI PodSandbox and verbose PodSandboxStatus). */
export interface PodSandbox {
  /** Whole id, 64 hexadecimal digits on every known runtime. */
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  /** UID of the pod. */
  readonly uid: string;
  /** Counts the sandboxes made for one pod UID, from 0. */
  readonly attempt: number;
  readonly state: SandboxState;
  /** Milliseconds since the epoch. */
  readonly createdAtMs: number;
  /** Name of the runtime handler; empty for the default one. */
  readonly runtimeHandler: string;
  /** Undefined until the details were read. */
  readonly pidMode: NamespaceMode | undefined;
  readonly networkMode: NamespaceMode | undefined;
  readonly ipcMode: NamespaceMode | undefined;
  /** `pod`: asked for a user namespace of its own. containerd 1.6 and cri-dockerd do not heed that. */
  readonly userMode: NamespaceMode | undefined;
  readonly isolation: Isolation;
  /** The kubelet made the pod from a file of its own (annotation kubernetes.io/config.source). */
  readonly isStatic: boolean;
  /** The runtime lost the pod's network namespace (netNamespaceClosed of containerd); undefined where it does not tell. */
  readonly netClosed: boolean | undefined;
  readonly pause: PauseRef;
  /** Undefined while pause lives and where the runtime does not tell. */
  readonly pauseEnd: PauseEnd | undefined;
  /** The pause image as the runtime names it; may be another tag than the configured one (L20). */
  readonly imageRef: string | undefined;
}

/** One container as the runtime reports it (CRI Container and verbose ContainerStatus). Never the pause container. */
export interface Container {
  readonly id: string;
  readonly sandboxId: string;
  readonly name: string;
  readonly attempt: number;
  readonly state: ContainerState;
  /** Milliseconds since the epoch. */
  readonly createdAtMs: number;
  /** Image reference as asked for. */
  readonly imageRef: string;
  /** The PID namespace it asked for itself, where the runtime tells; debug containers differ from their pod. */
  readonly pidMode: NamespaceMode | undefined;
  /** Host PID of its first process; only of running containers. */
  readonly pid: Known<number> | undefined;
}

/** One image stored on the node (CRI Image). */
export interface StoredImage {
  readonly id: string;
  readonly tags: readonly string[];
  readonly digests: readonly string[];
  readonly sizeBytes: number;
  /** Protected from garbage collection. */
  readonly pinned: boolean;
}

/** Family of the runtime: decides what it can tell. */
export type RuntimeFlavour = 'containerd' | 'cri-o' | 'cri-dockerd' | 'docker' | 'unknown';

/** What a runtime says of its own state (CRI RuntimeCondition); `status` true is the good case. */
export interface RuntimeCondition {
  /** "RuntimeReady", "NetworkReady", "ContainerdHasNoDeprecationWarnings". */
  readonly type: string;
  readonly status: boolean;
  readonly reason: string;
  readonly message: string;
}

/** What one runtime answered. */
export interface RuntimeSnapshot {
  /** `unix:///run/containerd/containerd.sock`. */
  readonly endpoint: string;
  /** runtime_name of CRI Version; empty while it never answered. */
  readonly name: string;
  readonly version: string;
  readonly flavour: RuntimeFlavour;
  /** The lists of this very look arrived. When false, sandboxes and containers are those of the last answer. */
  readonly up: boolean;
  /** When the lists below were answered, milliseconds since the epoch; undefined when they never were. */
  readonly answeredAtMs: number | undefined;
  /** The sandbox image the runtime is configured with (Status verbose); undefined when it does not tell. */
  readonly configuredPauseImage: string | undefined;
  /** As last told; empty where the runtime has none. */
  readonly conditions: readonly RuntimeCondition[];
  readonly sandboxes: readonly PodSandbox[];
  readonly containers: readonly Container[];
  /** Undefined when the image list did not arrive in this look. */
  readonly images: readonly StoredImage[] | undefined;
}

/** Inode numbers of a process's namespaces, from /proc/PID/ns (namespaces(7)); undefined when not readable. */
export type NamespaceInodes = Readonly<Record<NamespaceKind, number | undefined>>;

/** Kinds of namespaces pausewatch looks at. */
export const NAMESPACE_KINDS = ['net', 'ipc', 'uts', 'pid', 'mnt', 'cgroup', 'user'] as const;
export type NamespaceKind = (typeof NAMESPACE_KINDS)[number];

/** A thread and what it waits for (/proc/PID/task/TID). */
export interface ThreadWait {
  readonly tid: number;
  /** One letter of proc_pid_stat(5); D cannot be killed. */
  readonly state: string;
  /** Kernel function that it waits in; undefined when not told. */
  readonly wchan: string | undefined;
}

/** A process of a container runtime that stands between it and containers; what its command line says. */
export interface Shim {
  readonly pid: number;
  /** `shim` of containerd (also behind Docker), one for each pod or container; `conmon` of CRI-O, one for each container. */
  readonly kind: 'shim' | 'conmon';
  /** containerd namespace: "k8s.io" for pods, "moby" for Docker; undefined of conmon. */
  readonly namespace: string | undefined;
  /** Id of the sandbox or container it serves; undefined when its command line does not tell, or is not a pod's. */
  readonly id: string | undefined;
  /** Socket of the containerd that started it, as that one sees the path. */
  readonly address: string | undefined;
}

/** What is read of chosen processes only: pauses, container inits, zombies and the parents of zombies. */
export interface ProcessProbe {
  /** NSpid of proc_pid_status(5): the PID in each nested PID namespace, outermost first; empty when not reported. */
  readonly nsPids: readonly number[];
  /** Real uid; undefined when status could not be read. */
  readonly uid: number | undefined;
  /** TracerPid of proc_pid_status(5): the process that traces it; 0 for none, undefined when status could not be read. */
  readonly tracerPid: number | undefined;
  /** SigCgt and SigIgn of proc_pid_status(5), 16 hexadecimal digits; undefined when status could not be read. */
  readonly signalsCaught: string | undefined;
  readonly signalsIgnored: string | undefined;
  readonly namespaces: NamespaceInodes;
  /** Target of /proc/PID/exe. */
  readonly exe: string | undefined;
  /** SHA-256 of that file, hexadecimal; only of pause processes. */
  readonly exeSha256: string | undefined;
  /** /proc/PID/oom_score_adj, -1000 to 1000. */
  readonly oomScoreAdj: number | undefined;
  /** VmRSS in bytes. */
  readonly rssBytes: number | undefined;
  /**
   * Kernel function that it waits in (proc_pid_wchan(5)); only of pauses. Undefined when it waits in none, or when the
   * kernel does not tell: without CAP_SYS_PTRACE it tells of nobody.
   */
  readonly wchan: string | undefined;
  /** Its threads that are alive; only of dead leaders (L13), at most 32 and those in D first. Undefined: not read. */
  readonly threads: readonly ThreadWait[] | undefined;
  /** Why a field above is undefined, by the field's name ("exe", "namespaces.net"). */
  readonly unknown: Readonly<Record<string, FaultCode>>;
}

/** One process of the sweep (proc_pid_stat(5)). */
export interface Process {
  readonly pid: number;
  readonly ppid: number;
  /**
   * The session (PID of its leader, which may have ended), kept until a zombie is collected. A process exec'd into a
   * container is in one of its own. 0 when not told.
   */
  readonly sessionId: number;
  /** Start time in clock ticks since boot; with pid it is the identity of a process. */
  readonly startTicks: number;
  /** Any bytes but NUL, at most 15 of them (kernel threads: 63), decoded as UTF-8; not unique, not trustworthy. */
  readonly comm: string;
  /** One letter: R, S, D, T, t, Z, X, I. */
  readonly state: string;
  /** Threads of the group, the leader included. A zombie with more than one is a dead leader, not a zombie (L13). */
  readonly threads: number;
  /** CPU time used, user and system, in clock ticks. */
  readonly cpuTicks: number;
  /**
   * The cgroup path that names a container if any of its lines does, else that of the pids controller; as last read
   * while the process was alive, since on cgroup v1 a zombie shows "/" (L4). Undefined when it was never readable.
   */
  readonly cgroup: string | undefined;
  readonly probe: ProcessProbe | undefined;
}

/** Counters of one directory of the pids controller. */
export interface CgroupPids {
  /** Path below the root of the controller's hierarchy, "/" for the root. */
  readonly path: string;
  /** pids.current: tasks charged, zombies included (L6); undefined on the root. */
  readonly current: number | undefined;
  /** pids.max; undefined for "max" or where there is no such file. */
  readonly limit: number | undefined;
  /** "max" of pids.events: forks refused; undefined when not readable. */
  readonly limitHits: number | undefined;
}

/** What the kernel shows. */
export interface KernelSnapshot {
  /** /proc could be listed. When false there are no processes and every verdict on them is unknown. */
  readonly procfsUp: boolean;
  /** The pids controller was found. */
  readonly cgroupfsUp: boolean;
  /** Boot time (btime of proc_stat(5)), milliseconds since the epoch. */
  readonly bootTimeMs: number | undefined;
  readonly processes: readonly Process[];
  /** PIDs that exist but could not be read: nothing may be concluded from their absence in `processes`. */
  readonly unreadablePids: readonly number[];
  /** kernel.pid_max, undefined when it cannot be trusted (read from another PID namespace than the node's). */
  readonly pidMax: number | undefined;
  /** kernel.threads-max. */
  readonly threadsMax: number | undefined;
  /** cgroups of known sandboxes and containers and all their ancestors, keyed by path. */
  readonly cgroups: Readonly<Record<string, CgroupPids>>;
  /** Where the cgroup of a sandbox or container is: id to path. An id without one has no cgroup any more. */
  readonly cgroupOf: Readonly<Record<string, string>>;
  /** Shims and conmons that live; undefined when processes could not be read. */
  readonly shims: readonly Shim[] | undefined;
  /** Ids of sandboxes whose cgroup is frozen by cgroup v2 (`frozen 1` of cgroup.events); v1 shows in state and wchan. */
  readonly frozen: readonly string[];
}

/** One look at a node. Never mutated after capture. */
export interface NodeSnapshot {
  readonly schemaVersion: number;
  readonly node: string;
  /** When the look was taken, milliseconds since the epoch. */
  readonly takenAtMs: number;
  readonly runtimes: readonly RuntimeSnapshot[];
  readonly kernel: KernelSnapshot;
  readonly faults: readonly SourceFault[];
}

declare const processKeyBrand: unique symbol;

/** Identity of a process: a PID alone is reused, (pid, start ticks) is not. */
export type ProcessKey = string & { readonly [processKeyBrand]: true };

/** The identity of a process that was read. */
export function processKey(process: { readonly pid: number; readonly startTicks: number }): ProcessKey {
  return `${process.pid}@${process.startTicks}` as ProcessKey;
}

/** USER_HZ: the unit of start time and CPU time in /proc, 100 on every Linux port that runs Kubernetes (time(7)). */
export const TICKS_PER_SECOND = 100;
