/** Rules about the pause image by its name: version, registry, completeness, origin. */
import type { ImageObjection } from '../evidence/worded.ts';
import type { Verdict } from '../finding.ts';
import { compareVersions, type ImageRef, isRegistryWritten, parseImageRef } from '../image-ref.ts';
import {
  FIRST_NOT_IN_LEGACY,
  followsUpstreamNumbers,
  isKnownRepository,
  isLegacyRegistry,
  isUpstream,
  kubeadmDefault,
} from '../pause-vendors.ts';
import type { Policy } from '../policy.ts';
import { needsFullNames } from '../runtime-knowledge.ts';
import type { Scene } from '../scene.ts';
import { type ImageInUse, imageSubject, imagesInUse, unknownImages, unseenImages, usedBy } from './image-facts.ts';

/** First pause that reaps: 3.0 has no handler for SIGCHLD. */
const FIRST_THAT_REAPS = '3.1';

/** pause-image-too-old: before 3.1 pause does not reap. Only upstream's numbering is judged. */
export function* pauseImageTooOld(scene: Scene): Generator<Verdict> {
  const minimum = scene.policy.minimumPauseVersion;
  yield* unseenImages(scene);
  for (const { runtime, view } of imagesInUse(scene)) {
    const { version, ref } = view.image;
    if (version === undefined || !followsUpstreamNumbers(view.image)) continue;
    const reaps = isReaping(view.image);
    if (reaps && compareVersions(version, minimum) >= 0) continue;
    const evidence = {
      image: ref,
      version,
      minimum: reaps ? minimum : FIRST_THAT_REAPS,
      reaps,
      configured: view.configured,
      ...usedBy(scene, runtime, ref),
    };
    yield { kind: 'finding', severity: reaps ? 'info' : 'warning', subject: imageSubject(runtime, ref), evidence };
  }
}

/** By its tag; one without a version, or named by a digest alone, says nothing. */
function isReaping({ version }: ImageRef): boolean {
  return version !== undefined && compareVersions(version, FIRST_THAT_REAPS) >= 0;
}

/** pause-image-legacy-registry: k8s.gcr.io and gcr.io/google_containers get no new images. */
export function* pauseImageLegacyRegistry(scene: Scene): Generator<Verdict> {
  yield* unseenImages(scene);
  for (const { runtime, view } of imagesInUse(scene)) {
    const { image, configured } = view;
    if (!isLegacyRegistry(image)) continue;
    const replacement = `registry.k8s.io/pause:${isReaping(image) ? image.tag : FIRST_THAT_REAPS}`;
    const publishedThere = image.version === undefined ? null : compareVersions(image.version, FIRST_NOT_IN_LEGACY) < 0;
    const evidence = {
      image: image.ref,
      replacement,
      publishedThere,
      configured,
      ...usedBy(scene, runtime, image.ref),
    };
    yield { kind: 'finding', severity: 'warning', subject: imageSubject(runtime, image.ref), evidence };
  }
}

/** pause-image-version-skew: not the version that kubeadm of this kubelet asks for. Only upstream's own images. */
export function* pauseImageVersionSkew(scene: Scene): Generator<Verdict> {
  const { kubeletVersion } = scene.policy;
  const expected = kubeadmDefault(kubeletVersion);
  if (expected === undefined) {
    for (const runtime of scene.snapshot.runtimes) yield unknownImages(runtime, 'unsupported');
    return;
  }
  yield* unseenImages(scene);
  for (const { runtime, view } of imagesInUse(scene)) {
    const { image, configured } = view;
    const { version, ref } = image;
    if (version === undefined || !isUpstream(image) || compareVersions(version, expected) === 0) continue;
    const evidence = { image: ref, version, expected, kubeletVersion, configured, ...usedBy(scene, runtime, ref) };
    yield { kind: 'finding', severity: 'info', subject: imageSubject(runtime, ref), evidence };
  }
}

/** pause-image-unqualified: the configured reference leaves out registry or tag. */
export function* pauseImageUnqualified({ snapshot }: Scene): Generator<Verdict> {
  for (const runtime of snapshot.runtimes) {
    if (!runtime.up || runtime.configuredPauseImage === undefined) {
      yield unknownImages(runtime, runtime.up ? 'unsupported' : 'silent');
      continue;
    }
    const image = parseImageRef(runtime.configuredPauseImage);
    const lacks = [
      ...(isRegistryWritten(image) ? [] : ['registry']),
      ...(image.tag === undefined && image.digest === undefined ? ['tag'] : []),
    ];
    if (lacks.length === 0) continue;
    const refused = needsFullNames(runtime);
    const evidence = { image: image.ref, lacks, refused, runtime: `${runtime.name} ${runtime.version}` };
    yield {
      kind: 'finding',
      severity: refused ? 'warning' : 'info',
      subject: imageSubject(runtime, image.ref),
      evidence,
    };
  }
}

/** pause-image-unrecognized: from nobody who is known to ship a pause (info), or not what the policy allows (warning). */
export function* pauseImageUnrecognized(scene: Scene): Generator<Verdict> {
  yield* unseenImages(scene);
  for (const inUse of imagesInUse(scene)) {
    const { runtime, view } = inUse;
    const why = objectionTo(scene, inUse);
    if (why === 'nameless') yield { kind: 'unknown', subject: imageSubject(runtime, view.image.ref), reason: 'silent' };
    if (why === undefined || why === 'nameless') continue;
    const evidence = {
      image: view.image.ref,
      imageId: view.imageId ?? null,
      why,
      configured: view.configured,
      ...usedBy(scene, runtime, view.image.ref),
    };
    const severity = why === 'unknown-repository' ? 'info' : 'warning';
    yield { kind: 'finding', severity, subject: imageSubject(runtime, view.image.ref), evidence };
  }
}

/** `nameless`: only an id is known, which says nothing of where the image comes from. */
type Objection = ImageObjection | 'nameless';

const BARE_ID = /^(sha256:)?[0-9a-f]{64}$/;

/** Of one image known by several names, one good name is enough. */
function objectionTo(scene: Scene, { runtime, view }: ImageInUse): Objection | undefined {
  const { allowedPauseRegistries, requiredPauseDigests } = scene.policy;
  const stored = scene.imageIndexes.get(runtime.endpoint)?.find(view.image);
  const names = [view.image, ...(stored?.tags ?? []).map(parseImageRef)].filter(({ ref }) => !BARE_ID.test(ref));
  if (requiredPauseDigests.length > 0 && stored !== undefined) {
    const digests = [stored.id, ...[...stored.digests].map((it) => parseImageRef(it).digest), view.image.digest];
    if (!digests.some((digest) => digest !== undefined && requiredPauseDigests.includes(digest)))
      return 'digest-not-allowed';
  }
  if (names.length === 0) return 'nameless';
  if (allowedPauseRegistries.length > 0) {
    return names.some((name) => isAllowed(name, scene.policy)) ? undefined : 'registry-not-allowed';
  }
  return requiredPauseDigests.length > 0 || names.some(isKnownRepository) ? undefined : 'unknown-repository';
}

function isAllowed({ registry, repository }: ImageRef, { allowedPauseRegistries }: Policy): boolean {
  const name = `${registry}/${repository}`;
  return allowedPauseRegistries.some(
    (prefix) => name === prefix || name.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`),
  );
}
