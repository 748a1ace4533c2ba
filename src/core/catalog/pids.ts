/** What is fixed about the findings on PID limits. */
import { nodePidExhaustion, pidLimitHit, pidLimitNear } from '../rules/pids.ts';
import type { FindingFacts } from './finding-facts.ts';

/** By id. */
export const PID_FINDINGS = {
  'node-pid-exhaustion': {
    title: 'The node runs out of PIDs',
    severity: 'critical',
    severityNote: '',
    looks: 1,
    confirmAfterMs: 0,
    meaning:
      'The limit of all pods together, or that of the whole node, is nearly used up. When it is reached no pod can fork, probes fail, the runtime cannot start anything, and much else that is reported follows from it. The node may stay Ready all the while.',
    rule: nodePidExhaustion,
  },
  'pid-limit-hit': {
    title: 'A pod is at its PID limit',
    severity: 'critical',
    severityNote: '',
    looks: 1,
    confirmAfterMs: 0,
    meaning:
      'The kernel refused a fork under the PID limit of the pod or of a container, or will refuse the next one. Threads count like processes; programs report it as "cannot fork" or "cannot create thread".',
    rule: pidLimitHit,
  },
  'pid-limit-near': {
    title: 'A pod is close to its PID limit',
    severity: 'warning',
    severityNote: '',
    looks: 1,
    confirmAfterMs: 0,
    meaning:
      'A PID limit of the pod or of one of its containers is nearly used up, by threads, processes or zombies. At the limit every fork fails.',
    rule: pidLimitNear,
  },
} as const satisfies Readonly<Record<string, FindingFacts>>;
