/** Thresholds and times the rules judge by. */
import type { FindingId } from './finding.ts';

/** What an operator may say of one kind of finding; what is left out is as the catalog has it. */
export interface FindingPolicy {
  /** False: it is never raised. */
  readonly enabled: boolean;
  /** Looks that must agree before it is shown. */
  readonly looks?: 1 | 2;
  /** How long it must hold, beside two consecutive audits, to be confirmed. Milliseconds. */
  readonly confirmAfterMs?: number;
}

/** Everything an operator may tune; times in milliseconds, shares from 0 to 1. Each key is told in config/policy-keys.ts. */
export interface Policy {
  /** Two looks closer together than this count as one: a zombie must outlive it (L24). */
  readonly looksApartMs: number;
  /** A gap shorter than this does not restart a finding's age. */
  readonly sinceSurvivesGapMs: number;
  /** Consecutive audits without the fault that clear a confirmed finding. */
  readonly cleanAuditsToClear: number;
  /** `zombies-*` are info below this count … */
  readonly zombiesWarnCount: number;
  /** … or while the oldest of them is younger than this. */
  readonly zombiesWarnAgeMs: number;
  /** … and critical from this share of a PID limit on … */
  readonly zombiesCriticalUtilization: number;
  /** … or once warning, when they will have filled a limit within this time. */
  readonly zombiesCriticalWithinMs: number;
  /** `zombies-host` leaves out what has lain for less: the node's own init may take a second or two (L24). */
  readonly zombiesHostAgeMs: number;
  /** Counts must have been watched for this long before growth and time to exhaustion are told. */
  readonly trendSpanMs: number;
  /** Runs that must have left zombies, at a regular period, before a probe is blamed. */
  readonly probeRuns: number;
  /** Longest time between two runs of what may be a probe. */
  readonly probePeriodMs: number;
  /** `pause-not-reaping` is critical from this many zombies on … */
  readonly notReapingCriticalCount: number;
  /** … or above this share of the PID limit. */
  readonly notReapingCriticalUtilization: number;
  /** `pid-limit-near` from this share of a pod's or container's own limit on. */
  readonly pidLimitNearUtilization: number;
  /** `pid-limit-hit` holds for this long after the last fork that was refused. */
  readonly pidLimitHitHoldMs: number;
  /** `node-pid-exhaustion` from this share of the limit of kubepods or of the node on. */
  readonly nodePidUtilization: number;
  /** `sandbox-churn` and `pause-exits-early` count within this time. */
  readonly churnWindowMs: number;
  /** Sandboxes replaced within it that are `sandbox-churn`. */
  readonly churnCount: number;
  /** A sandbox that lived no longer than this ended early … */
  readonly exitsEarlyWithinMs: number;
  /** … and so many of one pod are `pause-exits-early`. */
  readonly exitsEarlyCount: number;
  /** Pause images below this version are told; below 3.1 pause does not reap. */
  readonly minimumPauseVersion: string;
  /** Two sandboxes of one pod side by side for less than this are how the kubelet replaces one. */
  readonly overlapGraceMs: number;
  /** `sandbox-leaked-*` are info while younger than this; a ready sandbox may be without any container for so long. */
  readonly leakWarnAgeMs: number;
  /** What was made before the node booted is not called leaked for so long after it. */
  readonly bootGraceMs: number;
  /** Processes and shims younger than this may be of a pod that is just being made. */
  readonly orphanGraceMs: number;
  /** A zombie may hang on a shim for so long before the shim counts as stuck. */
  readonly shimZombieAgeMs: number;
  /** A command that was run in a container (exec) is told from this age on. */
  readonly execLeftoverAgeMs: number;
  /** Where pause images may come from, as prefixes of full names ("registry.example/mirror/"); empty: anywhere. */
  readonly allowedPauseRegistries: readonly string[];
  /** Image ids or digests ("sha256:…") a pause image must have one of; empty: any. */
  readonly requiredPauseDigests: readonly string[];
  /** Program paths that a pause may run, beside those of upstream and the known vendors. */
  readonly pauseCommands: readonly string[];
  /** CPU time of a pause, as a share of one CPU, from which on it is told (0 to 1). */
  readonly pauseCpuShare: number;
  /** The same for a container that calls itself pause. */
  readonly impersonationCpuShare: number;
  /** Version of the kubelet ("1.31.2"), which nothing on the node tells; empty: unknown. */
  readonly kubeletVersion: string;
  /** Namespaces whose pods are listed and not judged. */
  readonly ignoredNamespaces: readonly string[];
  /** By id; an id that is left out is as the catalog has it. */
  readonly findings: Readonly<Partial<Record<FindingId, FindingPolicy>>>;
}

/** What holds without a policy file. */
export const DEFAULT_POLICY: Policy = {
  looksApartMs: 1000,
  sinceSurvivesGapMs: 5 * 60_000,
  cleanAuditsToClear: 2,
  zombiesWarnCount: 10,
  zombiesWarnAgeMs: 5 * 60_000,
  zombiesCriticalUtilization: 0.9,
  zombiesCriticalWithinMs: 24 * 3_600_000,
  zombiesHostAgeMs: 60_000,
  trendSpanMs: 5 * 60_000,
  probeRuns: 4,
  probePeriodMs: 10 * 60_000,
  notReapingCriticalCount: 100,
  notReapingCriticalUtilization: 0.8,
  pidLimitNearUtilization: 0.8,
  pidLimitHitHoldMs: 2 * 60_000,
  nodePidUtilization: 0.8,
  churnWindowMs: 3_600_000,
  churnCount: 3,
  exitsEarlyWithinMs: 20_000,
  exitsEarlyCount: 2,
  minimumPauseVersion: '3.1',
  overlapGraceMs: 60_000,
  leakWarnAgeMs: 60 * 60_000,
  bootGraceMs: 30 * 60_000,
  orphanGraceMs: 60_000,
  shimZombieAgeMs: 60_000,
  execLeftoverAgeMs: 60 * 60_000,
  allowedPauseRegistries: [],
  requiredPauseDigests: [],
  pauseCommands: [],
  pauseCpuShare: 0.05,
  impersonationCpuShare: 0.1,
  kubeletVersion: '',
  ignoredNamespaces: [],
  findings: {},
};

/** A policy for looks that are `settleMs` apart, which must count as two. */
export function policyForSettle(policy: Policy, settleMs: number): Policy {
  return { ...policy, looksApartMs: Math.min(policy.looksApartMs, settleMs) };
}
