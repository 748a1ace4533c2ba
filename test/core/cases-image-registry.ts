/** When a pause image is said to be of a frozen registry, and when not. */
import type { FindingCase, Fires } from './finding-case.ts';
import { image, stored } from './image-nodes.ts';
import { type NodeFacts, node, PAUSE_IMAGE, pod } from './snapshot-builder.ts';

/** A node whose only pod runs on this image, which is also configured and stored. */
const on = (ref: string, runtime: NodeFacts['runtime'] = {}) =>
  node({
    pods: [pod('web', { sandbox: { imageRef: ref } })],
    runtime: { configuredPauseImage: ref, images: stored(ref), ...runtime },
  });

export const IMAGE_REGISTRY_CASES: readonly FindingCase[] = [
  {
    id: 'pause-image-legacy-registry',
    fires: [
      {
        when: 'sandboxes run on an image of k8s.gcr.io (case 57)',
        node: on('k8s.gcr.io/pause:3.6'),
        severity: 'warning',
        subject: image('k8s.gcr.io/pause:3.6'),
        evidence: { replacement: 'registry.k8s.io/pause:3.6', configured: true, sandboxes: 1 },
        summary: /named after a frozen registry \(used by shop\/web\)/,
        remedy: /registry\.k8s\.io\/pause:3\.6 or later/,
      },
      {
        when: 'it is of gcr.io/google_containers',
        node: on('gcr.io/google_containers/pause:3.1'),
        severity: 'warning',
        subject: image('gcr.io/google_containers/pause:3.1'),
        evidence: { replacement: 'registry.k8s.io/pause:3.1' },
        summary: /frozen registry/,
        remedy: /registry\.k8s\.io/,
      },
      {
        when: 'its version was never published there',
        node: on('k8s.gcr.io/pause:3.10'),
        severity: 'warning',
        subject: image('k8s.gcr.io/pause:3.10'),
        evidence: { publishedThere: false, replacement: 'registry.k8s.io/pause:3.10' },
        summary: /this version was never published there and cannot be pulled/,
        remedy: /registry\.k8s\.io\/pause:3\.10 or later/,
      },
      ...['k8s.gcr.io/pause-amd64:3.0', `k8s.gcr.io/pause@sha256:${'c'.repeat(64)}`, 'k8s.gcr.io/pause'].map(
        (ref): Fires => ({
          when: `it is ${ref.slice(0, 24)}, which does not reap or names no version: 3.1 at least takes its place`,
          node: on(ref),
          severity: 'warning',
          subject: image(ref),
          evidence: { replacement: 'registry.k8s.io/pause:3.1' },
          summary: /frozen registry/,
          remedy: /registry\.k8s\.io\/pause:3\.1 or later/,
          neverAdvises: /3\.0|pause or later/,
        }),
      ),
    ],
    quiet: [
      ...[
        PAUSE_IMAGE,
        'gke.gcr.io/pause:3.8',
        'registry.aliyuncs.com/google_containers/pause:3.9',
        'registry.cn-hangzhou.aliyuncs.com/google_containers/pause:3.9',
        'mirror.example/k8s.gcr.io/pause:3.6',
        'gcr.io/my-project/pause:3.6',
      ].map((ref) => ({ when: `it is ${ref}`, node: on(ref) })),
      {
        when: 'one is stored and nobody uses it',
        node: node({ pods: [pod()], runtime: { images: stored('k8s.gcr.io/pause:3.6') } }),
      },
      {
        when: 'it is another name of the configured image, which is not (L20)',
        node: on('k8s.gcr.io/pause:3.9', {
          configuredPauseImage: PAUSE_IMAGE,
          images: stored(PAUSE_IMAGE, 'k8s.gcr.io/pause:3.9'),
        }),
      },
    ],
  },
];
