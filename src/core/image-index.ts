/** Finds the stored image that a reference means, and tells whether two references mean one image. */
import { canonicalName, type ImageRef, parseImageRef } from './image-ref.ts';
import type { StoredImage } from './model.ts';

/** The images of one runtime, by every name they have. */
export interface ImageIndex {
  /** By digest when the reference has one, else by name and tag, else by image id. */
  find(image: ImageRef): StoredImage | undefined;
  /** The same for all references to one image: its id where it is stored (L20), else its full name. */
  keyOf(image: ImageRef): string;
}

/** Indexes a list of images; an absent list finds nothing. */
export function indexImages(images: readonly StoredImage[] | undefined): ImageIndex {
  const byName = new Map<string, StoredImage>();
  const byId = new Map<string, StoredImage>();
  for (const image of images ?? []) {
    byId.set(image.id, image);
    for (const name of [...image.tags, ...image.digests]) {
      const full = canonicalName(parseImageRef(name));
      if (!byName.has(full)) byName.set(full, image);
    }
  }
  const find = (image: ImageRef): StoredImage | undefined => byId.get(image.ref) ?? byName.get(canonicalName(image));
  return { find, keyOf: (image) => find(image)?.id ?? canonicalName(image) };
}
