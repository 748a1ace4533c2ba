/** Tells zombies that an exec probe left from an app's own: by the sessions they were in and the times they started. */
import { groupBy } from './group-by.ts';
import { type Process, TICKS_PER_SECOND } from './model.ts';
import type { Policy } from './policy.ts';
import type { ZombieFact } from './zombies.ts';

/** Zombies that come back at a period, each time from a session of its own. */
export interface ProbeShape {
  readonly zombies: readonly ZombieFact[];
  /** Sessions they came from. */
  readonly runs: number;
  readonly periodSeconds: number;
}

/** Names are cut at 15 characters and may carry a number: so many decide whether two are the same. */
const NAME_PREFIX = 12;

/** A gap may miss a whole number of periods by this share of one, and by this time on a busy node. */
const TOLERANCE = 0.2;
const TOLERANCE_SECONDS = 0.5;

/** Of the gaps so many must fit: a run that left nothing makes a longer one, a busy node an odd one. */
const FITTING = 0.75;

/**
 * The probe among zombies under one init. The runtime puts every process it execs into a session of its own; what the
 * init and the app start stays in theirs. A hook leaves one session, once; people's sessions have no period.
 */
export function findProbe(zombies: readonly ZombieFact[], init: Process, policy: Policy): ProbeShape | undefined {
  const foreign = zombies.filter(({ process }) => process.sessionId > 0 && process.sessionId !== init.sessionId);
  const shapes = [...groupBy(foreign, ({ process }) => process.comm.slice(0, NAME_PREFIX)).values()].flatMap(
    (named): ProbeShape[] => {
      const runs = groupBy(named, ({ process }) => process.sessionId);
      const starts = [...runs.values()].map((run) => Math.min(...run.map(({ process }) => process.startTicks)));
      const periodSeconds = runs.size < policy.probeRuns ? undefined : periodOf(starts, policy.probePeriodMs / 1000);
      return periodSeconds === undefined ? [] : [{ zombies: named, runs: runs.size, periodSeconds }];
    },
  );
  const [largest] = shapes.toSorted((a, b) => b.runs - a.runs);
  if (largest === undefined) return undefined;
  // A script and the tools it calls are one probe, whatever each is called.
  const sessions = new Set(shapes.flatMap((shape) => shape.zombies.map(({ process }) => process.sessionId)));
  return { ...largest, zombies: foreign.filter(({ process }) => sessions.has(process.sessionId)) };
}

/** The period of start times in clock ticks; undefined when they have none between a second and the longest. */
function periodOf(startTicks: readonly number[], longestSeconds: number): number | undefined {
  const times = startTicks.map((ticks) => ticks / TICKS_PER_SECOND).toSorted((a, b) => a - b);
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? time));
  const period = gaps.toSorted((a, b) => a - b)[Math.floor((gaps.length - 1) / 2)];
  if (period === undefined || period < 1 || period > longestSeconds) return undefined;
  const tolerance = Math.min(period / 4, Math.max(TOLERANCE * period, TOLERANCE_SECONDS));
  const fitting = gaps.filter((gap) => Math.abs(gap - Math.max(1, Math.round(gap / period)) * period) <= tolerance);
  return fitting.length >= FITTING * gaps.length ? Math.round(period) : undefined;
}
