/** What is fixed about the findings on how the pause image is called. */
import {
  pauseImageLegacyRegistry,
  pauseImageTooOld,
  pauseImageUnqualified,
  pauseImageUnrecognized,
  pauseImageVersionSkew,
} from '../rules/image-names.ts';
import type { FindingFacts } from './finding-facts.ts';

/** By id. */
export const IMAGE_NAME_FINDINGS = {
  'pause-image-too-old': {
    title: 'Pause image is too old to reap',
    severity: 'warning',
    severityNote: 'info when it reaps and only the policy asks for a newer one',
    looks: 1,
    confirmAfterMs: 0,
    meaning:
      'Pause before version 3.1 does not reap. Harmless as long as no pod shares its PID namespace; with the first one that does, its orphans stay.',
    rule: pauseImageTooOld,
  },
  'pause-image-legacy-registry': {
    title: 'Pause image comes from a frozen registry',
    severity: 'warning',
    severityNote: '',
    looks: 1,
    confirmAfterMs: 0,
    meaning:
      'The pause image is named after a registry that has been frozen since April 2023. Pods that run are not affected; newer versions do not exist there, and a node that must pull may fail.',
    rule: pauseImageLegacyRegistry,
  },
  'pause-image-version-skew': {
    title: 'Pause image is not the one of this Kubernetes version',
    severity: 'info',
    severityNote: '',
    looks: 1,
    confirmAfterMs: 0,
    meaning:
      'Each Kubernetes release names a pause version, and kubeadm warns when the runtime is configured with another. On Linux pause has done the same since 3.1: a fact to know, not a fault. Judged only when the policy gives the version of the kubelet.',
    rule: pauseImageVersionSkew,
  },
  'pause-image-unqualified': {
    title: 'Configured pause image leaves out registry or tag',
    severity: 'info',
    severityNote: 'warning on containerd 2.3.0 to 2.3.3, which do not find such an image',
    looks: 1,
    confirmAfterMs: 0,
    meaning:
      'The runtime is configured with a short name and fills in what is missing by its own rules. Some versions do not, and then no pod of the node starts although the image is there.',
    rule: pauseImageUnqualified,
  },
  'pause-image-unrecognized': {
    title: 'Pause image is of unknown origin',
    severity: 'info',
    severityNote: 'warning when the policy names registries or digests and this is none of them',
    looks: 1,
    confirmAfterMs: 0,
    meaning:
      'The pause image has a name that neither the Kubernetes project nor a known vendor uses. Often it is a mirror of your own, which the policy should name; every pod of the node starts with this image.',
    rule: pauseImageUnrecognized,
  },
} as const satisfies Readonly<Record<string, FindingFacts>>;
