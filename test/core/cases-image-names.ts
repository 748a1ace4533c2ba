/** When the findings about the names of pause images fire, and when they must not. */
import type { FindingCase } from './finding-case.ts';
import { ENDPOINT, type NodeFacts, node, PAUSE_IMAGE, pod } from './snapshot-builder.ts';

const image = (ref: string) => ({ kind: 'image', image: ref, runtimeEndpoint: ENDPOINT }) as const;
const ID = `sha256:${'a'.repeat(64)}`;
const stored = (...tags: readonly string[]) => [{ id: ID, tags, digests: [], sizeBytes: 1, pinned: false }];
/** A node whose only pod runs on this image, which is also configured and stored. */
const on = (ref: string, runtime: NodeFacts['runtime'] = {}) =>
  node({
    pods: [pod('web', { sandbox: { imageRef: ref } })],
    runtime: { configuredPauseImage: ref, images: stored(ref), ...runtime },
  });
const OLD = 'registry.k8s.io/pause:3.0';
const MIRROR = 'harbor.example/k8s/pause:3.9';

export const IMAGE_NAME_CASES: readonly FindingCase[] = [
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
      {
        when: 'it reaps, and the policy asks for a newer one',
        node: on('registry.k8s.io/pause:3.6'),
        policy: { minimumPauseVersion: '3.9' },
        severity: 'info',
        subject: image('registry.k8s.io/pause:3.6'),
        evidence: { version: '3.6', minimum: '3.9', reaps: true },
        summary: /is older than 3\.9 as the policy asks/,
        remedy: /3\.9 or later/,
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
    id: 'pause-image-version-skew',
    fires: [
      {
        when: 'the policy tells a kubelet whose kubeadm asks for another version (case 56)',
        node: on('registry.k8s.io/pause:3.6'),
        policy: { kubeletVersion: 'v1.31.2' },
        severity: 'info',
        subject: image('registry.k8s.io/pause:3.6'),
        evidence: { version: '3.6', expected: '3.10', kubeletVersion: 'v1.31.2', configured: true, sandboxes: 1 },
        summary: /is not the 3\.10 that kubeadm of v1\.31\.2 asks for \(used by shop\/web\)/,
        remedy: /^Nothing has to be done/,
      },
      {
        when: 'the pause is newer than the kubelet',
        node: on('registry.k8s.io/pause:3.10'),
        policy: { kubeletVersion: '1.20.15' },
        severity: 'info',
        subject: image('registry.k8s.io/pause:3.10'),
        evidence: { expected: '3.2' },
        summary: /kubeadm of 1\.20\.15/,
        remedy: /silence kubeadm/,
      },
    ],
    quiet: [
      { when: 'nobody tells the version of the kubelet', node: on('registry.k8s.io/pause:3.6') },
      ...(
        [
          ['registry.k8s.io/pause:3.9', '1.26.0'],
          ['registry.k8s.io/pause:3.9', '1.30.14'],
          ['registry.k8s.io/pause:3.10', '1.33.1'],
          ['registry.k8s.io/pause:3.10.1', '1.35.0'],
          ['k8s.gcr.io/pause:3.4.1', '1.21.9'],
          ['rancher/mirrored-pause:3.6', '1.31.0'],
          ['602401143452.dkr.ecr.us-west-2.amazonaws.com/eks/pause:3.5', '1.31.0'],
          ['registry.k8s.io/pause:3.6', '1.36.0'],
          ['registry.k8s.io/pause:3.6', 'unknown'],
          ['registry.k8s.io/pause:latest', '1.31.0'],
        ] as const
      ).map(([ref, kubeletVersion]) => ({
        when: `${ref} runs under kubelet ${kubeletVersion}`,
        node: on(ref),
        policy: { kubeletVersion },
      })),
    ],
  },
  {
    id: 'pause-image-unqualified',
    fires: [
      {
        when: 'the configured name has no registry (case 54)',
        node: on('rancher/mirrored-pause:3.6'),
        severity: 'info',
        subject: image('rancher/mirrored-pause:3.6'),
        evidence: { lacks: ['registry'], refused: false, runtime: 'containerd 1.7.24~ds1' },
        summary: /rancher\/mirrored-pause:3\.6 has no registry\.$/,
        remedy: /Write registry, path and tag in full/,
        neverAdvises: /upgrade/,
      },
      {
        when: 'it has neither registry nor tag, on a version that does not find it then',
        node: on('pause', { version: '2.3.1' }),
        severity: 'warning',
        subject: image('pause'),
        evidence: { lacks: ['registry', 'tag'], refused: true },
        summary: /has no registry and no tag, and containerd 2\.3\.1 does not find such an image/,
        remedy: /upgrade to containerd 2\.3\.4/,
      },
      {
        when: 'it has a registry and no tag',
        node: on('localhost/kubernetes/pause', { version: '2.3.4' }),
        severity: 'info',
        subject: image('localhost/kubernetes/pause'),
        evidence: { lacks: ['tag'], refused: false },
        summary: /has no tag\.$/,
        remedy: /crictl images/,
      },
    ],
    quiet: [
      ...[PAUSE_IMAGE, `gke.gcr.io/pause@sha256:${'1'.repeat(64)}`, 'docker.io/rancher/mirrored-pause:3.6'].map(
        (ref) => ({ when: `it is ${ref}`, node: on(ref) }),
      ),
      { when: 'the runtime does not tell the configured name', node: on('pause', { configuredPauseImage: undefined }) },
      {
        when: 'only a sandbox shows a short name',
        node: on('rancher/mirrored-pause:3.6', { configuredPauseImage: 'docker.io/rancher/mirrored-pause:3.6' }),
      },
    ],
  },
  {
    id: 'pause-image-unrecognized',
    fires: [
      {
        when: 'nobody who is known ships an image of this name',
        node: on(MIRROR),
        severity: 'info',
        subject: image(MIRROR),
        evidence: { why: 'unknown-repository', imageId: ID, configured: true, sandboxes: 1 },
        summary: /harbor\.example\/k8s\/pause:3\.9 is not of the Kubernetes project nor of a vendor that is known/,
        remedy: /allowedPauseRegistries/,
      },
      {
        when: 'the policy allows other registries only, though it is upstream',
        node: on(PAUSE_IMAGE),
        policy: { allowedPauseRegistries: ['harbor.example/k8s/'] },
        severity: 'warning',
        subject: image(PAUSE_IMAGE),
        evidence: { why: 'registry-not-allowed' },
        summary: /comes from a registry that the policy does not allow/,
        remedy: /one from an allowed registry/,
      },
      {
        when: 'a registry that only begins like an allowed one',
        node: on('harbor.example.evil/k8s/pause:3.9'),
        policy: { allowedPauseRegistries: ['harbor.example'] },
        severity: 'warning',
        subject: image('harbor.example.evil/k8s/pause:3.9'),
        evidence: { why: 'registry-not-allowed' },
        summary: /does not allow/,
        remedy: /allowed registry/,
      },
      {
        when: 'the policy asks for a digest that the stored image does not have',
        node: on(MIRROR),
        policy: { allowedPauseRegistries: ['harbor.example'], requiredPauseDigests: [`sha256:${'c'.repeat(64)}`] },
        severity: 'warning',
        subject: image(MIRROR),
        evidence: { why: 'digest-not-allowed' },
        summary: /has none of the digests that the policy allows/,
        remedy: /crictl inspecti sha256:a/,
      },
    ],
    quiet: [
      { when: 'it is upstream', node: on(PAUSE_IMAGE) },
      {
        when: 'the policy allows its registry',
        node: on(MIRROR),
        policy: { allowedPauseRegistries: ['harbor.example'] },
      },
      {
        when: 'the policy allows its path',
        node: on(MIRROR),
        policy: { allowedPauseRegistries: ['harbor.example/k8s'] },
      },
      { when: 'it has the required digest, by id', node: on(MIRROR), policy: { requiredPauseDigests: [ID] } },
      {
        when: 'another name of the same image is known',
        node: on(MIRROR, { images: stored(MIRROR, PAUSE_IMAGE) }),
      },
      {
        when: 'only an id is known, which tells no origin',
        node: on(`sha256:${'f'.repeat(64)}`, { configuredPauseImage: undefined, images: [] }),
      },
      {
        when: 'one is stored and nobody uses it',
        node: on(PAUSE_IMAGE, { images: stored(PAUSE_IMAGE, 'x.example/a') }),
      },
    ],
  },
];
