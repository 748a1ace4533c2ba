/** The looks that a command judges once: two at this node, or those of a recording. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../config/parse.ts';
import { auditNode } from '../core/audit.ts';
import { EMPTY_MEMORY } from '../core/memory.ts';
import type { NodeSnapshot } from '../core/model.ts';
import type { DepthSource } from '../core/pod-depth.ts';
import { type Policy, policyForSettle } from '../core/policy.ts';
import type { AuditReport } from '../core/report.ts';
import { openNode } from './node.ts';
import { replayFile } from './replay.ts';

/** Looks at one node, in the order in which they were taken. */
export interface Looks {
  /** Time that was let pass between two of them, in milliseconds. */
  readonly settleMs: number;
  readonly snapshots: readonly NodeSnapshot[];
}

/** Looks as the configuration says; rejects with a RecordingFileError. */
export async function takeLooks(config: Config): Promise<Looks> {
  if (config.recording === undefined) return lookTwice(config);
  const { settleMs, looks } = await replayFile(config.recording);
  return { settleMs, snapshots: looks };
}

/** The first look finds what may be a zombie, the second whether it still is. */
export async function lookTwice(config: Config): Promise<Looks> {
  const { settleMs } = config;
  const { capture } = openNode(config);
  try {
    const first = await capture.look();
    await sleep(settleMs);
    return { settleMs, snapshots: [first, await capture.look()] };
  } finally {
    capture.close();
  }
}

/** What was concluded from a look, and what it was concluded from. */
export interface JudgedLook extends DepthSource {
  readonly report: AuditReport;
}

/** Judges each look in the light of those before it, as of the time at which it was taken. */
export function* auditLooks({ settleMs, snapshots }: Looks, wanted: Policy): Generator<JudgedLook> {
  const policy = policyForSettle(wanted, settleMs);
  let memory = EMPTY_MEMORY;
  for (const snapshot of snapshots) {
    const audit = auditNode(snapshot, memory, policy);
    memory = audit.memory;
    yield { report: audit.report, snapshot, memory };
  }
}
