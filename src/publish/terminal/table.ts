/** The table of `pausewatch scan`: what is wrong on a node, worst first, and then how much is fine. */

import { type Finding, isAtLeast, SEVERITIES, type Severity } from '../../core/finding.ts';
import type { AuditReport, SandboxView } from '../../core/report.ts';
import { explain as explainFinding } from '../../core/words/explain.ts';
import type { Explanation } from '../../core/words/facts.ts';
import { describeSubject } from '../pods/describe-subject.ts';
import { atLeast } from '../pods/narrow.ts';
import { isAboutPod, listPods, type PodView } from '../pods/pods.ts';
import { describeSeverities, summarize } from '../pods/summary.ts';
import { shortenMiddle, textWidth, visible } from '../text/clean-text.ts';
import { renderFinding } from './finding-lines.ts';
import { createInk } from './ink.ts';
import { fitColumns, headCells, type PodCells, podCells, renderPodRow } from './pod-row.ts';
import { renderFooter, renderHeader, renderRecordingNote } from './table-ends.ts';

/** How to draw the table. */
export interface TableOptions {
  /** Width of the terminal. */
  readonly columns: number;
  readonly colour: boolean;
  /** A row for every pod, not only for those with findings. */
  readonly all: boolean;
  /** Findings of this severity or worse are shown; everything when absent. */
  readonly severity?: Severity | undefined;
  /** No sign beyond ASCII. */
  readonly ascii?: boolean;
  /** Name of the file that the report was recorded in; undefined for a node that was looked at now. */
  readonly recording?: string | undefined;
  /** Words for findings, where they are not our own. */
  readonly explain?: (finding: Finding) => Explanation;
}

/** Findings about one thing, under one heading. */
interface Entry {
  readonly heading: string | PodCells;
  readonly findings: readonly Finding[];
  readonly sandboxes: readonly SandboxView[];
}

/** Narrower than this, lines are wider than the terminal. */
const MIN_COLUMNS = 20;
const LINE_COLUMNS = 80;

/** Renders a report for a terminal; ends with a newline. */
export function renderTable(report: AuditReport, options: TableOptions): string {
  const columns = Math.max(MIN_COLUMNS, options.columns);
  const ink = createInk({ colour: options.colour, ascii: options.ascii ?? false });
  const explain = options.explain ?? explainFinding;
  const bar = options.severity ?? 'info';
  const nowMs = report.takenAtMs;
  const pods = listPods(report);
  const entries = listEntries(report, pods, bar);
  const isQuiet = ({ findings }: PodView) => atLeast(findings, bar).length === 0;
  const quiet = options.all ? pods.filter(isQuiet).map((pod) => podCells(pod, nowMs)) : [];
  const rows = [...entries.map((entry) => entry.heading).filter((heading) => typeof heading !== 'string'), ...quiet];
  const head = headCells();
  const widths = fitColumns([head, ...rows], columns);
  const lines = [renderHeader(report, columns, ink)];
  if (options.recording !== undefined) lines.push(...renderRecordingNote(options.recording, nowMs, columns, ink));
  if (rows.length > 0) lines.push('', ink.dim(renderPodRow(head, widths, ink, (text) => text)));
  for (const [index, { heading, findings, sandboxes }] of entries.entries()) {
    if (index > 0 || rows.length === 0) lines.push('');
    if (typeof heading === 'string') lines.push(ink.bold(shortenMiddle(heading, columns, ink.ellipsis)));
    else lines.push(renderPodRow(heading, widths, ink, ink.bold));
    for (const finding of findings)
      lines.push(...renderFinding(finding, explain(finding), { columns, ink, nowMs, sandboxes }));
  }
  if (quiet.length > 0 && entries.length > 0) lines.push('');
  for (const cells of quiet) lines.push(renderPodRow(cells, widths, ink, (text) => text));
  const told = entries.flatMap(({ findings }) => findings.map((finding) => explain(finding).summary));
  return `${[...lines, '', ...renderFooter(report, { bar, columns, ink, told })].join('\n')}\n`;
}

/** One line of at most 80 columns, for a prompt or a status bar. */
export function renderLine(report: AuditReport, bar: Severity = 'info'): string {
  const { pods, fine, bySeverity, zombies, notJudged } = summarize(report);
  const node = visible(report.node);
  const counted = (severity: Severity) => (isAtLeast(severity, bar) ? bySeverity[severity] : 0);
  const found = { critical: counted('critical'), warning: counted('warning'), info: counted('info') };
  const facts = [
    describeSeverities(found) || (bar === 'info' ? 'no findings' : `nothing of ${bar} or worse`),
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
function listEntries(report: AuditReport, pods: readonly PodView[], bar: Severity): readonly Entry[] {
  const entries: Entry[] = [];
  const bySubject = new Map<string, Finding[]>();
  for (const finding of atLeast(report.findings, bar)) {
    if (isAboutPod(finding)) continue;
    const heading = visible(describeSubject(finding.subject));
    bySubject.set(heading, [...(bySubject.get(heading) ?? []), finding]);
  }
  for (const [heading, findings] of bySubject) entries.push({ heading, findings: worstFirst(findings), sandboxes: [] });
  for (const pod of pods) {
    const findings = atLeast(pod.findings, bar);
    if (findings.length === 0) continue;
    entries.push({ heading: podCells(pod, report.takenAtMs), findings, sandboxes: pod.sandboxes });
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
