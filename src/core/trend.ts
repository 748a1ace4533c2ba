/** How fast a count grows: a few samples of it, thinned as they age, and a line through them that no single spike moves. */

/** One count at one moment. */
export interface Sample {
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  readonly value: number;
}

/** Samples kept per subject; beyond it every second one is dropped. */
const MOST_SAMPLES = 24;

/** The newest sample makes room for the next until it is this part of the whole span from the one before it. */
const SPACING = 1 / 16;

/** Older samples say nothing of the present rate. */
const WINDOW_MS = 2 * 3_600_000;

const HOUR_MS = 3_600_000;

/** The samples with one more; a clock that was set back begins anew. */
export function addSample(samples: readonly Sample[], next: Sample): readonly Sample[] {
  const last = samples.at(-1);
  if (last !== undefined && last.atMs >= next.atMs) return [next];
  let oldest = 0;
  while (oldest < samples.length && next.atMs - (samples[oldest]?.atMs ?? 0) > WINDOW_MS) oldest++;
  const spacingMs = (next.atMs - (samples[oldest]?.atMs ?? next.atMs)) * SPACING;
  const before = samples.at(-2);
  const isTooClose = last !== undefined && before !== undefined && last.atMs - before.atMs < spacingMs;
  const kept = samples.slice(oldest, isTooClose ? -1 : undefined);
  const thinned = kept.length < MOST_SAMPLES ? kept : kept.filter((_, index) => index % 2 === 0);
  thinned.push(next);
  return thinned;
}

/**
 * Growth per hour by Tukey's resistant line: from the median of the first third of the samples to that of the last.
 * Negative when the count shrinks; undefined before it was watched for `spanMs` with three samples.
 */
export function growthPerHour(samples: readonly Sample[], spanMs: number): number | undefined {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined || samples.length < 3 || last.atMs - first.atMs < spanMs) {
    return undefined;
  }
  if (samples.every(({ value }) => value === first.value)) return 0;
  const third = Math.floor((samples.length + 1) / 3);
  const [early, late] = [samples.slice(0, third), samples.slice(-third)];
  const apartMs = medianOf(late, timeOf) - medianOf(early, timeOf);
  return ((medianOf(late, valueOf) - medianOf(early, valueOf)) / apartMs) * HOUR_MS;
}

/** Seconds until `room` more are reached at that growth; undefined when it is unknown or does not grow. */
export function secondsUntil(room: number, perHour: number | undefined): number | undefined {
  return perHour === undefined || perHour <= 0 ? undefined : Math.round((Math.max(0, room) / perHour) * 3600);
}

const timeOf = ({ atMs }: Sample): number => atMs;
const valueOf = ({ value }: Sample): number => value;

function medianOf(samples: readonly Sample[], of: (sample: Sample) => number): number {
  const sorted = samples.map(of).sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}
