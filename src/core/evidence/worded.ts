/** Every word that evidence may have as its value: rules give no other, sentences are chosen by them, tables list them. */
import type { FindingId } from '../finding.ts';
import type { LimitFrom, ParentKind } from '../report.ts';

/** What is wrong with a shim. */
export const SHIM_STUCK_REASONS = ['stopped', 'uninterruptible', 'holds-zombies', 'no-children'] as const;
/** One of them. */
export type ShimStuckReason = (typeof SHIM_STUCK_REASONS)[number];

/** How a container and its sandbox came apart. */
export const DRIFT_REASONS = ['drifted', 'two-generations', 'network-lost'] as const;
/** One of them. */
export type DriftReason = (typeof DRIFT_REASONS)[number];

/** Why a ready sandbox is one too many. */
export const LEAKED_READY_REASONS = ['superseded', 'no-containers'] as const;
/** One of them. */
export type LeakedReadyReason = (typeof LEAKED_READY_REASONS)[number];

/** What excuses the OOM score of a pause. */
export const OOM_SCORE_REASONS = ['restricted-runtime', 'user-namespace'] as const;
/** One of them. */
export type OomScoreReason = (typeof OOM_SCORE_REASONS)[number];

/** What is held against the origin of a pause image. */
export const IMAGE_OBJECTIONS = ['unknown-repository', 'registry-not-allowed', 'digest-not-allowed'] as const;
/** One of them. */
export type ImageObjection = (typeof IMAGE_OBJECTIONS)[number];

/**
 * Whether shareProcessNamespace would help a pod.
 * - `yes`: the pod's pause is known to reap.
 * - `no-pause`: the sandbox has no process on the host that could.
 * - `pause-does-not-reap`: its pause is known not to.
 * - `depends`: nobody can tell from here.
 */
export const SHARING_HELPS = ['yes', 'no-pause', 'pause-does-not-reap', 'depends'] as const;
/** One of them. */
export type SharingHelps = (typeof SHARING_HELPS)[number];

/**
 * Who a process that holds zombies is, outside of the pod: decides whether it may be ended.
 * - `init`: PID 1 of the node, with which the node ends.
 * - `daemon`: a daemon of the container runtime, which is restarted by its service.
 * - `shim`: a shim or conmon, which ends with what it serves.
 * - `other`: any other process.
 */
export const HOLDER_KINDS = ['init', 'daemon', 'shim', 'other'] as const;
/** One of them. */
export type HolderKind = (typeof HOLDER_KINDS)[number];

/** Who the parent of a zombie is. */
export const PARENT_KINDS = ['pause', 'container-init', 'process', 'runtime', 'host'] as const satisfies ParentKind[];

/** Whose limit a pod is held against; the last four only where a fork was refused and neither of its own has a limit. */
const POD_LIMITS = ['container', 'pod', 'kubepods', 'pid-max', 'threads-max', 'none'] as const satisfies LimitFrom[];

/** Families of runtimes. */
const FLAVOURS = ['containerd', 'cri-o', 'cri-dockerd', 'docker', 'unknown'] as const;

const PARENT = { parentKind: PARENT_KINDS } as const;
const SHARING = { sharingHelps: SHARING_HELPS } as const;

/** The keys whose value is a word (or a list of words), with every word it may be. */
export const WORD_VALUES = {
  'node-pid-exhaustion': { limitFrom: ['kubepods', 'pid-max', 'threads-max'] },
  'pid-limit-hit': { limitFrom: POD_LIMITS },
  'pid-limit-near': { limitFrom: POD_LIMITS },
  'pause-dead-containers-running': { sandboxState: ['ready', 'notready'] },
  'pause-dying': { holderKind: HOLDER_KINDS },
  'pause-impersonation': { calledPauseBy: ['name', 'image', 'exe', 'comm'] },
  'pause-oom-score-adj': { explainedBy: OOM_SCORE_REASONS },
  'namespace-drift': { reason: DRIFT_REASONS, expected: ['sandbox', 'node'] },
  'orphan-process': { record: ['exited', 'none'] },
  'shim-stuck': { reason: SHIM_STUCK_REASONS },
  'shim-orphaned': { program: ['shim', 'conmon'] },
  'sandbox-leaked-ready': { reason: LEAKED_READY_REASONS },
  'zombies-runtime': { ...PARENT, holderKind: HOLDER_KINDS },
  'zombies-probe': { ...PARENT, ...SHARING },
  'zombies-container-init': { ...PARENT, ...SHARING },
  'zombies-app-parent': PARENT,
  'zombies-host': PARENT,
  'init-not-reaping': SHARING,
  'pause-image-unpinned': { flavour: FLAVOURS },
  'pause-image-unqualified': { lacks: ['registry', 'tag'] },
  'pause-image-unrecognized': { why: IMAGE_OBJECTIONS },
} as const satisfies Partial<Record<FindingId, Readonly<Record<string, readonly string[]>>>>;

/** "a, b or c". */
export function oneOf(words: readonly string[]): string {
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
