/** Logs what changed between two reports: findings that came and went, sources that were lost and found. */
import type { Logger } from 'pino';
import { type Finding, subjectKey } from './core/finding.ts';
import type { AuditReport } from './core/report.ts';
import { explain } from './core/words/explain.ts';

/** Makes a function that logs the first report, and of each other its difference to the one before; steady state logs nothing. */
export function createReportLog(log: Logger): (report: AuditReport) => void {
  let findings = new Map<string, Finding>();
  let faults = new Set<string>();
  let isFirst = true;
  return (report) => {
    if (isFirst) log.info({ sandboxes: report.sandboxes.length, complete: report.complete }, 'first audit done');
    isFirst = false;
    const now = new Map(report.findings.map((finding) => [`${finding.id} ${subjectKey(finding.subject)}`, finding]));
    for (const [key, finding] of now) if (!findings.has(key)) log[levelOf(finding)](fieldsOf(finding), 'finding');
    for (const [key, finding] of findings) if (!now.has(key)) log.info(fieldsOf(finding), 'finding is gone');
    findings = now;
    const messages = new Map(
      report.sources.flatMap(({ faults: all }) =>
        all.map((fault) => [`${fault.source} ${fault.code} ${fault.endpoint}`, fault]),
      ),
    );
    for (const [key, { source, code, count, message }] of messages) {
      if (!faults.has(key)) log.warn({ source, code, count, reason: message }, 'not everything could be read');
    }
    faults = new Set(messages.keys());
  };
}

/** What needs somebody is a warning of ours; `error` means a bug. */
function levelOf({ severity }: Finding): 'info' | 'warn' {
  return severity === 'info' ? 'info' : 'warn';
}

function fieldsOf(finding: Finding): Record<string, unknown> {
  const { id, severity, subject } = finding;
  const { namespace, pod, container, image } = subject;
  return { id, severity, namespace, pod, container, image, summary: explain(finding).summary };
}
