/** What is fixed about a kind of finding, whoever it befalls. */
import type { Severity } from '../finding.ts';
import type { Rule } from '../rules/rule.ts';

/** What is fixed about a finding. */
export interface FindingFacts {
  /** A few words for a list. */
  readonly title: string;
  /** The usual severity; the rule may raise or lower it. */
  readonly severity: Severity;
  /** When `severity` is not the one reported. */
  readonly severityNote: string;
  /** Looks that must agree before it is shown at all: 2 where the healthy end of a process looks the same for a moment. */
  readonly looks: 1 | 2;
  /** How long it must hold, beside two consecutive audits, to be confirmed. Milliseconds. */
  readonly confirmAfterMs: number;
  /** What it means, for someone who has never heard of it. */
  readonly meaning: string;
  readonly rule: Rule;
}
