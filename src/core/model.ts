/** What one look at a node found: plain data, joined by nobody yet, the same whether it was captured or replayed. */

/** Version of the snapshot's shape; raised when a reader of the old shape would misunderstand the new one. */
export const SNAPSHOT_SCHEMA_VERSION = 1;

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

/** Why a sandbox has no pause process to look at. */
export type NoPauseReason = 'infra-dropped' | 'vm-runtime' | 'not-reported' | 'exited';

/** What the runtime says of a sandbox's pause process. */
export type PauseRef =
  | { readonly kind: 'pid'; readonly pid: number }
  | { readonly kind: 'none'; readonly reason: NoPauseReason }
  | { readonly kind: 'unknown'; readonly reason: FaultCode };

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
  readonly pause: PauseRef;
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

/** What is read of chosen processes only: pauses, container inits, zombies and the parents of zombies. */
export interface ProcessProbe {
  /** NSpid of proc_pid_status(5): the PID in each nested PID namespace, outermost first; empty when not reported. */
  readonly nsPids: readonly number[];
  /** Real uid; undefined when status could not be read. */
  readonly uid: number | undefined;
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
