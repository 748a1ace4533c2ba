/** The table of `pausewatch scan`: what is wrong on a node, worst first, and then how much is fine. */

import { type Finding, SEVERITIES } from '../core/finding.ts';
import type { AuditReport } from '../core/report.ts';
import { explain as explainFinding } from '../core/words/explain.ts';
import type { Explanation } from '../core/words/facts.ts';
import { shortenEnd, shortenMiddle, textWidth, visible } from './clean-text.ts';
import { createInk, type Ink } from './ink.ts';
import { describeSubject } from './page.ts';
import { fitColumns, HEAD, type PodCells, podCells, renderPodRow } from './pod-row.ts';
import { isAboutPod, listPods, type PodView } from './pods.ts';
import { describeAge, describeSeverities, listBlindSpots, summarize } from './summary.ts';
import { padEnd, wrapText } from './wrap.ts';

/** How to draw the table. */
export interface TableOptions {
  /** Width of the terminal. */
  readonly columns: number;
  readonly colour: boolean;
  /** A row for every pod, not only for those with findings. */
  readonly all: boolean;
  /** No sign beyond ASCII. */
  readonly ascii?: boolean;
  /** Words for findings, where they are not our own. */
  readonly explain?: (finding: Finding) => Explanation;
}

/** Findings about one thing, under one heading. */
interface Entry {
  readonly heading: string | PodCells;
  readonly findings: readonly Finding[];
}

const MIN_COLUMNS = 60;
const LINE_COLUMNS = 80;
/** "critical" and a space: findings hang from their severity. */
const GUTTER = 9;
/** Beyond this, lines of prose are hard to follow on a wide terminal. */
const MAX_PROSE = 100;

/** Renders a report for a terminal; ends with a newline. */
export function renderTable(report: AuditReport, options: TableOptions): string {
  const columns = Math.max(MIN_COLUMNS, options.columns);
  const ink = createInk({ colour: options.colour, ascii: options.ascii ?? false });
  const explain = options.explain ?? explainFinding;
  const pods = listPods(report);
  const entries = listEntries(report, pods);
  const quiet = options.all ? pods.filter((pod) => pod.findings.length === 0).map(podCells) : [];
  const rows = [...entries.map((entry) => entry.heading).filter((heading) => typeof heading !== 'string'), ...quiet];
  const widths = fitColumns([HEAD, ...rows], columns);
  const lines = [renderHeader(report, columns, ink)];
  if (rows.length > 0) lines.push('', ink.dim(renderPodRow(HEAD, widths, ink, (text) => text)));
  for (const [index, { heading, findings }] of entries.entries()) {
    if (index > 0 || rows.length === 0) lines.push('');
    if (typeof heading === 'string') lines.push(ink.bold(shortenMiddle(heading, columns, ink.ellipsis)));
    else lines.push(renderPodRow(heading, widths, ink, ink.bold));
    for (const finding of findings)
      lines.push(...renderFinding(finding, explain(finding), report.takenAtMs, columns, ink));
  }
  if (quiet.length > 0 && entries.length > 0) lines.push('');
  for (const cells of quiet) lines.push(renderPodRow(cells, widths, ink, (text) => text));
  return `${[...lines, '', ...renderFooter(report, columns, ink)].join('\n')}\n`;
}

/** One line of at most 80 columns, for a prompt or a status bar. */
export function renderLine(report: AuditReport): string {
  const { pods, fine, bySeverity, zombies, notJudged } = summarize(report);
  const node = visible(report.node);
  const facts = [
    describeSeverities(bySeverity) || 'no findings',
    `${fine}/${pods} pods fine`,
    ...(report.runtimes.some((runtime) => runtime.up) ? [] : ['no runtime']),
    ...(notJudged > 0 ? [`${notJudged} not judged`] : []),
    ...(zombies !== undefined && zombies > 0 ? [`${zombies} zombie${zombies === 1 ? '' : 's'}`] : []),
  ];
  // What matters least stands last, and makes room for the name of the node.
  while (facts.length > 2 && facts.join(', ').length + 2 + Math.min(24, textWidth(node)) > LINE_COLUMNS) facts.pop();
  const text = facts.join(', ');
  return `${shortenMiddle(node, LINE_COLUMNS - text.length - 2, '…')}: ${text}\n`;
}

