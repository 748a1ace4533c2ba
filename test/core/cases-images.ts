/** When the findings about pause images fire, and when they must not. */
import type { FindingCase } from './finding-case.ts';
import { ENDPOINT, node, PAUSE_IMAGE, pod } from './snapshot-builder.ts';

const image = (ref: string) => ({ kind: 'image', image: ref, runtimeEndpoint: ENDPOINT }) as const;
const stored = (...tags: readonly string[]) => [
  { id: `sha256:${'a'.repeat(64)}`, tags, digests: [], sizeBytes: 1, pinned: false },
];
/** A node whose only pod runs on this image, which is also configured and stored. */
const on = (ref: string) =>
  node({
    pods: [pod('web', { sandbox: { imageRef: ref } })],
    runtime: { configuredPauseImage: ref, images: stored(ref) },
  });
const OLD = 'registry.k8s.io/pause:3.0';

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
    id: 'pause-image-too-old',
    fires: [
      {
        when: 'sandboxes run on pause 3.0',
        node: on(OLD),
        severity: 'warning',
        subject: image(OLD),
        evidence: { image: OLD, version: '3.0', minimum: '3.1', configured: true, sandboxes: 1, pods: ['shop/web'] },
        summary: /pause:3\.0 is older than 3\.1 and does not reap \(used by shop\/web\)/,
        remedy: /Set the sandbox image to 3\.1 or later.*node image/,
      },
      {
        when: 'it is configured and no pod runs yet',
        node: node({ runtime: { configuredPauseImage: OLD, images: stored(OLD) } }),
        severity: 'warning',
        subject: image(OLD),
        evidence: { configured: true, sandboxes: 0 },
        summary: /no pod runs on it/,
        remedy: /recreate the pods/,
      },
      {
        when: 'its name carries an architecture',
        node: on('gcr.io/google_containers/pause-amd64:3.0'),
        severity: 'warning',
        subject: image('gcr.io/google_containers/pause-amd64:3.0'),
        evidence: { version: '3.0' },
        summary: /older than 3\.1/,
        remedy: /3\.1 or later/,
      },
    ],
    quiet: [
      ...[
        'registry.k8s.io/pause:3.1',
        'registry.k8s.io/pause:3.10',
        'registry.k8s.io/pause:3.10.1',
        '602401143452.dkr.ecr.us-west-2.amazonaws.com/eks/pause:3.1-eksbuild.1',
        'localhost/kubernetes/pause:0.1.0',
        'localhost/kubernetes/pause',
        'ccr.ccs.tencentyun.com/library/pause:latest',
        'amazon/amazon-ecs-pause:0.1.0',
        'registry.example/openshift/pod:1.2',
        `gke.gcr.io/pause@sha256:${'1'.repeat(64)}`,
      ].map((ref) => ({ when: `it is ${ref}`, node: on(ref) })),
      {
        when: 'only a finished sandbox ran on the old one',
        node: node({
          pods: [
            pod('web', {
              sandbox: { imageRef: OLD, state: 'notready', pause: { kind: 'none', reason: 'exited' } },
              pause: null,
              containers: {},
            }),
          ],
        }),
      },
      {
        when: 'an old one is stored and nobody uses it',
        node: node({ pods: [pod()], runtime: { images: stored(PAUSE_IMAGE, OLD) } }),
      },
    ],
  },
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
        node: node({ pods: [pod()], runtime: { images: stored(PAUSE_IMAGE, 'k8s.gcr.io/pause:3.6') } }),
      },
    ],
  },
];
