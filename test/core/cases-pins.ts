/** When a pause image is said not to be pinned, and when not. */
import type { FindingCase } from './finding-case.ts';
import { BUILT_IN, ID_B, image, known, OTHER, stored, two } from './image-nodes.ts';
import { NOW_MS, node, PAUSE_IMAGE, pod } from './snapshot-builder.ts';

export const PIN_CASES: readonly FindingCase[] = [
  {
    id: 'pause-image-unpinned',
    fires: [
      {
        when: 'the configured image is not pinned and the runtime can pin (case 49)',
        node: node({ pods: [pod()], runtime: { images: stored(PAUSE_IMAGE) } }),
        severity: 'warning',
        subject: image(PAUSE_IMAGE),
        evidence: { configured: true, pullable: true, kubeletVersion: null, pinnedInstead: [] },
        summary: /is not pinned: image garbage collection may remove it\.$/,
        remedy: /^Pin it: ctr .*io\.cri-containerd\.pinned=pinned/,
      },
      {
        when: 'its configured name leaves out the registry, under which alone containerd finds it',
        node: node({
          pods: [pod('web', { sandbox: { imageRef: 'docker.io/rancher/mirrored-pause:3.6' } })],
          runtime: {
            configuredPauseImage: 'rancher/mirrored-pause:3.6',
            images: stored('docker.io/rancher/mirrored-pause:3.6'),
          },
        }),
        severity: 'warning',
        subject: image('rancher/mirrored-pause:3.6'),
        evidence: { fullName: 'docker.io/rancher/mirrored-pause:3.6' },
        summary: /is not pinned/,
        remedy:
          /images label docker\.io\/rancher\/mirrored-pause:3\.6 .*crictl pull docker\.io\/rancher\/mirrored-pause:3\.6/,
      },
      {
        when: 'the runtime is CRI-O, which pins by its configuration',
        node: node({
          pods: [pod()],
          runtime: { flavour: 'cri-o', name: 'cri-o', version: '1.30.0', images: stored(PAUSE_IMAGE) },
        }),
        severity: 'warning',
        subject: image(PAUSE_IMAGE),
        evidence: { flavour: 'cri-o' },
        summary: /is not pinned/,
        remedy: /pause_image.*pinned_images.*restart CRI-O/,
        neverAdvises: /ctr |containerd/,
      },
      {
        when: 'the runtime is cri-dockerd, which pins what it is started with',
        node: node({
          pods: [pod()],
          runtime: {
            flavour: 'cri-dockerd',
            name: 'docker',
            version: '28.5.2',
            images: [...stored(PAUSE_IMAGE), { ...known(ID_B, OTHER), pinned: true }],
          },
        }),
        severity: 'warning',
        subject: image(PAUSE_IMAGE),
        evidence: { flavour: 'cri-dockerd' },
        summary: /is not pinned/,
        remedy: /--pod-infra-container-image/,
        neverAdvises: /ctr |containerd/,
      },
      {
        when: 'containerd 2 hides the configured one, and that of the newest sandbox is not pinned',
        node: node({
          pods: [pod()],
          runtime: { version: '2.1.9', configuredPauseImage: undefined, images: stored(PAUSE_IMAGE) },
        }),
        severity: 'warning',
        subject: image(PAUSE_IMAGE),
        evidence: { configured: false },
        summary: /is not pinned/,
        remedy: /crictl pull/,
      },
      {
        when: 'it was built into the node and cannot be pulled (EKS), and the pin is on another image (case 53)',
        node: node({
          pods: [pod('old'), pod('web', { base: 2000, sandbox: { imageRef: BUILT_IN, createdAtMs: NOW_MS } })],
          runtime: {
            configuredPauseImage: BUILT_IN,
            images: [...stored(BUILT_IN), { ...known(ID_B, PAUSE_IMAGE), pinned: true }],
          },
        }),
        policy: { kubeletVersion: 'v1.31.2' },
        severity: 'warning',
        subject: image(BUILT_IN),
        evidence: { pullable: false, pinnedInstead: [PAUSE_IMAGE], kubeletVersion: 'v1.31.2' },
        summary: /cannot be pulled again/,
        remedy: /Pin it/,
        neverAdvises: /crictl pull/,
      },
      {
        when: 'the kubelet is known to be before 1.29, which spares the image by itself',
        node: node({ pods: [pod()], runtime: { images: stored(PAUSE_IMAGE) } }),
        policy: { kubeletVersion: '1.28.9' },
        severity: 'info',
        subject: image(PAUSE_IMAGE),
        evidence: { kubeletVersion: '1.28.9' },
        summary: /is not pinned/,
        remedy: /Pin it/,
      },
    ],
    quiet: [
      { when: 'it is pinned', node: node({ pods: [pod()] }) },
      ...['1.6.20~ds1', '1.7.2'].map((version) => ({
        when: `containerd ${version} cannot pin`,
        node: node({ pods: [pod()], runtime: { version, images: stored(PAUSE_IMAGE) } }),
      })),
      { when: 'it is not stored at all', node: node({ pods: [pod()], runtime: { images: [] } }) },
      { when: 'the image list did not arrive', node: node({ pods: [pod()], runtime: { images: undefined } }) },
      {
        when: 'another image, used by older pods only, is not pinned',
        node: two({ imageRef: OTHER, createdAtMs: 1 }),
      },
      {
        when: 'the runtime is silent',
        node: node({ pods: [pod()], runtime: { up: false, images: stored(PAUSE_IMAGE) } }),
      },
    ],
  },
];
