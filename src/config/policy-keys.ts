/** The one table of the policy file: every key of the policy, how its value is read and written, and what it is for. */
import type { Policy } from '../core/policy.ts';
import { duration, type Reading } from './readers.ts';

/** One key. `T` is what the policy holds. */
export interface PolicyKey<T> {
  /** Reads what YAML gave. */
  readonly read: (value: unknown) => Reading<T>;
  /** The value as it would be written in the file. */
  readonly write: (value: T) => string;
  /** One sentence for the example file. */
  readonly help: string;
}

type Keys = Exclude<keyof Policy, 'findings'>;

const MONTH_MS = 30 * 24 * 3_600_000;

/** In the order of the example file. A key that ends in "Ms" is written without it and read as a duration. */
export const POLICY_KEYS: { readonly [K in Keys]: PolicyKey<Policy[K]> } = {
  looksApartMs: time('Two looks closer together than this count as one; a zombie must outlive it.'),
  sinceSurvivesGapMs: time('A finding that comes back within this time keeps its age.'),
  cleanAuditsToClear: count('Audits in a row that must find nothing before a confirmed finding ends.'),
  ignoredNamespaces: texts('Namespaces whose pods are listed but not judged.'),
  zombiesWarnCount: count('zombies-*: info below this count; zombies-host and zombies-runtime likewise.'),
  zombiesWarnAgeMs: time('zombies-*: info while the oldest is younger.'),
  zombiesCriticalUtilization: share('zombies-*: critical when the pod uses this share of a PID limit.'),
  zombiesCriticalWithinMs: time('zombies-*: critical when at their rate they fill a PID limit within this time.'),
  zombiesHostAgeMs: time('zombies-host: zombies younger than this are left out.'),
  trendSpanMs: time('How long counts must be watched before growth per hour and time to exhaustion are told.'),
  probeRuns: count('zombies-probe: runs at a regular period that must have left zombies.'),
  probePeriodMs: time('zombies-probe: longest time between two runs.'),
  notReapingCriticalCount: count('pause-not-reaping: critical from this many zombies on.'),
  notReapingCriticalUtilization: share('pause-not-reaping: critical above this share of the PID limit.'),
  pidLimitNearUtilization: share('pid-limit-near: from this share of a limit of the pod or a container on.'),
  pidLimitHitHoldMs: time('pid-limit-hit: holds for this long after the last fork that was refused.'),
  nodePidUtilization: share('node-pid-exhaustion: from this share of the limit of all pods or of the node on.'),
  churnWindowMs: time('sandbox-churn, pause-exits-early: the time that is looked back on.'),
  churnCount: count('sandbox-churn: sandboxes of one pod replaced in that time.'),
  exitsEarlyWithinMs: time('pause-exits-early: a sandbox that lived no longer than this ended early.'),
  exitsEarlyCount: count('pause-exits-early: sandboxes of one pod that ended early in that time.'),
  overlapGraceMs: time(
    'sandbox-duplicate and leaks: two sandboxes of one pod side by side for less are a replacement.',
  ),
  leakWarnAgeMs: time('sandbox-leaked-*: info while younger.'),
  bootGraceMs: time('Leaks: what was made before the node booted is left out for this long after it.'),
  orphanGraceMs: time('orphan-process, shim-orphaned: younger ones may be of a pod that is just being made.'),
  shimZombieAgeMs: time('shim-stuck: a zombie may hang on a shim for so long.'),
  execLeftoverAgeMs: time('exec-leftover: from this age of a command on.'),
  pauseCommands: texts('pause-unexpected-binary: paths of programs that a pause may run, beside the known ones.'),
  pauseCpuShare: share('pause-cpu-usage: share of one CPU from which on it is told.'),
  impersonationCpuShare: share('pause-impersonation: the same for a container that calls itself pause.'),
  minimumPauseVersion: version('pause-image-too-old: versions below this are told; below 3.1 pause does not reap.'),
  allowedPauseRegistries: texts('pause-image-unrecognized: prefixes of names that pause images may have; none: any.'),
  requiredPauseDigests: texts(
    'pause-image-unrecognized: ids or digests of which a pause image must have one; none: any.',
  ),
  kubeletVersion: maybeVersion('Version of the kubelet, which nothing on a node tells; "" when unknown.'),
};

/** What may be said of one finding, in the file. */
export const FINDING_KEYS = {
  enabled: flag('false: it is never raised.'),
  looks: choice([1, 2], 'Looks that must agree before it is shown.'),
  confirmAfterMs: time('How long it must hold, beside two audits in a row, before it is confirmed.'),
} as const;

/** The name of a key in the file. */
export function fileName(key: string): string {
  return key.replace(/Ms$/, '');
}

function time(help: string): PolicyKey<number> {
  const read = duration(0, MONTH_MS);
  return { read: (it) => read(textOf(it)), write: writeDuration, help };
}

function count(help: string): PolicyKey<number> {
  return {
    read: (it) =>
      typeof it === 'number' && Number.isSafeInteger(it) && it >= 1
        ? { value: it }
        : { mistake: `must be a whole number of at least 1, not ${shown(it)}` },
    write: String,
    help,
  };
}

function share(help: string): PolicyKey<number> {
  return {
    read: (it) =>
      typeof it === 'number' && it > 0 && it <= 1
        ? { value: it }
        : { mistake: `must be a number above 0 and up to 1, not ${shown(it)}` },
    write: String,
    help,
  };
}

function flag(help: string): PolicyKey<boolean> {
  return {
    read: (it) => (typeof it === 'boolean' ? { value: it } : { mistake: `must be true or false, not ${shown(it)}` }),
    write: String,
    help,
  };
}

function choice<const V extends number>(values: readonly V[], help: string): PolicyKey<V> {
  return {
    read: (it) => {
      const value = values.find((allowed) => allowed === it);
      return value === undefined ? { mistake: `must be one of ${values.join(', ')}, not ${shown(it)}` } : { value };
    },
    write: String,
    help,
  };
}

/** A version, or an empty text where nobody knows it. */
function maybeVersion(help: string): PolicyKey<string> {
  const known = version(help);
  return { ...known, read: (it) => (it === '' ? { value: '' } : known.read(it)) };
}

/** YAML reads an unquoted 3.10 as the number 3.1: only text is a version. */
function version(help: string): PolicyKey<string> {
  return {
    read: (it) =>
      typeof it === 'string' && /^v?\d+(\.\d+){0,2}$/.test(it)
        ? { value: it.replace(/^v/, '') }
        : { mistake: `must be a version in quotes ("3.10"), not ${shown(it)}` },
    write: (it) => `"${it}"`,
    help,
  };
}

function texts(help: string): PolicyKey<readonly string[]> {
  return {
    read: (it) =>
      Array.isArray(it) && it.every((entry) => typeof entry === 'string' && entry !== '')
        ? { value: it as string[] }
        : { mistake: `must be a list of words, not ${shown(it)}` },
    write: (it) => `[${it.map((entry) => JSON.stringify(entry)).join(', ')}]`,
    help,
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : shown(value);
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? 'nothing';
}

function writeDuration(ms: number): string {
  if (ms > 0 && ms % 3_600_000 === 0) return `${ms / 3_600_000}h`;
  if (ms > 0 && ms % 60_000 === 0) return `${ms / 60_000}m`;
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}
