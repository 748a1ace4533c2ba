/** Logs what changed between two reports: findings that came, rose and went, what of the sources was lost and found. */
import type { Logger } from 'pino';
import { type Finding, isAtLeast, type Severity, subjectKey } from '../core/finding.ts';
import type { SourceFault } from '../core/model.ts';
import type { AuditReport } from '../core/report.ts';
import { explain } from '../core/words/explain.ts';

/** A finding as it was logged last. */
interface ToldFinding {
  readonly finding: Finding;
  /** The worst that was logged of it: what goes up and down is told once. */
  readonly worst: Severity;
}

/** A fault that was logged. */
interface ToldFault {
  readonly fault: SourceFault;
  /** Audits in a row without it. */
  readonly missed: number;
}

/** As many audits must be without a fault before it counts as gone: what comes and goes with every audit is told once. */
const AUDITS_UNTIL_GONE = 2;

/** Makes a function that logs the first report, and of each other its difference to the one before; steady state logs nothing. */
export function createReportLog(log: Logger): (report: AuditReport) => void {
  let findings: ReadonlyMap<string, ToldFinding> = new Map();
  let faults: ReadonlyMap<string, ToldFault> = new Map();
  let isFirst = true;
  return (report) => {
    if (isFirst) log.info({ sandboxes: report.sandboxes.length, complete: report.complete }, 'first audit done');
    isFirst = false;
    findings = logFindings(log, report, findings);
    faults = logFaults(log, report, faults);
  };
}

function logFindings(log: Logger, { findings }: AuditReport, before: ReadonlyMap<string, ToldFinding>) {
  const now = new Map<string, ToldFinding>();
  for (const finding of findings) {
    const key = `${finding.id} ${subjectKey(finding.subject)}`;
    const told = before.get(key);
    const isKnown = told !== undefined && isAtLeast(told.worst, finding.severity);
    now.set(key, { finding, worst: isKnown ? told.worst : finding.severity });
    if (isKnown) continue;
    log[levelOf(finding)](fieldsOf(finding), told === undefined ? 'finding' : 'finding is worse');
  }
  for (const [key, { finding }] of before) if (!now.has(key)) log.info(fieldsOf(finding), 'finding is gone');
  return now;
}

function logFaults(log: Logger, { sources }: AuditReport, before: ReadonlyMap<string, ToldFault>) {
  const now = new Map<string, ToldFault>();
  for (const fault of sources.flatMap(({ faults }) => faults)) {
    const { source, endpoint, code, count, message } = fault;
    const key = `${source} ${code} ${endpoint}`;
    if (!before.has(key) && !now.has(key)) {
      log.warn({ source, endpoint, code, count, reason: message }, 'not everything could be read');
    }
    now.set(key, { fault, missed: 0 });
  }
  for (const [key, { fault, missed }] of before) {
    if (now.has(key)) continue;
    const { source, endpoint, code } = fault;
    if (missed + 1 < AUDITS_UNTIL_GONE) now.set(key, { fault, missed: missed + 1 });
    else log.info({ source, endpoint, code }, 'this can be read again');
  }
  return now;
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
