/** First and last lines of the table: which node was looked at, how much of it is fine, and what could not be seen. */
import { isAtLeast, type Severity } from '../../core/finding.ts';
import type { SourceFault } from '../../core/model.ts';
import type { AuditReport } from '../../core/report.ts';
import { describeSeverities, listBlindSpots, summarize } from '../pods/summary.ts';
import { shortenEnd, shortenMiddle, textWidth, visible } from '../text/clean-text.ts';
import { wrapText } from '../text/wrap.ts';
import type { Ink } from './ink.ts';

/** Messages of faults shown; the JSON has them all. */
const MAX_MESSAGES = 5;
/** Characters of a message that say what was tried, what came back and what to do. */
const MAX_MESSAGE = 240;

/** "worker-7 · containerd 1.6.20 · 2026-11-23 04:54:12 UTC". */
export function renderHeader(report: AuditReport, columns: number, ink: Ink): string {
  const time = `${new Date(report.takenAtMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
  const runtimes = report.runtimes.map(({ name, version, up }) => `${name} ${version}${up ? '' : ' (down)'}`.trim());
  const runtime = visible(runtimes.join(', ') || 'no runtime');
  const rest = ` ${ink.dot} ${runtime} ${ink.dot} ${time}`;
  const node = shortenMiddle(visible(report.node), Math.max(12, columns - textWidth(rest)), ink.ellipsis);
  return ink.bold(node) + ink.dim(shortenEnd(rest, Math.max(0, columns - textWidth(node)), ink.ellipsis));
}

/** Counts are of the whole report, whatever is hidden: `bar` only says which severities were shown. */
export function renderFooter(report: AuditReport, bar: Severity, columns: number, ink: Ink): readonly string[] {
  const { pods, fine, notJudged, bySeverity } = summarize(report);
  const [found, hidden] = [true, false].map((shown) => {
    const counted = (severity: Severity) => (isAtLeast(severity, bar) === shown ? bySeverity[severity] : 0);
    return describeSeverities({ critical: counted('critical'), warning: counted('warning'), info: counted('info') });
  });
  const facts = [
    `${fine} of ${pods} pods fine${notJudged > 0 ? `, ${notJudged} not judged` : ''}`,
    ...(found ? [`findings: ${found}`] : []),
    ...(hidden ? [`not shown: ${hidden}`] : []),
  ];
  const paint = facts.length === 1 && notJudged === 0 && pods > 0 ? ink.good : ink.bold;
  return [...wrapText(facts.join('; '), columns).map((line) => paint(line)), ...renderBlindSpots(report, columns, ink)];
}

/** Which source could not show what, and in the source's words why and what to do. */
function renderBlindSpots(report: AuditReport, columns: number, ink: Ink): readonly string[] {
  const blind = listBlindSpots(report);
  if (blind.length === 0) return [];
  const messages = distinctMessages(report.sources.flatMap(({ faults }) => faults));
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

function distinctMessages(faults: readonly SourceFault[]): readonly string[] {
  return [...new Set(faults.map(({ message, count }) => (count > 1 ? `${message} (${count} alike)` : message)))];
}
