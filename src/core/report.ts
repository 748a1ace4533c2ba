/** What an audit concludes: findings and the views that every output (metrics, JSON, page, table) is made from. */
import type { Finding } from './finding.ts';
import type { ImageRef } from './image-ref.ts';
import type {
  ContainerState,
  FaultCode,
  Isolation,
  NamespaceKind,
  NamespaceMode,
  NoPauseReason,
  Process,
  RuntimeCondition,
  RuntimeFlavour,
  SandboxState,
  SourceFault,
  SourceName,
} from './model.ts';

/** A field of a view that is absent, and why. `one-look` means: wait for the second look. */
export interface UnknownField {
  /** Path of the field in the JSON of /sandboxes: "pause.exe". */
  readonly field: string;
  readonly reason: FaultCode | 'one-look';
}

/** Whether a process collects its dead children. */
export type Reaps = 'yes' | 'no' | 'unknown';

/** Who the parent of a zombie is: decides the remedy. `host` includes PID 1 and anything outside every pod. */
export type ParentKind = 'pause' | 'container-init' | 'process' | 'runtime' | 'host';

/** The process that ought to collect a zombie. */
export interface ZombieParent {
  readonly pid: number;
  /** PID in its innermost PID namespace; undefined when unknown. */
  readonly nsPid: number | undefined;
  readonly comm: string;
  readonly kind: ParentKind;
}

/** A process that is dead, not collected, and was so in two looks. */
export interface Zombie {
  readonly pid: number;
  readonly nsPid: number | undefined;
  readonly comm: string;
  /** First look that saw it dead, milliseconds since the epoch. The kernel does not keep the moment of death. */
  readonly firstSeenMs: number;
  /** Seen in this agent's very first look: it may be older. */
  readonly atLeast: boolean;
  /** Name of the container it belonged to; undefined when only the pod is known. */
  readonly container: string | undefined;
  /** Undefined when the parent was gone when it was looked for. */
  readonly parent: ZombieParent | undefined;
}

/** The pause process of a sandbox, as the kernel shows it. */
export interface PauseView {
  readonly pid: number;
  /** Milliseconds since the epoch; undefined without a boot time. */
  readonly startedAtMs: number | undefined;
  /** State letter of proc_pid_stat(5). */
  readonly state: string;
  readonly exe: string | undefined;
  readonly exeSha256: string | undefined;
  readonly comm: string;
  readonly uid: number | undefined;
  readonly oomScoreAdj: number | undefined;
  readonly reaps: Reaps;
  readonly cpuSeconds: number;
  readonly rssBytes: number | undefined;
}

/** One namespace of a sandbox. */
export interface NamespaceView {
  /** Inode of the sandbox's namespace (of the pause process); undefined when not readable. */
  readonly inode: number | undefined;
  /** The pause process is in it, which keeps it alive; undefined without a pause or when not readable. */
  readonly heldByPause: boolean | undefined;
  /** Names of the running containers whose first process is in it too. */
  readonly sharedBy: readonly string[];
}

/** One container of a sandbox. */
export interface ContainerView {
  readonly id: string;
  readonly name: string;
  readonly attempt: number;
  readonly state: ContainerState;
  /** Host PID of its first process; undefined unless it runs and the PID is known. */
  readonly pid: number | undefined;
  readonly image: string;
  /** Confirmed zombies; undefined after only one look, or without /proc. */
  readonly zombies: number | undefined;
  /** Its first process; undefined when there is none. */
  readonly init: { readonly comm: string; readonly reaps: Reaps } | undefined;
}

/** Which limit is the tightest: the one a pod will meet first. */
export const LIMIT_SOURCES = ['container', 'pod', 'kubepods', 'pid-max', 'threads-max', 'none'] as const;
export type LimitFrom = (typeof LIMIT_SOURCES)[number];

/** Tasks of a pod against its tightest limit. */
export interface PidsView {
  /** Tasks charged to the pod, zombies included; undefined when no cgroup of it could be read. */
  readonly current: number | undefined;
  /** The limit of `limitFrom`; undefined without one. */
  readonly limit: number | undefined;
  readonly limitFrom: LimitFrom;
  /** The largest current/limit over the pod's cgroup and its containers', 0 without a limit; undefined when unreadable. */
  readonly utilization: number | undefined;
  /** Zombies / current; undefined when either is unknown. */
  readonly zombieShare: number | undefined;
  /** Until `limit` is reached as its tasks grow now; undefined when they do not, or there is none, or it is not known yet. */
  readonly exhaustedInSeconds?: number | undefined;
}

/** Zombies of one sandbox. */
export interface ZombiesView {
  /** Confirmed in two looks; undefined after one look or without /proc. */
  readonly count: number | undefined;
  /** Growth; negative when they become fewer. Undefined until they were watched for long enough. */
  readonly perHour?: number | undefined;
  readonly items: readonly Zombie[];
}

