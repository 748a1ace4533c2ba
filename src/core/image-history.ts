/** Remembers when each pause image was last stored on the node: once it is gone, nobody else can tell. */
import type { ImageIndex } from './image-index.ts';
import { canonicalName, type ImageRef } from './image-ref.ts';
import type { NodeSnapshot, RuntimeSnapshot } from './model.ts';
import type { PauseImagesView } from './report.ts';

/** A pause image as it was when it was last stored. */
export interface ImageTrace {
  /** Milliseconds since the epoch. */
  readonly lastSeenMs: number;
  readonly imageId: string;
  readonly pinned: boolean;
  /** Other images that were gone in the look that first missed it; undefined while it is stored. */
  readonly goneWith: number | undefined;
}

/** Since when a runtime has been seen to be configured with an image. */
interface Configured {
  readonly ref: string;
  /** First look that saw it, milliseconds since the epoch. */
  readonly sinceMs: number;
  /** It was another before: the change fell between two looks of this agent. */
  readonly changed: boolean;
}

/** What is remembered of images: those in use or configured now, and the ids of the last lists. */
export interface ImageMemory {
  readonly traces: ReadonlyMap<string, ImageTrace>;
  /** By endpoint. */
  readonly storedIds: ReadonlyMap<string, ReadonlySet<string>>;
  /** By endpoint. */
  readonly configured: ReadonlyMap<string, Configured>;
}

/** Nothing seen yet. */
export const NO_IMAGES: ImageMemory = { traces: new Map(), storedIds: new Map(), configured: new Map() };

/** Carries the memory one look further. */
export function rememberImages(
  { runtimes, takenAtMs }: NodeSnapshot,
  pauseImages: readonly PauseImagesView[],
  indexes: ReadonlyMap<string, ImageIndex>,
  earlier: ImageMemory,
): ImageMemory {
  const traces = new Map<string, ImageTrace>();
  const storedIds = new Map<string, ReadonlySet<string>>();
  const configured = new Map<string, Configured>();
  for (const runtime of runtimes) {
    const { endpoint } = runtime;
    const now = idsOf(runtime) ?? earlier.storedIds.get(endpoint);
    if (now !== undefined) storedIds.set(endpoint, now);
    const ref = runtime.configuredPauseImage;
    const known = earlier.configured.get(endpoint);
    if (ref !== undefined && known?.ref !== ref) {
      configured.set(endpoint, { ref, sinceMs: takenAtMs, changed: known !== undefined });
    } else if (known !== undefined) configured.set(endpoint, known);
    const gone = countGone(earlier.storedIds.get(endpoint), idsOf(runtime));
    const index = indexes.get(endpoint);
    for (const { image } of pauseImages.find(({ runtimeEndpoint }) => runtimeEndpoint === endpoint)?.images ?? []) {
      const key = traceKey(endpoint, image);
      const stored = runtime.up ? index?.find(image) : undefined;
      const before = earlier.traces.get(key);
      if (stored !== undefined) {
        traces.set(key, { lastSeenMs: takenAtMs, imageId: stored.id, pinned: stored.pinned, goneWith: undefined });
      } else if (before !== undefined) {
        const isKnownGone = runtime.up && runtime.images !== undefined;
        traces.set(key, isKnownGone ? { ...before, goneWith: before.goneWith ?? Math.max(gone - 1, 0) } : before);
      }
    }
  }
  return { traces, storedIds, configured };
}

/** What is remembered of one image of a runtime. */
export function traceOf({ traces }: ImageMemory, endpoint: string, image: ImageRef): ImageTrace | undefined {
  return traces.get(traceKey(endpoint, image));
}

function traceKey(endpoint: string, image: ImageRef): string {
  return `${endpoint} ${canonicalName(image)}`;
}

function idsOf({ up, images }: RuntimeSnapshot): ReadonlySet<string> | undefined {
  return up && images !== undefined ? new Set(images.map(({ id }) => id)) : undefined;
}

function countGone(before: ReadonlySet<string> | undefined, now: ReadonlySet<string> | undefined): number {
  if (before === undefined || now === undefined) return 0;
  return [...before].filter((id) => !now.has(id)).length;
}
