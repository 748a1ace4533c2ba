/** Puts the pause images of each runtime side by side: configured, stored, pinned, running; one image has one entry. */
import type { ImageIndex } from './image-index.ts';
import { type ImageRef, parseImageRef } from './image-ref.ts';
import type { PodSandbox, RuntimeSnapshot } from './model.ts';
import type { PauseImagesView, PauseImageView } from './report.ts';
import { canPin } from './runtime-knowledge.ts';

/** Lists the pause images of a runtime: those of the given sandboxes (the unfinished ones) and the configured one. */
export function listPauseImages(
  runtime: RuntimeSnapshot,
  index: ImageIndex,
  sandboxes: readonly PodSandbox[],
): PauseImagesView {
  const configured =
    runtime.configuredPauseImage === undefined ? undefined : parseImageRef(runtime.configuredPauseImage);
  const configuredKey = configured && index.keyOf(configured);
  const byKey = new Map<string, { image: ImageRef; sandboxes: number }>();
  if (configured !== undefined) byKey.set(index.keyOf(configured), { image: configured, sandboxes: 0 });
  for (const [imageRef, count] of countImages(sandboxes)) {
    const image = parseImageRef(imageRef);
    const key = index.keyOf(image);
    const known = byKey.get(key);
    byKey.set(key, { image: spellOnce(image, known?.image, configured), sandboxes: (known?.sandboxes ?? 0) + count });
  }
  const images = [...byKey].map(([key, used]): PauseImageView => {
    const stored = index.find(used.image);
    return {
      ...used,
      imageId: stored?.id,
      sizeBytes: stored?.sizeBytes,
      pinned: stored !== undefined && canPin(runtime) ? stored.pinned : undefined,
      configured: key === configuredKey,
    };
  });
  return { runtimeEndpoint: runtime.endpoint, configured, images };
}

function countImages(sandboxes: readonly PodSandbox[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { imageRef } of sandboxes)
    if (imageRef !== undefined) counts.set(imageRef, (counts.get(imageRef) ?? 0) + 1);
  return counts;
}

/** Of several names of one image the configured one, else the same one whatever the order of the sandboxes. */
function spellOnce(image: ImageRef, known: ImageRef | undefined, configured: ImageRef | undefined): ImageRef {
  if (known === undefined) return image;
  return known === configured || known.ref <= image.ref ? known : image;
}