/** How the pause process of a sandbox is. `dying`: killed, and not able to end. `none`: no pause by design or because the sandbox ended. */
export const PAUSE_HEALTHS = ['alive', 'dead', 'dying', 'zombie', 'stopped', 'mismatch', 'none', 'unknown'] as const;
export type PauseHealth = (typeof PAUSE_HEALTHS)[number];

/** One sandbox with everything that is known about it. */
export interface SandboxView {
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly attempt: number;
  readonly state: SandboxState;
  readonly createdAtMs: number;
  readonly runtimeHandler: string;
  readonly runtimeEndpoint: string;
  readonly pidMode: NamespaceMode | undefined;
  readonly isolation: Isolation;
  /** Whether the pod has a user namespace of its own; undefined when nobody can tell. */
  readonly hasUserNamespace: boolean | undefined;
  readonly isStatic: boolean;
  /** The pause image; undefined when the runtime does not tell. */
  readonly image: (ImageRef & { readonly imageId: string | undefined }) | undefined;
  readonly pauseHealth: PauseHealth;
  readonly pause: PauseView | undefined;
  readonly noPauseReason: NoPauseReason | undefined;
  readonly namespaces: Readonly<Record<NamespaceKind, NamespaceView>>;
  readonly containers: readonly ContainerView[];
  readonly zombies: ZombiesView;
  readonly pids: PidsView;
  /** Forks refused under a limit since the cgroups were made, summed over its cgroups; undefined when unreadable. */
  readonly pidsLimitHits: number | undefined;
  readonly findings: readonly Finding[];
  /** Why some rule could not judge this sandbox or something in it; empty when all could. */
  readonly unjudged: readonly UnknownField['reason'][];
  readonly unknown: readonly UnknownField[];
}

/** One pause image of a runtime. */
export interface PauseImageView {
  readonly image: ImageRef;
  readonly imageId: string | undefined;
  /** Undefined when the image is not stored on the node. */
  readonly sizeBytes: number | undefined;
  /** Undefined where the runtime is too old to pin or the image is not stored. */
  readonly pinned: boolean | undefined;
  readonly configured: boolean;
  /** Sandboxes that run on it. */
  readonly sandboxes: number;
}

/** The pause images of one runtime. */
export interface PauseImagesView {
  readonly runtimeEndpoint: string;
  /** The configured one; undefined when the runtime does not tell. */
  readonly configured: ImageRef | undefined;
  readonly images: readonly PauseImageView[];
}

/** A runtime, as shown. */
export interface RuntimeView {
  readonly endpoint: string;
  readonly name: string;
  readonly version: string;
  readonly flavour: RuntimeFlavour;
  readonly up: boolean;
  /** What it says of its own state, deprecated settings among it. */
  readonly conditions: readonly RuntimeCondition[];
}

/** A source of facts and how it answered in this audit. */
export interface SourceView {
  readonly source: SourceName;
  readonly endpoint: string | undefined;
  readonly up: boolean;
  /** Milliseconds since the epoch; undefined when it never answered. */
  readonly answeredAtMs: number | undefined;
  readonly faults: readonly SourceFault[];
}

/** Who holds the zombies of the node. */
export type HeldBy = 'pod' | 'runtime' | 'host' | 'unattributed';

/** A dead pause noticed in this audit. */
export type PauseDeathReason = 'signal' | 'exit' | 'oom' | 'unknown';

/** The node as a whole. */
export interface NodeView {
  /** Confirmed zombies by holder; undefined after one look or without /proc. */
  readonly zombies: Readonly<Record<HeldBy, number>> | undefined;
  /** Tasks (threads) of the node, zombies included; undefined without /proc. */
  readonly pids: number | undefined;
  /** Smaller of pid_max and threads-max; undefined when it cannot be trusted. */
  readonly pidsLimit: number | undefined;
  readonly kubepodsPids: number | undefined;
  readonly kubepodsPidsLimit: number | undefined;
}

/** The outcome of one audit. */
export interface AuditReport {
  readonly node: string;
  readonly takenAtMs: number;
  /** Every source answered and every subject was judged, as far as this node can tell at all. */
  readonly complete: boolean;
  readonly runtimes: readonly RuntimeView[];
  readonly sources: readonly SourceView[];
  readonly pauseImages: readonly PauseImagesView[];
  readonly sandboxes: readonly SandboxView[];
  /** Zombies of no pod; shims of pods that no runtime lists; live processes in pods' cgroups without a record. */
  readonly unclaimed: {
    readonly zombies: readonly Zombie[];
    readonly shims: readonly Process[];
    readonly processes: readonly Process[];
  };
  /** Every finding, by cause, then worst first, then oldest first. */
  readonly findings: readonly Finding[];
  /** Subjects some rule could not judge, by reason. */
  readonly unjudged: Readonly<Record<FaultCode, number>>;
  readonly nodeView: NodeView;
  /** Sandboxes first seen in this audit. */
  readonly newSandboxes: number;
  /** Pauses that died since the audit before. */
  readonly pauseDeaths: readonly PauseDeathReason[];
}
