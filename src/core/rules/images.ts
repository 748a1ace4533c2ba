/** Rules about the pause image: can the next pod start, is the image too old, is its registry frozen. */
import type { Subject, Verdict } from '../finding.ts';
import { compareVersions, type ImageRef, parseImageRef } from '../image-ref.ts';
import type { FaultCode, PodSandbox, RuntimeSnapshot } from '../model.ts';
import { findStored, runsOn } from '../pause-images.ts';
import type { PauseImageView } from '../report.ts';
import { isFinished, type PodScene, type Scene } from '../scene.ts';

/** How many pods a finding lists at most. */
const LISTED = 5;

/** pause-image-missing: the image the next sandbox needs is not on the node. */
export function* pauseImageMissing({ snapshot, pods }: Scene): Generator<Verdict> {
  for (const runtime of snapshot.runtimes) {
    const needed = neededImage(runtime, pods);
    if (!runtime.up || runtime.images === undefined) {
      yield unknownImages(runtime, 'silent');
    } else if (needed === undefined) {
      yield unknownImages(runtime, 'unsupported');
    } else if (findStored(runtime.images, needed.image) !== undefined) {
      continue;
    } else if (needed.certain) {
      const { image } = needed;
      const configured = runtime.configuredPauseImage !== undefined;
      const evidence = { image: image.ref, configured, ...usedBy(runtime, pods, image) };
      yield { kind: 'finding', severity: 'critical', subject: imageSubject(runtime, image.ref), evidence };
    } else {
      yield unknownImages(runtime, 'unsupported');
    }
  }
}

/** pause-image-too-old: before 3.1 pause does not reap. Only upstream's numbering is judged. */
export function* pauseImageTooOld(scene: Scene): Generator<Verdict> {
  const minimum = scene.policy.minimumPauseVersion;
  yield* unseenImages(scene);
  for (const { runtime, view } of imagesInUse(scene)) {
    const { version, ref } = view.image;
    if (version === undefined || !followsUpstreamNumbers(view.image)) continue;
    if (compareVersions(version, minimum) >= 0) continue;
    const evidence = {
      image: ref,
      version,
      minimum,
      configured: view.configured,
      ...usedBy(runtime, scene.pods, view.image),
    };
    yield { kind: 'finding', severity: 'warning', subject: imageSubject(runtime, ref), evidence };
  }
}

/** pause-image-legacy-registry: k8s.gcr.io and gcr.io/google_containers get no new images. */
export function* pauseImageLegacyRegistry(scene: Scene): Generator<Verdict> {
  yield* unseenImages(scene);
  for (const { runtime, view } of imagesInUse(scene)) {
    const { image, configured } = view;
    if (!isLegacyRegistry(image)) continue;
    const replacement = `registry.k8s.io/pause${image.tag === undefined ? '' : `:${image.tag}`}`;
    const evidence = { image: image.ref, replacement, configured, ...usedBy(runtime, scene.pods, image) };
    yield { kind: 'finding', severity: 'warning', subject: imageSubject(runtime, image.ref), evidence };
  }
}

function isLegacyRegistry({ registry, repository }: ImageRef): boolean {
  return registry === 'k8s.gcr.io' || (registry === 'gcr.io' && /^google[_-]containers\//.test(repository));
}

/** Upstream counts from 1; images that count from 0 (EKS) or carry another name have numbers of their own. */
function followsUpstreamNumbers({ repository, version }: ImageRef): boolean {
  const name = repository.split('/').at(-1) ?? '';
  const upstream = /^(mirrored-|cce-)?pause(-(amd64|arm|arm64|ppc64le|s390x))?$/.test(name);
  return upstream && version !== undefined && compareVersions(version, '1') >= 0;
}

/**
 * The configured image; where the runtime hides it (containerd 2), that of the newest sandbox that is ready. Not
 * certain on a CRI-O on which no pod has a pause: it may never need the image.
 */
function neededImage(
  runtime: RuntimeSnapshot,
  pods: readonly PodScene[],
): { readonly image: ImageRef; readonly certain: boolean } | undefined {
  const running = pods.filter((pod) => pod.runtime === runtime && pod.sandbox.state === 'ready');
  const newest = running.toSorted(
    ({ sandbox: a }, { sandbox: b }) => b.createdAtMs - a.createdAtMs || (a.id < b.id ? -1 : 1),
  );
  const telling = newest.find(({ sandbox }) => sandbox.imageRef !== undefined || hidesImage(sandbox));
  const used = telling?.sandbox.imageRef;
  const ref = runtime.configuredPauseImage ?? used;
  if (ref === undefined) return undefined;
  return { image: parseImageRef(ref), certain: runtime.flavour !== 'cri-o' || used !== undefined };
}

function* imagesInUse(scene: Scene): Generator<{ runtime: RuntimeSnapshot; view: PauseImageView }> {
  for (const { runtimeEndpoint, images } of scene.pauseImages) {
    const runtime = scene.snapshot.runtimes.find(({ endpoint }) => endpoint === runtimeEndpoint);
    for (const view of images) if (runtime !== undefined) yield { runtime, view };
  }
}

/** An old list, or a sandbox whose details could not be read: images in use may be missing from the view. */
function* unseenImages({ snapshot, pods }: Scene): Generator<Verdict> {
  for (const runtime of snapshot.runtimes) {
    const unread = pods.find((pod) => pod.runtime === runtime && !isFinished(pod) && hidesImage(pod.sandbox));
    if (!runtime.up) yield unknownImages(runtime, 'silent');
    else if (unread?.sandbox.pause.kind === 'unknown') yield unknownImages(runtime, unread.sandbox.pause.reason);
  }
}

function hidesImage({ imageRef, pause }: PodSandbox): boolean {
  return imageRef === undefined && pause.kind === 'unknown';
}

function usedBy(
  runtime: RuntimeSnapshot,
  pods: readonly PodScene[],
  image: ImageRef,
): { sandboxes: number; pods: string[] } {
  const users = pods.filter((pod) => pod.runtime === runtime && !isFinished(pod) && runsOn(pod.sandbox, image));
  const names = users.slice(0, LISTED).map(({ sandbox }) => `${sandbox.namespace}/${sandbox.name}`);
  return { sandboxes: users.length, pods: names };
}

/** Not one image but any of this runtime. */
function unknownImages(runtime: RuntimeSnapshot, reason: FaultCode): Verdict {
  return { kind: 'unknown', subject: { kind: 'image', runtimeEndpoint: runtime.endpoint }, reason };
}

function imageSubject(runtime: RuntimeSnapshot, image: string): Subject {
  return { kind: 'image', image, runtimeEndpoint: runtime.endpoint };
}
