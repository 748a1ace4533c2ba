/** When the findings about pause images fire, and when they must not. */
import type { FindingCase } from './finding-case.ts';
import { BUILT_IN, ID_A, ID_B, image, known, OTHER, stored, two } from './image-nodes.ts';
import { NOW_MS, node, PAUSE_IMAGE, PAUSE_SHA256, pod } from './snapshot-builder.ts';

export const IMAGE_CASES: readonly FindingCase[] = [
  {
    id: 'pause-image-missing',
    fires: [
      {
        when: 'the configured image is not stored any more (L18)',
        node: node({ pods: [pod()], runtime: { images: stored('docker.io/library/app:1') } }),
        severity: 'critical',
        subject: image(PAUSE_IMAGE),
        evidence: { image: PAUSE_IMAGE, configured: true, sandboxes: 1, pods: ['shop/web'] },
        summary: /The configured pause image registry\.k8s\.io\/pause:3\.9 is not on the node/,
        remedy: /^Pull or import the image again.*pin it/,
      },
      {
        when: 'it was stored a minute ago, and two others went with it (cases 50, 51)',
        before: node({
          pods: [pod()],
          runtime: { images: [...stored(PAUSE_IMAGE), known(ID_B, 'app:1'), known('sha256:c', 'app:2')] },
        }),
        node: node({ pods: [pod()], runtime: { images: [] } }),
        thenAfterMs: 60_000,
        severity: 'critical',
        subject: image(PAUSE_IMAGE),
        evidence: { lastSeenSecondsAgo: 75, lastImageId: ID_A, wasPinned: false, goneWith: 2 },
        summary: /; it was last seen 75 s ago\.$/,
        remedy: /2 other images went with it: look for a prune job/,
      },
      {
        when: 'it was built into the node image and exists in no registry (EKS)',
        node: node({ pods: [pod()], runtime: { configuredPauseImage: BUILT_IN, images: stored('app:1') } }),
        severity: 'critical',
        subject: image(BUILT_IN),
        evidence: { pullable: false, lastSeenSecondsAgo: null },
        summary: /unless it can be pulled\.$/,
        remedy: /^It exists in no registry: import it from the archive/,
        neverAdvises: /crictl pull/,
      },
      {
        when: 'containerd 2 hides the configured one, and that of the newest ready sandbox is gone (case 55)',
        node: node({
          pods: [
            pod('old', { sandbox: { imageRef: 'registry.k8s.io/pause:3.8', createdAtMs: 1 } }),
            pod('web', { base: 2000, sandbox: { imageRef: 'registry.k8s.io/pause:3.10' } }),
          ],
          runtime: { version: '2.1.9', configuredPauseImage: undefined, images: stored('registry.k8s.io/pause:3.8') },
        }),
        severity: 'critical',
        subject: image('registry.k8s.io/pause:3.10'),
        evidence: { configured: false, pods: ['shop/web'] },
        summary: /The pause image of the newest sandbox/,
        remedy: /crictl pull/,
      },
      {
        when: 'the node has no image at all',
        node: node({ runtime: { images: [] } }),
        severity: 'critical',
        subject: image(PAUSE_IMAGE),
        evidence: { sandboxes: 0, pods: [] },
        summary: /no new pod can start unless it can be pulled/,
        remedy: /crictl pull/,
      },
    ],
    quiet: [
      { when: 'it is stored', node: node({ pods: [pod()] }) },
      {
        when: 'it was missed once: a list may be partial',
        node: node({ pods: [pod()], runtime: { images: [] } }),
        firstLook: true,
      },
      { when: 'the image list did not arrive', node: node({ pods: [pod()], runtime: { images: undefined } }) },
      { when: 'the runtime is silent', node: node({ pods: [pod()], runtime: { up: false, images: [] } }) },
      {
        when: 'it is stored under the long form of its name (case 54)',
        node: node({
          runtime: {
            configuredPauseImage: 'rancher/mirrored-pause:3.6',
            images: stored('docker.io/rancher/mirrored-pause:3.6'),
          },
        }),
      },
      {
        when: 'it is configured by digest, and stored without a tag',
        node: node({
          runtime: {
            configuredPauseImage: `registry.k8s.io/pause:3.9@sha256:${'d'.repeat(64)}`,
            images: [
              {
                ...stored()[0],
                id: 'sha256:1',
                tags: [],
                digests: [`registry.k8s.io/pause@sha256:${'d'.repeat(64)}`],
                sizeBytes: 1,
                pinned: false,
              },
            ],
          },
        }),
      },
      {
        when: 'the runtime tells neither the configured image nor one in use',
        node: node({ runtime: { configuredPauseImage: undefined, images: [] } }),
      },
      {
        when: 'CRI-O runs every pod without a pause, so it has not needed the image yet',
        node: node({
          pods: [
            pod('web', {
              sandbox: { pause: { kind: 'none', reason: 'infra-dropped' }, imageRef: undefined },
              pause: null,
            }),
          ],
          runtime: { name: 'cri-o', flavour: 'cri-o', version: '1.36.3', images: [] },
        }),
      },
    ],
  },
  {
    id: 'pause-image-config-mismatch',
    fires: [
      {
        when: 'the newest sandbox runs on another image, by id (case 52)',
        node: two({ imageRef: OTHER, createdAtMs: NOW_MS - 1000 }),
        severity: 'warning',
        subject: image(PAUSE_IMAGE),
        evidence: {
          image: PAUSE_IMAGE,
          running: OTHER,
          imageId: ID_A,
          runningImageId: ID_B,
          newestPod: 'shop/web',
          exeSha256: PAUSE_SHA256,
          madeUnderThisConfig: null,
          sandboxesOnConfigured: 1,
          sandboxesOnOthers: 1,
        },
        summary:
          /configured with pause image registry\.k8s\.io\/pause:3\.9, and the newest sandbox \(shop\/web\) runs on/,
        remedy: /Make the names equal.*pod-infra-container-image/,
      },
      {
        when: 'the configuration was seen to change, and no pod has started since (case 59)',
        before: two({ imageRef: OTHER, createdAtMs: NOW_MS - 1000 }, { configuredPauseImage: OTHER }),
        node: two({ imageRef: OTHER, createdAtMs: NOW_MS - 1000 }),
        severity: 'info',
        subject: image(PAUSE_IMAGE),
        evidence: { madeUnderThisConfig: false },
        summary: /made before that was configured/,
        remedy: /^Nothing is broken.*on every node/,
      },
      {
        when: 'a sandbox was made on another image while this one was configured',
        before: two({ imageRef: PAUSE_IMAGE }),
        node: two({ imageRef: OTHER, createdAtMs: NOW_MS + 5000 }),
        severity: 'warning',
        subject: image(PAUSE_IMAGE),
        evidence: { madeUnderThisConfig: true },
        summary: /newest sandbox/,
        remedy: /Restart the runtime/,
      },
    ],
    quiet: [
      { when: 'all run on the configured one', node: two({}) },
      { when: 'only older sandboxes run on another', node: two({ imageRef: OTHER, createdAtMs: 1 }) },
      {
        when: 'the runtime shows another tag of the configured image (L20)',
        node: two({ imageRef: 'mirror.example/pause:3.9', createdAtMs: NOW_MS - 1000 }),
      },
      {
        when: 'the runtime does not tell what it is configured with (case 55)',
        node: two({ imageRef: OTHER }, { configuredPauseImage: undefined }),
      },
      { when: 'the image list did not arrive', node: two({ imageRef: OTHER }, { images: undefined }) },
      {
        when: 'the image of the newest is not stored any more: it may have been another name of the same',
        node: two({ imageRef: 'registry.example/pause:1', createdAtMs: NOW_MS - 1000 }),
      },
      {
        when: 'the details of the newest sandbox could not be read',
        node: two({ imageRef: undefined, pause: { kind: 'unknown', reason: 'timeout' }, createdAtMs: NOW_MS - 1000 }),
      },
      { when: 'no pod runs', node: node() },
    ],
  },
];
