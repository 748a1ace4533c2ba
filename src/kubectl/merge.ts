/** Joins the reports of several nodes into rows: one per node, namespace or pause image. */
import { type Severity } from '../core/finding.ts';
import type { AuditReport, SandboxView } from '../core/report.ts';
import { narrowToNamespaces } from '../publish/pods/narrow.ts';
import { isFinished, listSandboxes } from '../publish/pods/pods.ts';
import { summarize } from '../publish/pods/summary.ts';
import type { Dimension } from './command-line.ts';

/** Counts under one name. */
export interface Row {
  readonly name: string;
  readonly nodes: number;
  readonly pods: number;
  readonly fine: number;
  readonly notJudged: number;
  readonly bySeverity: Readonly<Record<Severity, number>>;
  /** Undefined when nobody knows. */
  readonly zombies: number | undefined;
}

/** Rows, those with the worst findings first. */
export function mergeReports(reports: readonly AuditReport[], by: Dimension): readonly Row[] {
  const rows = new Map<string, Row>();
  for (const report of reports) {
    for (const [name, part] of split(report, by)) {
      const row = rowOf(name, part);
      const before = rows.get(name);
      rows.set(name, before === undefined ? row : add(before, row));
    }
  }
  const weight = ({ bySeverity: { critical, warning, info } }: Row) => critical * 1e8 + warning * 1e4 + info;
  return [...rows.values()].sort((a, b) => weight(b) - weight(a) || a.name.localeCompare(b.name, 'en'));
}

/** The parts of a report that belong to each name. */
function split(report: AuditReport, by: Dimension): readonly (readonly [name: string, part: AuditReport])[] {
  switch (by) {
    case 'node':
      return [[report.node, report]];
    case 'namespace': {
      const names = new Set(report.sandboxes.map(({ namespace }) => namespace));
      return [...names].map((name) => [name, narrowToNamespaces(report, [name])]);
    }
    case 'image': {
      const open = listSandboxes(report).filter((sandbox) => !isFinished(sandbox));
      return [...new Set(open.map(imageOf))].map((name) => [name, narrowToImage(report, open, name)]);
    }
    default:
      return by satisfies never;
  }
}

function imageOf({ image }: SandboxView): string {
  return image?.ref ?? '(not told)';
}

/** An image's own findings count once however many sandboxes run on it, and beside them those of its pods. */
function narrowToImage(report: AuditReport, open: readonly SandboxView[], name: string): AuditReport {
  const sandboxes = open.filter((sandbox) => imageOf(sandbox) === name);
  const ids = new Set(sandboxes.map(({ id }) => id));
  const findings = report.findings.filter(
    ({ subject }) => (subject.sandboxId !== undefined && ids.has(subject.sandboxId)) || subject.image === name,
  );
  return { ...report, sandboxes, findings };
}

function rowOf(name: string, report: AuditReport): Row {
  const { pods, fine, notJudged, bySeverity, zombies } = summarize(report);
  return { name, nodes: 1, pods, fine, notJudged, bySeverity, zombies };
}

function add(a: Row, b: Row): Row {
  const sum = (severity: Severity) => a.bySeverity[severity] + b.bySeverity[severity];
  const known = a.zombies !== undefined || b.zombies !== undefined;
  return {
    name: a.name,
    nodes: a.nodes + b.nodes,
    pods: a.pods + b.pods,
    fine: a.fine + b.fine,
    notJudged: a.notJudged + b.notJudged,
    bySeverity: { critical: sum('critical'), warning: sum('warning'), info: sum('info') },
    zombies: known ? (a.zombies ?? 0) + (b.zombies ?? 0) : undefined,
  };
}
