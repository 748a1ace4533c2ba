/** Measures what judging costs: 1,000 sandboxes with 20,000 processes, audited again and again; prints milliseconds of CPU (`npx tsx test/bench/judge.ts`). */
import { auditNode } from '../../src/core/audit.ts';
import { EMPTY_MEMORY } from '../../src/core/memory.ts';
import { DEFAULT_POLICY } from '../../src/core/policy.ts';
import { busyNode } from '../core/busy-node.ts';
import { NOW_MS } from '../core/snapshot-builder.ts';

const AUDITS = 60;

const snapshot = busyNode(1000);
let memory = EMPTY_MEMORY;
let best = Number.POSITIVE_INFINITY;
for (let audit = 0; audit < AUDITS; audit++) {
  const before = process.cpuUsage();
  memory = auditNode({ ...snapshot, takenAtMs: NOW_MS + audit * 15_000 }, memory, DEFAULT_POLICY).memory;
  const { user, system } = process.cpuUsage(before);
  best = Math.min(best, (user + system) / 1000);
}
console.log(JSON.stringify({ processes: snapshot.kernel.processes.length, best }));
