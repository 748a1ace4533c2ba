/** The merged table and document of a cluster, and the query for clusters too large to be asked node by node. */
import type { AuditReport } from '../core/report.ts';
import { describeSubject } from '../publish/pods/describe-subject.ts';
import { shortenMiddle, textWidth, visible } from '../publish/text/clean-text.ts';
import { padEnd, padStart } from '../publish/text/wrap.ts';
import type { Dimension } from './command-line.ts';
import type { Gathered, Unanswered } from './gather.ts';
import { mergeReports, type Row } from './merge.ts';

const HEAD = ['NODES', 'PODS', 'FINE', 'NOT JUDGED', 'CRITICAL', 'WARNING', 'INFO', 'ZOMBIES'] as const;
const GAP = '  ';
/** Findings listed; `-o json` has them all. */
const MAX_FINDINGS = 50;

/** Rows, then what is warning or worse and where, then who did not answer. */
export function renderClusterTable({ answered, unanswered }: Gathered, by: Dimension, columns: number): string {
  const reports = answered.map(({ report }) => report);
  const rows = mergeReports(reports, by);
  const lines = answered.length === 0 ? [] : [...renderRows(rows, by, columns), ...renderFindings(reports, columns)];
  const missing = unanswered.map((it) => visible(`did not answer: ${describeUnanswered(it)}`));
  if (lines.length > 0 && missing.length > 0) lines.push('');
  return `${[...lines, ...missing].join('\n')}\n`;
}

/** Everything, as it came: findings and sandboxes each with the node they are of. */
export function renderClusterJson({ answered, unanswered }: Gathered): string {
  const items = (json: string, list: 'findings' | 'sandboxes', node: string): readonly unknown[] =>
    ((JSON.parse(json) as Record<string, readonly object[]>)[list] ?? []).map((it) => ({ node, ...it }));
  return `${JSON.stringify({
    schemaVersion: 1,
    nodes: answered.map(({ report, pod }) => ({
      node: report.node,
      pod: `${pod.namespace}/${pod.name}`,
      takenAt: new Date(report.takenAtMs).toISOString(),
      complete: report.complete,
      runtimes: report.runtimes.map(({ name, version, up }) => ({ name, version, up })),
    })),
    unanswered: unanswered.map(({ pod, reason }) => ({ node: pod.node, pod: `${pod.namespace}/${pod.name}`, reason })),
    findings: answered.flatMap(({ findingsJson, report }) => items(findingsJson, 'findings', report.node)),
    sandboxes: answered.flatMap(({ json, report }) => items(json, 'sandboxes', report.node)),
  })}\n`;
}

/** What Prometheus has of every agent at once. */
export function clusterQuery(by: Dimension): string {
  switch (by) {
    case 'node':
      return 'sum by (instance, finding) (pausewatch_findings) > 0';
    case 'namespace':
      return 'sum by (namespace, finding, level) (pausewatch_pod_finding)';
    case 'image':
      return 'sum by (image, version) (pausewatch_pause_image_sandboxes)';
    default:
      return by satisfies never;
  }
}

function renderRows(rows: readonly Row[], by: Dimension, columns: number): string[] {
  const cells = rows.map(({ name, nodes, pods, fine, notJudged, bySeverity, zombies }) => ({
    name: visible(name),
    numbers: [
      nodes,
      pods,
      fine,
      notJudged,
      bySeverity.critical,
      bySeverity.warning,
      bySeverity.info,
      zombies ?? '?',
    ].map(String),
  }));
  const all = [{ name: by.toUpperCase(), numbers: [...HEAD] as string[] }, ...cells];
  const widths = HEAD.map((_, column) => Math.max(...all.map(({ numbers }) => numbers[column]?.length ?? 0)));
  const taken = widths.reduce((sum, width) => sum + GAP.length + width, 0);
  const room = Math.max(12, columns - taken);
  const width = Math.min(room, Math.max(...all.map(({ name }) => textWidth(name))));
  return all.map(({ name, numbers }) => {
    const columnsOf = numbers.map((number, column) => GAP + padStart(number, widths[column] ?? 0));
    return padEnd(shortenMiddle(name, width, '…'), width) + columnsOf.join('');
  });
}

function renderFindings(reports: readonly AuditReport[], columns: number): string[] {
  const found = (['critical', 'warning'] as const).flatMap((severity) =>
    reports.flatMap(({ node, findings }) =>
      findings
        .filter((finding) => finding.severity === severity)
        .map(({ id, subject, confirmed }) => {
          const what = `${describeSubject(subject)}${subject.container === undefined ? '' : ` container ${subject.container}`}`;
          return shortenMiddle(
            visible(`${severity.padEnd(8)} ${node}  ${what}  ${id}${confirmed ? '' : ' (new)'}`),
            columns,
            '…',
          );
        }),
    ),
  );
  if (found.length === 0) return [];
  const more = found.length > MAX_FINDINGS ? [`and ${found.length - MAX_FINDINGS} more: -o json has them all`] : [];
  return ['', ...found.slice(0, MAX_FINDINGS), ...more];
}

function describeUnanswered({ pod, reason }: Unanswered): string {
  return `${pod.node === '' ? 'no node yet' : pod.node} (${pod.namespace}/${pod.name}): ${reason}`;
}