/** What is wrong with the node and its images, then with pods; worst first, causes before what they explain. */
function listEntries(report: AuditReport, pods: readonly PodView[]): readonly Entry[] {
  const entries: Entry[] = [];
  const bySubject = new Map<string, Finding[]>();
  for (const finding of report.findings) {
    if (isAboutPod(finding)) continue;
    const heading = visible(describeSubject(finding.subject));
    bySubject.set(heading, [...(bySubject.get(heading) ?? []), finding]);
  }
  for (const [heading, findings] of bySubject) entries.push({ heading, findings: worstFirst(findings) });
  for (const pod of pods) {
    if (pod.findings.length > 0) entries.push({ heading: podCells(pod), findings: pod.findings });
  }
  const order = new Map(report.findings.map((finding, index) => [finding, index]));
  const place = ({ findings: [first] }: Entry) =>
    first === undefined ? 0 : rankOf(first) * 1e9 + (order.get(first) ?? 0);
  return entries.sort((a, b) => place(a) - place(b));
}

function worstFirst(findings: readonly Finding[]): readonly Finding[] {
  return [...findings].sort((a, b) => rankOf(a) - rankOf(b));
}

function rankOf(finding: Finding): number {
  return SEVERITIES.indexOf(finding.severity);
}

function renderFinding(
  finding: Finding,
  { summary, remedy }: Explanation,
  nowMs: number,
  columns: number,
  ink: Ink,
): readonly string[] {
  const { id, severity, subject } = finding;
  const width = Math.min(columns - GUTTER, MAX_PROSE);
  const container = subject.container === undefined ? [] : [`container ${visible(subject.container)}`];
  const about = [id, ...container, describeAge(finding, nowMs)].join(` ${ink.dot} `);
  const arrow = `${' '.repeat(GUTTER - ink.arrow.length - 1)}${ink.arrow} `;
  const indent = ' '.repeat(GUTTER);
  return [
    ink.severity(severity, padEnd(severity, GUTTER)) + ink.dim(shortenEnd(about, columns - GUTTER, ink.ellipsis)),
    ...wrapText(visible(summary), width).map((line) => indent + line),
    ...wrapText(visible(remedy), width).map((line, index) => (index === 0 ? arrow : indent) + line),
  ];
}

function renderHeader(report: AuditReport, columns: number, ink: Ink): string {
  const time = `${new Date(report.takenAtMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
  const runtimes = report.runtimes.map(({ name, version, up }) => `${name} ${version}${up ? '' : ' (down)'}`.trim());
  const runtime = visible(runtimes.join(', ') || 'no runtime');
  const rest = ` ${ink.dot} ${runtime} ${ink.dot} ${time}`;
  const node = shortenMiddle(visible(report.node), Math.max(12, columns - textWidth(rest)), ink.ellipsis);
  return ink.bold(node) + ink.dim(shortenEnd(rest, Math.max(0, columns - textWidth(node)), ink.ellipsis));
}

function renderFooter(report: AuditReport, columns: number, ink: Ink): readonly string[] {
  const { pods, fine, notJudged, bySeverity } = summarize(report);
  const found = describeSeverities(bySeverity);
  const judged = notJudged > 0 ? `, ${notJudged} not judged` : '';
  const total = `${fine} of ${pods} pods fine${judged}${found === '' ? '' : `; findings: ${found}`}`;
  const blind = listBlindSpots(report);
  const healthy = found === '' && notJudged === 0 && pods > 0;
  const paint = healthy ? ink.good : ink.bold;
  return [
    ...wrapText(total, columns).map((line) => paint(line)),
    ...(blind.length > 0 ? [shortenEnd(visible(`could not see: ${blind.join('; ')}`), columns, ink.ellipsis)] : []),
  ];
}
