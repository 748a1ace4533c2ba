/** Measures what CPU time the first processes of sandboxes and containers took from one look to the next. */
import type { Attribution } from './attribute.ts';
import { type NodeSnapshot, type Process, type ProcessKey, processKey, TICKS_PER_SECOND } from './model.ts';

/** CPU time of a process at one moment. */
interface CpuSample {
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  readonly cpuTicks: number;
}

/** What earlier looks know, by process; holds no process that is gone. */
export type CpuSamples = ReadonlyMap<ProcessKey, CpuSample>;

/** CPU time of a process between two looks. */
export interface CpuUse {
  /** Time between the looks, milliseconds. */
  readonly windowMs: number;
  readonly ticks: number;
  /** Of one CPU; above 1 where several threads run. */
  readonly share: number;
}

/** The CPU time of one look and what the next must know. */
export interface CpuCensus {
  readonly samples: CpuSamples;
  /** Undefined for a process that no earlier look, far enough back, has seen. */
  useOf(process: Process): CpuUse | undefined;
}

/** Measures pauses and containers' first processes: the ones that every look reads anew. */
export function measureCpu(
  snapshot: NodeSnapshot,
  { pauses, inits }: Pick<Attribution, 'pauses' | 'inits'>,
  earlier: CpuSamples,
  looksApartMs: number,
): CpuCensus {
  if (!snapshot.kernel.procfsUp) return { samples: earlier, useOf: () => undefined };
  const samples = new Map<ProcessKey, CpuSample>();
  const uses = new Map<ProcessKey, CpuUse>();
  for (const named of [...pauses.values(), ...inits.values()]) {
    if (named.kind !== 'found') continue;
    const key = processKey(named.process);
    const now = { atMs: snapshot.takenAtMs, cpuTicks: named.process.cpuTicks };
    const before = earlier.get(key);
    const windowMs = now.atMs - (before?.atMs ?? now.atMs);
    // Looks too close together say nothing: the older sample waits for the next one.
    samples.set(key, before === undefined || windowMs >= looksApartMs ? now : before);
    if (before === undefined || windowMs < looksApartMs) continue;
    const ticks = now.cpuTicks - before.cpuTicks;
    uses.set(key, { windowMs, ticks, share: (ticks * 1000) / TICKS_PER_SECOND / windowMs });
  }
  return { samples, useOf: (process) => uses.get(processKey(process)) };
}
