/** A finding as /sandboxes and /findings show it. */

import type { Finding, Subject } from '../../core/finding.ts';
import { explain } from '../../core/words/explain.ts';

/** A finding in full. */
export function findingJson(finding: Finding, runbookBase: string) {
  const { id, severity, confirmed, atLeast, subject, evidence } = finding;
  const { summary, remedy } = explain(finding);
  return {
    id,
    severity,
    confirmed,
    since: timeJson(finding.sinceMs),
    atLeast,
    subject: subjectJson(subject),
    summary,
    evidence,
    remedy,
    runbook: `${runbookBase.replace(/\/+$/, '')}/${id}`,
  };
}

/** A finding under `view=brief`: what holds, where and since when. */
export function briefFindingJson(finding: Finding) {
  const { id, severity, confirmed, subject } = finding;
  const { kind, namespace, pod, container, sandboxId } = subject;
  return {
    id,
    severity,
    confirmed,
    since: timeJson(finding.sinceMs),
    subject: {
      kind,
      namespace: namespace ?? null,
      pod: pod ?? null,
      container: container ?? null,
      sandboxId: sandboxId ?? null,
    },
    summary: explain(finding).summary,
  };
}

/** Image and runtime are named only where they are the subject. */
function subjectJson(subject: Subject) {
  const { kind, namespace, pod, container, sandboxId, pid, image, runtimeEndpoint } = subject;
  return {
    kind,
    namespace: namespace ?? null,
    pod: pod ?? null,
    container: container ?? null,
    sandboxId: sandboxId ?? null,
    pid: pid ?? null,
    ...(image === undefined ? {} : { image }),
    ...(runtimeEndpoint === undefined ? {} : { runtimeEndpoint }),
  };
}

/** RFC 3339 in UTC; null for an unknown moment, also for one no calendar has. */
export function timeJson(ms: number | undefined): string | null {
  if (ms === undefined) return null;
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
