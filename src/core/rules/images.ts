/** Rules about the pause image as it is stored: is it there, is it the configured one, is it safe from collection. */
import type { Severity, Verdict } from '../finding.ts';
import { traceOf } from '../image-history.ts';
import { canonicalName, type ImageRef, parseImageRef } from '../image-ref.ts';
import type { RuntimeSnapshot } from '../model.ts';
import { trustsPins } from '../pause-vendors.ts';
import { isFinished, type PodScene, runsOn, type Scene } from '../scene.ts';
import {
  hidesImage,
  imageSubject,
  imagesInUse,
  neededImage,
  newestWithImage,
  unknownImages,
  usedBy,
} from './image-facts.ts';

/** pause-image-missing: the image the next sandbox needs is not on the node. */
export function* pauseImageMissing(scene: Scene): Generator<Verdict> {
  for (const runtime of scene.snapshot.runtimes) {
    const needed = neededImage(runtime, scene.pods);
    if (!runtime.up || runtime.images === undefined) {
      yield unknownImages(runtime, 'silent');
    } else if (needed === undefined) {
      yield unknownImages(runtime, 'unsupported');
    } else if (scene.imageIndexes.get(runtime.endpoint)?.find(needed.image) !== undefined) {
      continue;
    } else if (needed.certain) {
      yield missing(scene, runtime, needed.image);
    } else {
      yield unknownImages(runtime, 'unsupported');
    }
  }
}

function missing(scene: Scene, runtime: RuntimeSnapshot, image: ImageRef): Verdict {
  const trace = traceOf(scene.imageMemory, runtime.endpoint, image);
  const evidence = {
    image: image.ref,
    configured: runtime.configuredPauseImage !== undefined,
    ...usedBy(scene, runtime, image.ref),
    pullable: image.registry !== 'localhost',
    lastSeenSecondsAgo: trace === undefined ? null : Math.round((scene.snapshot.takenAtMs - trace.lastSeenMs) / 1000),
    lastImageId: trace?.imageId ?? null,
    wasPinned: trace?.pinned ?? null,
    goneWith: trace?.goneWith ?? null,
  };
  return { kind: 'finding', severity: 'critical', subject: imageSubject(runtime, image.ref), evidence };
}

/**
 * pause-image-config-mismatch: the newest sandbox does not run on the configured image, by image id (L20). Older ones
 * keep their image for life. info where this agent saw the configuration change after the newest was made: the next
 * sandbox will show.
 */
export function* pauseImageConfigMismatch(scene: Scene): Generator<Verdict> {
  for (const runtime of scene.snapshot.runtimes) {
    const newest = newestWithImage(runtime, scene.pods);
    const { configuredPauseImage } = runtime;
    if (!runtime.up || runtime.images === undefined) yield unknownImages(runtime, 'silent');
    else if (configuredPauseImage === undefined) yield unknownImages(runtime, 'unsupported');
    else if (newest === undefined) continue;
    else if (hidesImage(newest.sandbox) || newest.sandbox.imageRef === undefined)
      yield unknownImages(runtime, 'silent');
    else yield* compareWithConfigured(scene, newest, configuredPauseImage);
  }
}

function* compareWithConfigured(scene: Scene, newest: PodScene, configured: string): Generator<Verdict> {
  const { runtime, sandbox } = newest;
  const index = scene.imageIndexes.get(runtime.endpoint);
  const running = parseImageRef(sandbox.imageRef ?? '');
  if (runsOn(scene, newest, configured)) return;
  const ids = [index?.find(running)?.id, index?.find(parseImageRef(configured))?.id];
  if (ids.includes(undefined)) {
    // One of them is not stored: two names may have been one image.
    yield unknownImages(runtime, 'vanished');
    return;
  }
  const underIt = isMadeUnderConfig(scene, newest);
  const evidence = {
    image: configured,
    imageId: ids[1] ?? null,
    running: running.ref,
    runningImageId: ids[0] ?? null,
    newestPod: `${sandbox.namespace}/${sandbox.name}`,
    exeSha256: newest.pause.kind === 'found' ? (newest.pause.process.probe?.exeSha256 ?? null) : null,
    madeUnderThisConfig: underIt ?? null,
    sandboxesOnConfigured: usedBy(scene, runtime, configured).sandboxes,
    sandboxesOnOthers: countOthers(scene, runtime, configured),
  };
  const severity: Severity = underIt === false ? 'info' : 'warning';
  yield { kind: 'finding', severity, subject: imageSubject(runtime, configured), evidence };
}

/** Undefined where the configuration has not changed since this agent's first look, which the sandbox is older than. */
function isMadeUnderConfig({ imageMemory }: Scene, { runtime, sandbox }: PodScene): boolean | undefined {
  const configured = imageMemory.configured.get(runtime.endpoint);
  if (configured === undefined) return undefined;
  if (sandbox.createdAtMs > configured.sinceMs) return true;
  return configured.changed ? false : undefined;
}

function countOthers(scene: Scene, runtime: RuntimeSnapshot, configured: string): number {
  const unfinished = scene.pods.filter((pod) => pod.runtime === runtime && !isFinished(pod));
  return unfinished.filter((pod) => pod.sandbox.imageRef !== undefined && !runsOn(scene, pod, configured)).length;
}

/** pause-image-unpinned: the image the next sandbox needs may be collected. Judged only where the runtime can pin. */
export function* pauseImageUnpinned(scene: Scene): Generator<Verdict> {
  const { kubeletVersion } = scene.policy;
  for (const runtime of scene.snapshot.runtimes) {
    const needed = neededImage(runtime, scene.pods);
    const inUse = [...imagesInUse(scene)].filter((it) => it.runtime === runtime);
    const key = needed && scene.imageIndexes.get(runtime.endpoint)?.keyOf(needed.image);
    const view = inUse.find((it) => keyOf(scene, it.runtime, it.view.image) === key)?.view;
    if (!runtime.up || runtime.images === undefined) yield unknownImages(runtime, 'silent');
    else if (view?.pinned === undefined) yield unknownImages(runtime, 'unsupported');
    else if (!view.pinned) {
      const kubeletTrustsPins = trustsPins(kubeletVersion);
      const evidence = {
        image: view.image.ref,
        imageId: view.imageId ?? null,
        configured: view.configured,
        pullable: view.image.registry !== 'localhost',
        fullName: storedName(scene, runtime, view.image),
        flavour: runtime.flavour,
        runtime: `${runtime.name} ${runtime.version}`,
        kubeletVersion: kubeletVersion === '' ? null : kubeletVersion,
        pinnedInstead: inUse.flatMap((it) => (it.view.pinned === true ? [it.view.image.ref] : [])),
      };
      const severity: Severity = kubeletTrustsPins === false ? 'info' : 'warning';
      yield { kind: 'finding', severity, subject: imageSubject(runtime, view.image.ref), evidence };
    }
  }
}

/** The name that a stored image is found by: the full form of this one, else the first that it has. */
function storedName({ imageIndexes }: Scene, { endpoint }: RuntimeSnapshot, image: ImageRef): string {
  const stored = imageIndexes.get(endpoint)?.find(image);
  const names = [...(stored?.tags ?? []), ...(stored?.digests ?? [])];
  const full = canonicalName(image);
  return names.find((name) => canonicalName(parseImageRef(name)) === full) ?? names[0] ?? full;
}

function keyOf({ imageIndexes }: Scene, { endpoint }: RuntimeSnapshot, image: ImageRef): string | undefined {
  return imageIndexes.get(endpoint)?.keyOf(image);
}
