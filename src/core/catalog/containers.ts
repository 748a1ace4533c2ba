/** What is fixed about the findings on the first process of a container. */
import { containerInitZombie, containerRunningDead } from '../rules/containers.ts';
import type { FindingFacts } from './finding-facts.ts';

/** By id. */
export const CONTAINER_FINDINGS = {
  'container-init-zombie': {
    title: 'First process of a container is dead and uncollected',
    severity: 'critical',
    severityNote: '',
    looks: 2,
    confirmAfterMs: 0,
    meaning:
      'The first process of a container is dead but cannot go: either threads of it live on (often stuck in the kernel), or its parent does not collect it. The runtime still says RUNNING and the pod hangs when it is deleted.',
    rule: containerInitZombie,
  },
  'container-running-dead': {
    title: 'Container is RUNNING only on paper',
    severity: 'critical',
    severityNote: '',
    looks: 2,
    confirmAfterMs: 60_000,
    meaning:
      'The runtime says that the container runs, and the kernel has no such process. The runtime lost the exit; nothing restarts the container because nobody knows that it ended.',
    rule: containerRunningDead,
  },
} as const satisfies Readonly<Record<string, FindingFacts>>;
