/** Thresholds and times the rules judge by. */

/** Everything an operator may tune; times in milliseconds. */
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
  /** … and critical, however young, from this share of a PID limit on (0 to 1). */
  readonly zombiesCriticalUtilization: number;
  /** `pause-not-reaping` is critical from this many zombies on … */
  readonly notReapingCriticalCount: number;
  /** … or above this share of the PID limit (0 to 1). */
  readonly notReapingCriticalUtilization: number;
  /** Pause images below this version are told; below 3.1 pause does not reap. */
  readonly minimumPauseVersion: string;
  /** Two sandboxes of one pod side by side for less than this are how the kubelet replaces one (checklist of leaks). */
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
}

/** What holds without a policy file. */
export const DEFAULT_POLICY: Policy = {
  looksApartMs: 1000,
  sinceSurvivesGapMs: 5 * 60_000,
  cleanAuditsToClear: 2,
  zombiesWarnCount: 10,
  zombiesWarnAgeMs: 5 * 60_000,
  zombiesCriticalUtilization: 0.9,
  notReapingCriticalCount: 100,
  notReapingCriticalUtilization: 0.8,
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
};

/** The default policy for looks that are `settleMs` apart, which must count as two. */
export function policyForSettle(settleMs: number): Policy {
  return { ...DEFAULT_POLICY, looksApartMs: Math.min(DEFAULT_POLICY.looksApartMs, settleMs) };
}
