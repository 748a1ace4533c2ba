/** What is fixed about the findings on the container runtime itself. */
import { runtimeUnreachable } from '../rules/runtime.ts';
import type { FindingFacts } from './finding-facts.ts';

/** By id. */
export const RUNTIME_FINDINGS = {
  'runtime-unreachable': {
    title: 'Container runtime does not answer',
    severity: 'critical',
    severityNote: '',
    looks: 1,
    confirmAfterMs: 0,
    meaning:
      'The container runtime did not answer. The kubelet cannot start, stop or probe anything through it either. Pods that run go on running.',
    rule: runtimeUnreachable,
  },
} as const satisfies Readonly<Record<string, FindingFacts>>;
