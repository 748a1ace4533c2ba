/** Runs in a process of its own: sweeps the machine's processes and prints how long the event loop was held, as JSON. */
import { readFileSync } from 'node:fs';
import { createProcfs } from '../../src/kernel/processes/procfs.ts';
import { keepHeapSmall } from '../../src/sources/heap.ts';
import { quantile } from './measured-process.ts';

/** What it prints; times in milliseconds. */
export interface LoopGaps {
  readonly processes: number;
  readonly sweeps: number;
  /** The longest hold, less the time in which the machine let others run. */
  readonly longestMs: number;
  /** The same by the clock on the wall. */
  readonly longestOnWallMs: number;
  /** The median over the sweeps of the longest hold in each. */
  readonly usualLongestMs: number;
}

const SWEEPS = 20;

keepHeapSmall();
const procfs = createProcfs({ root: '/proc' });
// The first two learn every cgroup and are compiled meanwhile; they count as well.
let processes = 0;
const longest: number[] = [];
let longestOnWallMs = 0;
for (let round = 0; round < SWEEPS; round++) {
  let done = false;
  let heldMs = 0;
  let turnedMs = performance.now();
  let usedMs = cpuMs();
  const turn = (): void => {
    const wallMs = performance.now() - turnedMs;
    longestOnWallMs = Math.max(longestOnWallMs, wallMs);
    heldMs = Math.max(heldMs, Math.min(wallMs, cpuMs() - usedMs));
    turnedMs = performance.now();
    usedMs = cpuMs();
    if (!done) setImmediate(turn);
  };
  setImmediate(turn);
  const sweep = await procfs.sweep();
  done = true;
  await new Promise((resolve) => setImmediate(resolve));
  processes = sweep.processes.length;
  longest.push(heldMs);
}

/** CPU time of the thread that runs the loop (first field of /proc/PID/schedstat); other threads work beside it. */
function cpuMs(): number {
  return Number(readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ')[0]) / 1e6;
}

const result: LoopGaps = {
  processes,
  sweeps: SWEEPS,
  longestMs: Math.max(...longest),
  longestOnWallMs,
  usualLongestMs: quantile(longest, 0.5),
};
process.stdout.write(`${JSON.stringify(result)}\n`);
