/** Nodes of which the tests of findings about pause images say what is stored, configured and run. */
import { ENDPOINT, NOW_MS, type NodeFacts, node, PAUSE_IMAGE, type PodFacts, pod } from './snapshot-builder.ts';

/** The subject of a finding about an image. */
export const image = (ref: string) => ({ kind: 'image', image: ref, runtimeEndpoint: ENDPOINT }) as const;

export const [ID_A, ID_B] = [`sha256:${'a'.repeat(64)}`, `sha256:${'b'.repeat(64)}`];

/** A stored image that is not pinned. */
export const known = (id: string, ...tags: readonly string[]) => ({
  id,
  tags,
  digests: [],
  sizeBytes: 1,
  pinned: false,
});

/** The one stored image of a node, under these names. */
export const stored = (...tags: readonly string[]) => [known(ID_A, ...tags)];

export const OTHER = 'registry.k8s.io/pause:3.8';
export const BUILT_IN = 'localhost/kubernetes/pause:0.1.0';

/** An old pod on the configured image, and one that a test says something of; both images are stored. */
export const two = (sandbox: NonNullable<PodFacts['sandbox']>, runtime: NodeFacts['runtime'] = {}) =>
  node({
    pods: [pod('old', { sandbox: { createdAtMs: NOW_MS - 7_200_000 } }), pod('web', { base: 2000, sandbox })],
    runtime: {
      images: [{ ...known(ID_A, PAUSE_IMAGE, 'mirror.example/pause:3.9'), pinned: true }, known(ID_B, OTHER)],
      ...runtime,
    },
  });
