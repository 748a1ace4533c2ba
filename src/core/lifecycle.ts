/** The life of a finding across audits: new, confirmed, clearing, gone. */
import {
  FINDING_IDS,
  type Finding,
  type FindingId,
  SEVERITIES,
  type Subject,
  subjectKey,
  type Verdict,
} from './finding.ts';
import { type AuditMemory, type FindingMemory, findingKey } from './memory.ts';
import type { Policy } from './policy.ts';
import type { CatalogEntry } from './rules/catalog.ts';

/** What one rule answered in this audit. */
export interface Answers {
  readonly entry: CatalogEntry;
  readonly verdicts: readonly Verdict[];
}

/** Findings to report now, and what to remember of them. */
export interface Lives {
  readonly findings: readonly Finding[];
  readonly memory: ReadonlyMap<string, FindingMemory>;
}

interface Moment {
  readonly nowMs: number;
  readonly firstAudit: boolean;
  readonly policy: Policy;
}

/** Carries every finding one audit further. A finding whose subject no longer exists ends at once. */
export function ageFindings(
  answers: readonly Answers[],
  memory: AuditMemory,
  moment: Moment,
  exists: (subject: Subject) => boolean,
): Lives {
  const next = new Map<string, FindingMemory>();
  for (const { entry, verdicts } of answers) {
    const unknown: Subject[] = [];
    for (const verdict of verdicts) {
      const key = findingKey(entry.id, subjectKey(verdict.subject));
      if (verdict.kind === 'unknown') unknown.push(verdict.subject);
      else next.set(key, raise(entry, verdict, memory.findings.get(key), moment));
    }
    for (const [key, old] of memory.findings) {
      if (old.finding.id !== entry.id || next.has(key) || !exists(old.finding.subject)) continue;
      const isUnknown = unknown.some((subject) => covers(subject, old.finding.subject));
      const held = isUnknown ? { ...old, lastHeldMs: moment.nowMs } : clean(old, moment);
      if (moment.nowMs - held.lastHeldMs < moment.policy.sinceSurvivesGapMs) next.set(key, held);
    }
  }
  const looksOf = new Map(answers.map(({ entry }) => [entry.id, entry.looks]));
  const shown = [...next.values()].filter((life) => isShown(life, looksOf.get(life.finding.id) ?? 1, moment));
  return { findings: sortFindings(shown.map(({ finding }) => finding)), memory: next };
}

/** Not knowing about a sandbox is not knowing about what is in it; not knowing about the node, about anything. */
function covers(unknown: Subject, subject: Subject): boolean {
  if (unknown.kind === 'node')
    return unknown.runtimeEndpoint === subject.runtimeEndpoint || unknown.runtimeEndpoint === undefined;
  if (unknown.kind === 'sandbox') return unknown.sandboxId === subject.sandboxId;
  return subjectKey(unknown) === subjectKey(subject);
}

function raise(
  entry: CatalogEntry,
  verdict: Extract<Verdict, { kind: 'finding' }>,
  old: FindingMemory | undefined,
  { nowMs, firstAudit }: Moment,
): FindingMemory {
  const sinceMs = old?.finding.sinceMs ?? nowMs;
  const raised = (old?.raised ?? 0) + 1;
  const stillConfirmed = old?.finding.confirmed === true;
  const finding: Finding = {
    id: entry.id,
    severity: verdict.severity,
    confirmed: stillConfirmed || (raised >= 2 && nowMs - sinceMs >= entry.confirmAfterMs),
    sinceMs,
    atLeast: old?.finding.atLeast ?? firstAudit,
    subject: verdict.subject,
    evidence: verdict.evidence,
  };
  return { finding, lastHeldMs: nowMs, raised, clean: 0 };
}

function clean(old: FindingMemory, { policy }: Moment): FindingMemory {
  const cleanAudits = old.clean + 1;
  const confirmed = old.finding.confirmed && cleanAudits < policy.cleanAuditsToClear;
  return { ...old, finding: { ...old.finding, confirmed }, raised: 0, clean: cleanAudits };
}

/** Raised by enough looks, or confirmed and not yet cleared. */
function isShown({ finding, raised, lastHeldMs }: FindingMemory, looks: number, { policy }: Moment): boolean {
  if (finding.confirmed) return true;
  return raised >= looks && (looks === 1 || lastHeldMs - finding.sinceMs >= policy.looksApartMs);
}

const CATALOG_ORDER = new Map<FindingId, number>(FINDING_IDS.map((id, index) => [id, index]));

/** What befalls the whole node explains the rest and comes first; then worst first, then by catalog, then oldest first. */
function sortFindings(findings: readonly Finding[]): Finding[] {
  const causeOf = ({ subject }: Finding): number => (subject.kind === 'node' ? 0 : 1);
  return findings.toSorted(
    (a, b) =>
      causeOf(a) - causeOf(b) ||
      SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
      (CATALOG_ORDER.get(a.id) ?? 0) - (CATALOG_ORDER.get(b.id) ?? 0) ||
      a.sinceMs - b.sinceMs,
  );
}
