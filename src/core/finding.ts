/** What a verdict is made of: an id, a severity, a subject, evidence, since when. Words are made in words/. */
import type { FaultCode } from './model.ts';

/** Every finding pausewatch can raise so far; the order of this list is the order of causes (earlier explains later). */
export const FINDING_IDS = [
  'runtime-unreachable',
  'node-pid-exhaustion',
  'pid-limit-hit',
  'pid-limit-near',
  'cgroup-driver-mismatch',
  'pause-image-missing',
  'pause-exits-early',
  'sandbox-churn',
  'pause-dead-containers-running',
  'pause-dying',
  'pause-zombie',
  'pause-stopped',
  'pause-pid-mismatch',
  'pause-unexpected-binary',
  'pause-impersonation',
  'pause-cpu-usage',
  'pause-oom-score-adj',
  'namespace-drift',
  'orphan-process',
  'container-init-zombie',
  'container-running-dead',
  'shim-stuck',
  'zombies-runtime',
  'pause-not-reaping',
  'zombies-probe',
  'zombies-container-init',
  'zombies-app-parent',
  'zombies-host',
  'init-not-reaping',
  'exec-leftover',
  'sandbox-duplicate',
  'sandbox-leaked-ready',
  'sandbox-leaked-notready',
  'shim-orphaned',
  'sandbox-no-host-pause',
  'pause-image-config-mismatch',
  'pause-image-unpinned',
  'pause-image-too-old',
  'pause-image-legacy-registry',
  'pause-image-version-skew',
  'pause-image-unqualified',
  'pause-image-unrecognized',
  'runtime-info-incomplete',
] as const;

/** Stable name of a finding; part of the outside contract. */
export type FindingId = (typeof FINDING_IDS)[number];

/** Worst first. */
export const SEVERITIES = ['critical', 'warning', 'info'] as const;

/** critical is losing function now, warning will, info is a fact. */
export type Severity = (typeof SEVERITIES)[number];

/** True when `severity` is `bar` or worse. */
export function isAtLeast(severity: Severity, bar: Severity): boolean {
  return SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(bar);
}

/** What a finding is about. */
export interface Subject {
  readonly kind: 'node' | 'image' | 'sandbox' | 'container' | 'process' | 'shim';
  readonly namespace?: string;
  readonly pod?: string;
  readonly container?: string;
  readonly sandboxId?: string;
  /** Set when it is about the pod, whichever sandbox it has now; `sandboxId` is then the newest. */
  readonly podKey?: string;
  readonly pid?: number;
  /** Start of the process `pid` means: proc_pid_stat(5) field 22. A later process of its PID is another subject. */
  readonly startTicks?: number;
  /** Reference of the image, for kind image. */
  readonly image?: string;
  /** Endpoint of the runtime, for kind node and image. */
  readonly runtimeEndpoint?: string;
}

/**
 * One string per subject: findings of two audits are the same when id and this are equal. A PID counts only where the
 * subject is a process, and then with its start: the worst of a container's careless parents may change without being another finding. Which
 * pod a shim serves is not what makes it this shim: it cannot always be told.
 */
export function subjectKey(subject: Subject): string {
  const { kind, container, image, runtimeEndpoint, podKey } = subject;
  const process = kind === 'process' || kind === 'shim' ? [subject.pid, subject.startTicks] : undefined;
  const sandboxId = kind === 'shim' || podKey !== undefined ? undefined : subject.sandboxId;
  return JSON.stringify([kind, podKey ?? sandboxId, container, process, image, runtimeEndpoint]);
}

/** Facts that led to a finding: flat, so that a table, a page and a script can all show them. */
export type Evidence = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

/** What a rule answers about one subject. Silence means fine. */
export type Verdict =
  | {
      readonly kind: 'finding';
      readonly severity: Severity;
      readonly subject: Subject;
      readonly evidence: Evidence;
      /** It looks like the healthy end of a pod, so that it takes two looks although the catalog asks for one. */
      readonly looks?: 2;
      /** What it rests on was there in the agent's first look already, though one look was not enough to judge it. */
      readonly atLeast?: boolean;
      /** Since when it holds by the word of the runtime or the kernel: counts for the time it takes to be confirmed. */
      readonly heldSinceMs?: number;
    }
  | { readonly kind: 'unknown'; readonly subject: Subject; readonly reason: FaultCode | 'one-look' };

/** A finding with its history. */
export interface Finding {
  readonly id: FindingId;
  readonly severity: Severity;
  /** Held for two consecutive audits and the catalog's own time. */
  readonly confirmed: boolean;
  /** First audit that saw it, milliseconds since the epoch. */
  readonly sinceMs: number;
  /** It already held in this agent's first audit: it may be older than `sinceMs`. */
  readonly atLeast: boolean;
  readonly subject: Subject;
  readonly evidence: Evidence;
}

const CATALOG_ORDER = new Map<FindingId, number>(FINDING_IDS.map((id, index) => [id, index]));

/**
 * What befalls the whole node explains the rest and comes first (a mere fact about it does not); then worst first,
 * then by catalog, then oldest first.
 */
export function sortFindings(findings: readonly Finding[]): Finding[] {
  const causeOf = ({ subject, severity }: Finding): number => (subject.kind === 'node' && severity !== 'info' ? 0 : 1);
  return findings.toSorted(
    (a, b) =>
      causeOf(a) - causeOf(b) ||
      SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
      (CATALOG_ORDER.get(a.id) ?? 0) - (CATALOG_ORDER.get(b.id) ?? 0) ||
      a.sinceMs - b.sinceMs,
  );
}
