/** What an alert is before it is written down for Prometheus or Grafana: a query, times, an owner and words. */

/** Length of time as a rule states it, in minutes; scaled down by tests that cannot wait. */
export type Minutes = number;

/** One alert. */
export interface Alert {
  /** CamelCase, with the prefix Pausewatch. */
  readonly name: string;
  /** PromQL; ranges and offsets are written as `${30m}` so that they scale with the rest. */
  readonly expr: string;
  /** How long it must hold before it fires. */
  readonly forMinutes: Minutes;
  /** How long it goes on firing after it stopped to hold, against flapping; 0 for not at all. */
  readonly keepMinutes: Minutes;
  /** critical wakes somebody, warning is a ticket. */
  readonly severity: 'critical' | 'warning';
  /** Whose it is to mend: the owner of the pod, or whoever runs the nodes. */
  readonly owner: 'workload' | 'platform';
  /** Finding whose page is the runbook; for alerts about the agent itself a page of docs. */
  readonly runbook: string;
  /** One sentence: where and what. Prometheus' templates, of which only labels and value are used. */
  readonly summary: string;
  /** What it means, and the remedy. */
  readonly description: string;
}

/** A recording rule. */
export interface Recording {
  /** level:metric:operation. */
  readonly record: string;
  readonly expr: string;
}

/** Where runbooks are read: put `docs/` of this repository there, or write your own place in (docs/install.md). */
export const DOCS_URL = 'https://pausewatch.example/docs';

/** Writes `${30m}` out; `scale` 1/60 makes seconds of minutes. */
export function scaleRanges(expr: string, scale: number): string {
  return expr.replaceAll(/\$\{(\d+)m\}/g, (_, minutes: string) => durationText(Number(minutes), scale));
}

/** Minutes as a duration of Prometheus (prometheus.io, "Time Durations"). */
export function durationText(minutes: Minutes, scale: number): string {
  const seconds = minutes * 60 * scale;
  if (seconds < 1) return `${Math.max(1, Math.round(seconds * 1000))}ms`;
  const whole = Math.round(seconds);
  if (whole % 3600 === 0) return `${whole / 3600}h`;
  return whole % 60 === 0 ? `${whole / 60}m` : `${whole}s`;
}
