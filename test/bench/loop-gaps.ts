/** Runs in a process of its own: sweeps the machine's processes and prints how long the event loop was held, as JSON. */
import { createProcfs } from '../../src/kernel/procfs.ts';
import { quantile } from './measured-process.ts';

/** What it prints; times in milliseconds. */
export interface LoopGaps {
  readonly processes: number;
  readonly sweeps: number;
  readonly longestMs: number;
  readonly p99Ms: number;
  /** The median over the sweeps of the longest hold in each: what is left when the machine itself stalls for once. */
  readonly usualLongestMs: number;
}

const SWEEPS = 20;

const procfs = createProcfs({ root: '/proc' });
// The first two learn every cgroup and are compiled meanwhile; they count as well.
let processes = 0;
const gaps: number[] = [];
const longest: number[] = [];
for (let round = 0; round < SWEEPS; round++) {
  const before = gaps.length;
  let done = false;
  let turnedMs = performance.now();
  const turn = (): void => {
    const nowMs = performance.now();
    gaps.push(nowMs - turnedMs);
    turnedMs = nowMs;
    if (!done) setImmediate(turn);
  };
  setImmediate(turn);
  const sweep = await procfs.sweep();
  done = true;
  await new Promise((resolve) => setImmediate(resolve));
  processes = sweep.processes.length;
  longest.push(Math.max(...gaps.slice(before)));
}
const result: LoopGaps = {
  processes,
  sweeps: SWEEPS,
  longestMs: Math.max(...longest),
  p99Ms: quantile(gaps, 0.99),
  usualLongestMs: quantile(longest, 0.5),
};
process.stdout.write(`${JSON.stringify(result)}\n`);
