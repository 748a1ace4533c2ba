/** What is fixed about the findings on the pause image. */
import { pauseImageLegacyRegistry, pauseImageMissing, pauseImageTooOld } from '../rules/images.ts';
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
  'pause-image-too-old': {
    title: 'Pause image is too old to reap',
    severity: 'warning',
    severityNote: '',
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
} as const satisfies Readonly<Record<string, FindingFacts>>;
