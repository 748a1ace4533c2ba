/** Narrows a report to what was asked for, and never lets what is hidden count as fine. */
import { type Finding, isAtLeast, type Severity } from '../../core/finding.ts';
import type { AuditReport } from '../../core/report.ts';

/** The report with only the pods of these namespaces, and the findings about them; all of it when none is named. */
export function narrowToNamespaces(report: AuditReport, namespaces: readonly string[]): AuditReport {
  if (namespaces.length === 0) return report;
  const isWanted = (namespace: string | undefined): boolean =>
    namespace !== undefined && namespaces.includes(namespace);
  return {
    ...report,
    sandboxes: report.sandboxes.filter(({ namespace }) => isWanted(namespace)),
    findings: report.findings.filter(({ subject }) => isWanted(subject.namespace)),
  };
}

/** The findings of at least this severity. */
export function atLeast(findings: readonly Finding[], bar: Severity): readonly Finding[] {
  return bar === 'info' ? findings : findings.filter(({ severity }) => isAtLeast(severity, bar));
}
