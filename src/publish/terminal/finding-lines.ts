/** A finding as the table shows it: what, about which part of the pod, since when, what it means, what to do. */

import type { Finding } from '../../core/finding.ts';
import type { SandboxView } from '../../core/report.ts';
import type { Explanation } from '../../core/words/facts.ts';
import { describeAge, NEW, SHORT_NEW } from '../pods/summary.ts';
import { textWidth, visible } from '../text/clean-text.ts';
import { padEnd, wrapText } from '../text/wrap.ts';
import type { Ink } from './ink.ts';

/** Where a finding is drawn. */
export interface FindingPlace {
  readonly columns: number;
  readonly ink: Ink;
  /** Ages are counted up to here, milliseconds since the epoch. */
  readonly nowMs: number;
  /** Sandboxes of the pod: where there are several, the one a finding is about is named. */
  readonly sandboxes: readonly SandboxView[];
}

/** "critical" and a space: findings hang from their severity … */
const GUTTER = 9;
/** … except where that would take too much of the line. */
const NARROW_GUTTER = 3;
/** Below this, a terminal is narrow. */
const NARROW_COLUMNS = 60;
/** Beyond this, lines of prose are hard to follow. */
const MAX_PROSE = 120;
/** As many digits of an id as crictl shows. */
const SHORT_ID = 13;

/** Lines of one finding, none wider than the place. */
export function renderFinding(
  finding: Finding,
  { summary, remedy }: Explanation,
  { columns, ink, nowMs, sandboxes }: FindingPlace,
): readonly string[] {
  const { id, severity, subject } = finding;
  const container = subject.container === undefined ? [] : [`container ${visible(subject.container)}`];
  const facts = [id, ...container, ...nameSandbox(finding, sandboxes)].join(` ${ink.dot} `);
  const label = padEnd(severity, GUTTER);
  const room = columns - label.length;
  const about = wrapText(withAge(facts, describeAge(finding, nowMs), room, ink), room);
  const gutter = columns < NARROW_COLUMNS ? NARROW_GUTTER : GUTTER;
  const indent = ' '.repeat(gutter);
  const arrow = padEnd(`${' '.repeat(Math.max(0, gutter - ink.arrow.length - 1))}${ink.arrow} `, gutter);
  const width = Math.min(columns - gutter, MAX_PROSE);
  return [
    ...about.map((line, index) => (index === 0 ? ink.severity(severity, label) : ' '.repeat(GUTTER)) + ink.dim(line)),
    ...wrapText(visible(summary), width).map((line) => indent + line),
    ...wrapText(visible(remedy), width).map((line, index) => (index === 0 ? arrow : indent) + line),
  ];
}

/** Facts of a finding and its age on one line, if that is how they fit. */
export function withAge(facts: string, age: string, room: number, { dot }: Ink): string {
  const whole = `${facts} ${dot} ${age}`;
  return age === NEW && textWidth(whole) > room ? `${facts} ${dot} ${SHORT_NEW}` : whole;
}

/** Two sandboxes of a pod share its name: only id and attempt tell which of them is meant. */
function nameSandbox({ subject }: Finding, sandboxes: readonly SandboxView[]): readonly string[] {
  const sandbox = sandboxes.length < 2 ? undefined : sandboxes.find(({ id }) => id === subject.sandboxId);
  return sandbox === undefined
    ? []
    : [`sandbox ${visible(sandbox.id.slice(0, SHORT_ID))} (attempt ${sandbox.attempt}, ${sandbox.state})`];
}
