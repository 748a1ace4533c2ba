/** What is fixed about the findings on the container runtime itself. */
import { runtimeUnreachable } from '../rules/runtime.ts';
import { runtimeInfoIncomplete } from '../rules/runtime-info.ts';
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
  'runtime-info-incomplete': {
    title: 'Runtime does not report everything',
    severity: 'info',
    severityNote: '',
    looks: 1,
    confirmAfterMs: 0,
    meaning:
      'This version of the container runtime does not report some facts that findings rest on, or is known for faults that look like faults of your pods. Where no other fact stands in, what rests on them is not judged on this node, which is not the same as healthy.',
    rule: runtimeInfoIncomplete,
  },
} as const satisfies Readonly<Record<string, FindingFacts>>;
