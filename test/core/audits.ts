/** Runs audits one after another, the way the agent does. */
import { auditNode } from '../../src/core/audit.ts';
import type { Finding, FindingId } from '../../src/core/finding.ts';
import { type AuditMemory, EMPTY_MEMORY } from '../../src/core/memory.ts';
import type { NodeSnapshot } from '../../src/core/model.ts';
import { DEFAULT_POLICY, type Policy } from '../../src/core/policy.ts';
import type { AuditReport, SandboxView } from '../../src/core/report.ts';
import { NOW_MS } from './snapshot-builder.ts';

/** Time between two audits when a test does not say. */
const INTERVAL_MS = 15_000;

/** An agent that is shown one snapshot after another; time passes between them. */
export function startAudits(policy: Policy = DEFAULT_POLICY) {
  let memory: AuditMemory = EMPTY_MEMORY;
  let nowMs = NOW_MS - INTERVAL_MS;
  return {
    /** Lets time pass and audits. */
    audit(snapshot: NodeSnapshot, afterMs = INTERVAL_MS): AuditReport {
      nowMs += afterMs;
      const audit = auditNode({ ...snapshot, takenAtMs: nowMs }, memory, policy);
      memory = audit.memory;
      return audit.report;
    },
    memory: () => memory,
    nowMs: () => nowMs,
  };
}

/** Audits one snapshot twice; the second report. */
export function auditTwice(snapshot: NodeSnapshot, apartMs = INTERVAL_MS, policy?: Policy): AuditReport {
  const audits = startAudits(policy);
  audits.audit(snapshot);
  return audits.audit(snapshot, apartMs);
}

/** Audits two looks (or three) at a node that changed after the first; the last report. */
export function auditChange(looks: LooksAt): AuditReport {
  const audits = startAudits({ ...DEFAULT_POLICY, ...looks.policy });
  audits.audit(looks.before ?? looks.node);
  const second = audits.audit(looks.node, looks.apartMs);
  return looks.thenAfterMs === undefined ? second : audits.audit(looks.node, looks.thenAfterMs);
}

/** Looks at a node. */
interface LooksAt {
  readonly node: NodeSnapshot;
  readonly before?: NodeSnapshot;
  readonly apartMs?: number;
  readonly thenAfterMs?: number;
  readonly policy?: Partial<Policy>;
}

/** Findings with this id. */
export function findingsOf(report: AuditReport, id: FindingId): Finding[] {
  return report.findings.filter((finding) => finding.id === id);
}

/** Ids of all findings, in their order. */
export function idsOf(report: AuditReport): FindingId[] {
  return report.findings.map(({ id }) => id);
}

/** The sandbox of a pod by its name. */
export function sandboxOf(report: AuditReport, name: string): SandboxView {
  const found = report.sandboxes.find((sandbox) => sandbox.name === name);
  if (found === undefined) throw new Error(`no sandbox of pod ${name}`);
  return found;
}
