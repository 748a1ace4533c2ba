/** Puts the pause images of each runtime side by side: configured, stored, pinned, running. */
import { canonicalName, compareVersions, type ImageRef, parseImageRef } from './image-ref.ts';
import type { PodSandbox, RuntimeSnapshot, StoredImage } from './model.ts';
import type { PauseImagesView, PauseImageView } from './report.ts';

/** Lists the pause images of a runtime: those of the given sandboxes (the unfinished ones) and the configured one. */
export function listPauseImages(runtime: RuntimeSnapshot, sandboxes: readonly PodSandbox[]): PauseImagesView {
  const configured =
    runtime.configuredPauseImage === undefined ? undefined : parseImageRef(runtime.configuredPauseImage);
  const byName = new Map<string, { image: ImageRef; sandboxes: number }>();
  if (configured !== undefined) byName.set(canonicalName(configured), { image: configured, sandboxes: 0 });
  for (const { imageRef } of sandboxes) {
    if (imageRef === undefined) continue;
    const image = parseImageRef(imageRef);
    const name = canonicalName(image);
    const known = byName.get(name);
    byName.set(name, { image: spellOnce(image, known?.image, configured), sandboxes: (known?.sandboxes ?? 0) + 1 });
  }
  const images = [...byName].map(([name, used]): PauseImageView => {
    const stored = findStored(runtime.images ?? [], used.image);
    return {
      ...used,
      imageId: stored?.id,
      sizeBytes: stored?.sizeBytes,
      pinned: stored !== undefined && canPin(runtime) ? stored.pinned : undefined,
      configured: configured !== undefined && name === canonicalName(configured),
    };
  });
  return { runtimeEndpoint: runtime.endpoint, configured, images };
}

/** Of several spellings of one reference the configured one, else the same one whatever the order of the sandboxes. */
function spellOnce(image: ImageRef, known: ImageRef | undefined, configured: ImageRef | undefined): ImageRef {
  if (known === undefined) return image;
  return known === configured || known.ref <= image.ref ? known : image;
}

/** Whether a sandbox runs on an image, however either is spelled. */
export function runsOn({ imageRef }: PodSandbox, image: ImageRef): boolean {
  if (imageRef === undefined) return false;
  return imageRef === image.ref || canonicalName(parseImageRef(imageRef)) === canonicalName(image);
}

/** Finds the stored image a reference means: by digest when it has one, else by name and tag, else by image id. */
export function findStored(images: readonly StoredImage[], ref: ImageRef): StoredImage | undefined {
  const name = canonicalName(ref);
  return images.find(
    ({ id, tags, digests }) =>
      id === ref.ref ||
      (ref.digest === undefined ? tags : digests).some((stored) => canonicalName(parseImageRef(stored)) === name),
  );
}

/** First versions that pin the sandbox image (facts: incidents 11.4), by release line. */
const PINNING_SINCE = { containerd: ['1.6.22', '1.7.3'], 'cri-o': ['1.28.0'] } as const;

/** Whether `pinned: false` means something. A runtime older than pinning always says false. */
function canPin({ flavour, version, images }: RuntimeSnapshot): boolean {
  if (images?.some(({ pinned }) => pinned) === true) return true;
  if (flavour !== 'containerd' && flavour !== 'cri-o') return false;
  const number = /^v?(\d+\.\d+(?:\.\d+)?)/.exec(version)?.[1];
  if (number === undefined) return false;
  const line = number.split('.').slice(0, 2).join('.');
  const sameLine = PINNING_SINCE[flavour].find((first) => first.startsWith(`${line}.`));
  return compareVersions(number, sameLine ?? PINNING_SINCE[flavour].at(-1) ?? number) >= 0;
}
