/** The life of a finding across audits: new, confirmed, clearing, gone. */

import type { CatalogEntry } from './catalog/catalog.ts';
import { type Finding, type Subject, sortFindings, subjectKey, type Verdict } from './finding.ts';
import { groupBy } from './group-by.ts';
import { type AuditMemory, type FindingMemory, findingKey } from './memory.ts';
import type { Policy } from './policy.ts';

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
  const before = groupBy(memory.findings, ([, { finding }]) => finding.id);
  for (const { entry, verdicts } of answers) {
    const unknown: Subject[] = [];
    for (const verdict of verdicts) {
      const key = findingKey(entry.id, subjectKey(verdict.subject));
      if (verdict.kind === 'unknown') unknown.push(verdict.subject);
      else next.set(key, raise(entry, verdict, memory.findings.get(key), moment));
    }
    const isUnknown = createCover(unknown);
    for (const [key, old] of before.get(entry.id) ?? []) {
      if (next.has(key) || !exists(old.finding.subject)) continue;
      const life = isUnknown(old.finding.subject) ? hold(old, moment) : clean(old, moment);
      if (!hasLapsed(life, moment)) next.set(key, life);
    }
  }
  const shown = [...next.values()].filter(({ shown }) => shown);
  return { findings: sortFindings(shown.map(({ finding }) => finding)), memory: next };
}

/**
 * Whether not knowing about these subjects is not knowing about another: of a sandbox, about what is in it; of the
 * images of a runtime, about each; of the node, about anything.
 */
function createCover(unknown: readonly Subject[]): (subject: Subject) => boolean {
  const keys = new Set(unknown.map(subjectKey));
  const sandboxIds = new Set(unknown.flatMap(({ kind, sandboxId }) => (kind === 'sandbox' ? [sandboxId] : [])));
  const ofImages = unknown.filter(({ kind, image }) => kind === 'image' && image === undefined);
  const runtimesOfImages = new Set(ofImages.map(({ runtimeEndpoint }) => runtimeEndpoint));
  const ofNode = unknown.filter(({ kind }) => kind === 'node');
  const runtimesOfNode = new Set(ofNode.map(({ runtimeEndpoint }) => runtimeEndpoint));
  return (subject) => {
    const { kind, sandboxId, runtimeEndpoint } = subject;
    if (runtimesOfNode.has(undefined) || (ofNode.length > 0 && runtimesOfNode.has(runtimeEndpoint))) return true;
    if (sandboxId !== undefined && sandboxIds.has(sandboxId)) return true;
    if (kind === 'image' && runtimesOfImages.has(runtimeEndpoint)) return true;
    return keys.size > 0 && keys.has(subjectKey(subject));
  };
}

function raise(
  entry: CatalogEntry,
  verdict: Extract<Verdict, { kind: 'finding' }>,
  known: FindingMemory | undefined,
  moment: Moment,
): FindingMemory {
  const { nowMs, firstAudit, policy } = moment;
  const old = known !== undefined && hasLapsed(known, moment) ? undefined : known;
  const runSinceMs = old !== undefined && old.raised > 0 ? old.runSinceMs : nowMs;
  const raised = (old?.raised ?? 0) + 1;
  const heldMs = nowMs - runSinceMs;
  // A runtime that keeps dates knows more than an agent that has just been started.
  const toldMs = nowMs - Math.min(runSinceMs, verdict.heldSinceMs ?? runSinceMs);
  const looks = verdict.looks ?? entry.looks;
  const enoughLooks = looks === 1 || (raised >= looks && heldMs >= policy.looksApartMs);
  const stillConfirmed = old?.finding.confirmed === true;
  const finding: Finding = {
    id: entry.id,
    severity: verdict.severity,
    confirmed: stillConfirmed || (enoughLooks && raised >= 2 && toldMs >= entry.confirmAfterMs),
    sinceMs: old?.finding.sinceMs ?? nowMs,
    atLeast: old?.finding.atLeast ?? (firstAudit || verdict.atLeast === true),
    subject: verdict.subject,
    evidence: verdict.evidence,
  };
  return { finding, runSinceMs, lastHeldMs: nowMs, raised, shown: enoughLooks || stillConfirmed, clean: 0 };
}

/** Nobody can tell: what held goes on holding, what had cleared goes on being forgotten. */
function hold(old: FindingMemory, { nowMs }: Moment): FindingMemory {
  return hasCleared(old) ? old : { ...old, lastHeldMs: nowMs };
}

function clean(old: FindingMemory, { policy }: Moment): FindingMemory {
  const cleanAudits = old.clean + 1;
  const confirmed = old.finding.confirmed && cleanAudits < policy.cleanAuditsToClear;
  return { ...old, finding: { ...old.finding, confirmed }, raised: 0, shown: confirmed, clean: cleanAudits };
}

/** It is remembered only so that its age survives a gap. */
function hasCleared({ finding, raised }: FindingMemory): boolean {
  return !finding.confirmed && raised === 0;
}

function hasLapsed(life: FindingMemory, { nowMs, policy }: Moment): boolean {
  return hasCleared(life) && nowMs - life.lastHeldMs >= policy.sinceSurvivesGapMs;
}
