/** What is fixed about the findings on sandboxes that do not last. */
import { pauseExitsEarly, sandboxChurn } from '../rules/churn.ts';
import type { FindingFacts } from './finding-facts.ts';

/** By id. */
export const CHURN_FINDINGS = {
  'pause-exits-early': {
    title: 'Sandboxes of a pod end as soon as they start',
    severity: 'critical',
    severityNote: '',
    looks: 1,
    confirmAfterMs: 0,
    meaning:
      'Several sandboxes of one pod ended within seconds of their start. The pause image may be for another architecture, the runtime broken, or something ends pause at once. The pod cannot come up.',
    rule: pauseExitsEarly,
  },
  'sandbox-churn': {
    title: 'The sandbox of a pod is made again and again',
    severity: 'warning',
    severityNote: '',
    looks: 1,
    confirmAfterMs: 0,
    meaning:
      'The sandbox of one pod was replaced several times lately. Each time all its containers restart and its IP changes. Causes are a signal to PID 1 of a shared PID namespace, an out-of-memory kill of pause, or a kubelet and a runtime that disagree about cgroups.',
    rule: sandboxChurn,
  },
} as const satisfies Readonly<Record<string, FindingFacts>>;
