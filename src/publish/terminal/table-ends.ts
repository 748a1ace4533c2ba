/** First and last lines of the table: which node was looked at, how much of it is fine, and what could not be seen. */
import { isAtLeast, type Severity } from '../../core/finding.ts';
import type { AuditReport } from '../../core/report.ts';
import { describeFault, listFaultMessages } from '../pods/fault-messages.ts';
import { describeFine, describeSeverities, describeTime, listBlindSpots, summarize } from '../pods/summary.ts';
import { shortenEnd, shortenMiddle, textWidth, visible } from '../text/clean-text.ts';
import { wrapText } from '../text/wrap.ts';
import type { Ink } from './ink.ts';

/** Messages of faults shown; the JSON has them all. */
const MAX_MESSAGES = 5;
/** Characters of a message that say what was tried, what came back and what to do. */
const MAX_MESSAGE = 240;

/** "worker-7 · containerd 1.6.20 · 2026-11-23 04:54:12 UTC". */
export function renderHeader(report: AuditReport, columns: number, ink: Ink): string {
  const time = describeTime(report.takenAtMs);
  const runtimes = report.runtimes.map(({ name, version, up }) => `${name} ${version}${up ? '' : ' (down)'}`.trim());
  const runtime = visible(runtimes.join(', ') || 'no runtime');
  const rest = ` ${ink.dot} ${runtime} ${ink.dot} ${time}`;
  const node = shortenMiddle(visible(report.node), Math.max(12, columns - textWidth(rest)), ink.ellipsis);
  return ink.bold(node) + ink.dim(shortenEnd(rest, Math.max(0, columns - textWidth(node)), ink.ellipsis));
}

/** Says below the header of what node this is, when it is not the one at hand: whose PIDs one must not type. */
export function renderRecordingNote(name: string, takenAtMs: number, columns: number, ink: Ink): readonly string[] {
  const words = `recording ${name}, taken ${describeTime(takenAtMs)}; PIDs are those of that node`;
  return wrapText(visible(words), columns).map((line) => ink.dim(line));
}

/** How the footer is drawn. */
export interface FooterPlace {
  /** Severities from here on were shown; counts are of the whole report, whatever is hidden. */
  readonly bar: Severity;
  readonly columns: number;
  readonly ink: Ink;
  /** Sentences that stand above already. */
  readonly told: readonly string[];
}

/** How much is fine, what was found, and what could not be seen. */
export function renderFooter(report: AuditReport, { bar, columns, ink, told }: FooterPlace): readonly string[] {
  const summary = summarize(report);
  const { pods, notJudged, bySeverity } = summary;
  const [found, hidden] = [true, false].map((shown) => {
    const counted = (severity: Severity) => (isAtLeast(severity, bar) === shown ? bySeverity[severity] : 0);
    return describeSeverities({ critical: counted('critical'), warning: counted('warning'), info: counted('info') });
  });
  const facts = [
    `${describeFine(summary)}${notJudged > 0 ? `, ${notJudged} not judged` : ''}`,
    ...(found ? [`findings: ${found}`] : []),
    ...(hidden ? [`not shown: ${hidden}`] : []),
  ];
  const paint = facts.length === 1 && notJudged === 0 && pods > 0 ? ink.good : ink.bold;
  return [
    ...wrapText(facts.join('; '), columns).map((line) => paint(line)),
    ...renderBlindSpots(report, { columns, ink, told }),
  ];
}

/** Which source could not show what, and in the source's words why and what to do. */
function renderBlindSpots(report: AuditReport, { columns, ink, told }: Omit<FooterPlace, 'bar'>): readonly string[] {
  const blind = listBlindSpots(report);
  if (blind.length === 0) return [];
  const messages = listFaultMessages(report.sources)
    .filter(({ text }) => !told.some((it) => it.includes(text)))
    .map(describeFault);
  const shown = messages.slice(0, MAX_MESSAGES);
  const more = messages.length - shown.length;
  const width = Math.max(1, columns - 2);
  return [
    ...wrapText(visible(`could not see: ${blind.join('; ')}`), columns),
    ...[...shown, ...(more > 0 ? [`and ${more} more`] : [])].flatMap((message) =>
      wrapText(shortenEnd(visible(message), MAX_MESSAGE, ink.ellipsis), width).map((line) => ink.dim(`  ${line}`)),
    ),
  ];
}
