/** What a test of one finding looks like: nodes on which it must fire, and nodes on which it must stay quiet. */
import type { FindingId, Severity, Subject } from '../../src/core/finding.ts';
import type { NodeSnapshot } from '../../src/core/model.ts';
import type { Policy } from '../../src/core/policy.ts';

/** A node that is looked at twice. */
interface Looked {
  readonly when: string;
  readonly node: NodeSnapshot;
  /** How it was in the look before; the same when left out. */
  readonly before?: NodeSnapshot;
  /** Where it differs from the default. */
  readonly policy?: Partial<Policy>;
  /** Milliseconds between the two audits; the usual interval when left out. */
  readonly apartMs?: number;
  /** A third look that much later, at the same. */
  readonly thenAfterMs?: number;
}

/** A node on which a finding fires. */
export interface Fires extends Looked {
  readonly severity: Severity;
  readonly subject: Partial<Subject>;
  /** Facts that must be among the evidence. */
  readonly evidence: Readonly<Record<string, unknown>>;
  /** What the sentence and the advice must say, and what the advice must not. */
  readonly summary: RegExp;
  readonly remedy: RegExp;
  readonly neverAdvises?: RegExp;
}

/** A node on which it must stay quiet. */
export interface Quiet extends Looked {
  /** Two looks are what it takes; this one is quiet in the first. */
  readonly firstLook?: boolean;
}

/** All that is told about one finding. */
export interface FindingCase {
  readonly id: FindingId;
  readonly fires: readonly Fires[];
  readonly quiet: readonly Quiet[];
}
