/** What the rules about pause images share: which images there are, who uses them, what could not be seen. */

import type { Subject, Verdict } from '../finding.ts';
import { type ImageRef, parseImageRef } from '../image-ref.ts';
import type { FaultCode, PodSandbox, RuntimeSnapshot } from '../model.ts';
import type { PauseImageView } from '../report.ts';
import { isFinished, type PodScene, runsOn, type Scene } from '../scene.ts';
import { LISTED } from './rule.ts';

/** A pause image that a runtime is configured with or that sandboxes run on. */
export interface ImageInUse {
  readonly runtime: RuntimeSnapshot;
  readonly view: PauseImageView;
}

/** Every pause image in use or configured. */
export function* imagesInUse(scene: Scene): Generator<ImageInUse> {
  for (const { runtimeEndpoint, images } of scene.pauseImages) {
    const runtime = scene.snapshot.runtimes.find(({ endpoint }) => endpoint === runtimeEndpoint);
    for (const view of images) if (runtime !== undefined) yield { runtime, view };
  }
}

/** An old list, or a sandbox whose details could not be read: images in use may be missing from the view. */
export function* unseenImages({ snapshot, pods }: Scene): Generator<Verdict> {
  for (const runtime of snapshot.runtimes) {
    const unread = pods.find((pod) => pod.runtime === runtime && !isFinished(pod) && hidesImage(pod.sandbox));
    if (!runtime.up) yield unknownImages(runtime, 'silent');
    else if (unread?.sandbox.pause.kind === 'unknown') yield unknownImages(runtime, unread.sandbox.pause.reason);
  }
}

/** The sandbox's details could not be read, so that it may run on any image. */
export function hidesImage({ imageRef, pause }: PodSandbox): boolean {
  return imageRef === undefined && pause.kind === 'unknown';
}

/** The newest ready sandbox of a runtime that runs on a pause image, or whose image could not be read. */
export function newestWithImage(runtime: RuntimeSnapshot, pods: readonly PodScene[]): PodScene | undefined {
  let newest: PodScene | undefined;
  for (const pod of pods) {
    const { state, imageRef } = pod.sandbox;
    if (pod.runtime !== runtime || state !== 'ready' || (imageRef === undefined && !hidesImage(pod.sandbox))) continue;
    if (newest === undefined || isNewer(pod.sandbox, newest.sandbox)) newest = pod;
  }
  return newest;
}

/** Of two made in the same moment, the same one whatever the order of the list. */
function isNewer(a: PodSandbox, b: PodSandbox): boolean {
  return a.createdAtMs === b.createdAtMs ? a.id < b.id : a.createdAtMs > b.createdAtMs;
}

/**
 * The image the next sandbox needs: the configured one; where the runtime hides it (containerd 2), that of the newest
 * sandbox that is ready. Not certain on a CRI-O on which no pod has a pause: it may never need the image.
 */
export function neededImage(
  runtime: RuntimeSnapshot,
  pods: readonly PodScene[],
): { readonly image: ImageRef; readonly certain: boolean } | undefined {
  const used = newestWithImage(runtime, pods)?.sandbox.imageRef;
  const ref = runtime.configuredPauseImage ?? used;
  if (ref === undefined) return undefined;
  return { image: parseImageRef(ref), certain: runtime.flavour !== 'cri-o' || used !== undefined };
}

/** How many sandboxes run on an image, and the first of their pods by name. */
export function usedBy(scene: Scene, runtime: RuntimeSnapshot, image: string): { sandboxes: number; pods: string[] } {
  const users = scene.pods.filter((pod) => pod.runtime === runtime && !isFinished(pod) && runsOn(scene, pod, image));
  const names = users.slice(0, LISTED).map(({ sandbox }) => `${sandbox.namespace}/${sandbox.name}`);
  return { sandboxes: users.length, pods: names };
}

/** Not one image but any of this runtime. */
export function unknownImages(runtime: RuntimeSnapshot, reason: FaultCode): Verdict {
  return { kind: 'unknown', subject: { kind: 'image', runtimeEndpoint: runtime.endpoint }, reason };
}

/** An image of a runtime as the subject of a finding. */
export function imageSubject(runtime: RuntimeSnapshot, image: string): Subject {
  return { kind: 'image', image, runtimeEndpoint: runtime.endpoint };
}
