/** What is fixed about the findings on the pause image as it is stored. */
import { pauseImageConfigMismatch, pauseImageMissing, pauseImageUnpinned } from '../rules/images.ts';
import type { FindingFacts } from './finding-facts.ts';

/** By id. */
export const IMAGE_FINDINGS = {
  'pause-image-missing': {
    title: 'Pause image is not on the node',
    severity: 'critical',
    severityNote: '',
    looks: 2,
    confirmAfterMs: 0,
    meaning:
      'Every pod starts with a pause container, and its image is no longer stored on this node. Pods that run are not affected; the next one to start needs the registry, and fails if it cannot pull.',
    rule: pauseImageMissing,
  },
  'pause-image-config-mismatch': {
    title: 'Newest pod does not run on the configured pause image',
    severity: 'warning',
    severityNote: 'info when the configuration was seen to change after the newest pod had started',
    looks: 1,
    confirmAfterMs: 0,
    meaning:
      'The runtime says that it is configured with one pause image, and the newest sandbox runs on another, by image id. Whoever protects, pins or pre-loads the configured image protects the wrong one.',
    rule: pauseImageConfigMismatch,
  },
  'pause-image-unpinned': {
    title: 'Pause image is not pinned',
    severity: 'warning',
    severityNote: 'info when the policy names a kubelet before 1.29, which spares the image by itself',
    looks: 1,
    confirmAfterMs: 0,
    meaning:
      'The runtime can protect the pause image from garbage collection and does not. As soon as the disk fills up, the kubelet may remove it, and then no pod can start unless it can be pulled again.',
    rule: pauseImageUnpinned,
  },
} as const satisfies Readonly<Record<string, FindingFacts>>;
