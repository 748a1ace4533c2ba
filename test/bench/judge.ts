/** Measures what judging costs: 1,000 sandboxes with 20,000 processes, audited again and again; prints milliseconds of CPU. */
import { auditNode } from '../../src/core/audit.ts';
import { EMPTY_MEMORY } from '../../src/core/memory.ts';
import { DEFAULT_POLICY } from '../../src/core/policy.ts';
import { inContainer, NOW_MS, node, pod, process as processOf, zombies } from '../core/snapshot-builder.ts';

const SANDBOXES = 1000;
const PROCESSES_EACH = 17;
const AUDITS = 60;

const pods = Array.from({ length: SANDBOXES }, (_, i) => {
  const base = 100 * (i + 1);
  const ofApp = Array.from({ length: PROCESSES_EACH }, (_none, k) =>
    processOf(base + 30 + k, { ...inContainer(base), ppid: base + 10, unprobed: true }),
  );
  const dead = i % 10 === 0 ? zombies(5, base + 60, base + 10, inContainer(base)) : [];
  return pod(`pod-${i}`, { base, more: [...ofApp, ...dead] });
});
const snapshot = node({ pods });

let memory = EMPTY_MEMORY;
let best = Number.POSITIVE_INFINITY;
for (let audit = 0; audit < AUDITS; audit++) {
  const before = process.cpuUsage();
  memory = auditNode({ ...snapshot, takenAtMs: NOW_MS + audit * 15_000 }, memory, DEFAULT_POLICY).memory;
  const { user, system } = process.cpuUsage(before);
  best = Math.min(best, (user + system) / 1000);
}
console.log(JSON.stringify({ processes: snapshot.kernel.processes.length, best }));
