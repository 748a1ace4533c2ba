/** Looks at a lab's node for real and judges what was seen as if time had passed: hours are not waited for. */
import { setTimeout as sleep } from 'node:timers/promises';
import { auditNode } from '../../src/core/audit.ts';
import type { Finding, FindingId } from '../../src/core/finding.ts';
import { EMPTY_MEMORY } from '../../src/core/memory.ts';
import type { NodeSnapshot } from '../../src/core/model.ts';
import { DEFAULT_POLICY } from '../../src/core/policy.ts';
import type { AuditReport } from '../../src/core/report.ts';
import { explain } from '../../src/core/words/explain.ts';
import { createCgroupfs } from '../../src/kernel/cgroups/cgroupfs.ts';
import { createProcfs } from '../../src/kernel/processes/procfs.ts';
import { createCriRuntime } from '../../src/runtime/cri/runtime.ts';
import { detectEndpoint } from '../../src/runtime/detect.ts';
import { createCapture } from '../../src/sources/capture.ts';
import type { Lab } from '../lab/lab.ts';
import { HOLDS_ANYWHERE } from './document.ts';

/** Time between two audits of an agent with default settings. */
const INTERVAL_MS = 15_000;
/** Time between two looks that count as two. */
const LOOKS_APART_MS = 1100;

/** What is found in the node as it is, now and later. */
export interface Judged {
  readonly now: AuditReport;
  /** After the time that was asked for, and one more audit. */
  readonly later: AuditReport;
}

/** Looks twice, as `scan` does, and twice more at what was seen last with a clock that is `laterMs` ahead. */
export async function judgeLater({ endpoint }: Pick<Lab, 'endpoint'>, laterMs: number): Promise<Judged> {
  const capture = createCapture({
    node: 'lab',
    endpoints: [endpoint],
    createRuntime: (it) => createCriRuntime(it),
    detectEndpoint: () => detectEndpoint('/run'),
    procfs: createProcfs({ root: '/proc' }),
    cgroupfs: createCgroupfs({ root: '/sys/fs/cgroup' }),
  });
  try {
    const first = await capture.look();
    await sleep(LOOKS_APART_MS);
    const second = await capture.look();
    const reports = judge([first, second, movedBy(second, laterMs), movedBy(second, laterMs + INTERVAL_MS)]);
    const [now, later] = [reports[1], reports[3]];
    if (now === undefined || later === undefined) throw new Error('an audit is missing');
    return { now, later };
  } finally {
    capture.close();
  }
}

/**
 * Ids of the findings about a pod, or of all there are, sorted; less what holds on every lab (a moved clock
 * makes the dead of the machine's own init old).
 */
export function idsIn(report: AuditReport, pod?: string): FindingId[] {
  const about = report.findings.filter(({ subject }) => pod === undefined || subject.pod === pod);
  const ids = about.map(({ id }) => id).filter((id) => !HOLDS_ANYWHERE.has(id));
  return ids.toSorted();
}

/** The one finding with this id, with its words. */
export function oneFinding(report: AuditReport, id: FindingId): Finding & ReturnType<typeof explain> {
  const [found, ...others] = report.findings.filter((finding) => finding.id === id);
  if (found === undefined || others.length > 0)
    throw new Error(`${others.length + (found === undefined ? 0 : 1)} × ${id}`);
  return { ...found, ...explain(found) };
}

function movedBy(snapshot: NodeSnapshot, ms: number): NodeSnapshot {
  return { ...snapshot, takenAtMs: snapshot.takenAtMs + ms };
}

function judge(snapshots: readonly NodeSnapshot[]): AuditReport[] {
  let memory = EMPTY_MEMORY;
  return snapshots.map((snapshot) => {
    const audit = auditNode(snapshot, memory, DEFAULT_POLICY);
    memory = audit.memory;
    return audit.report;
  });
}
