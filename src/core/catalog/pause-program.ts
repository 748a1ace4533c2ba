/** What is fixed about the findings on what runs as pause, or under its name. */
import { pauseOomScoreAdj } from '../rules/pause-oom-score.ts';
import { pauseCpuUsage, pauseImpersonation, pauseUnexpectedBinary } from '../rules/pause-program.ts';
import type { FindingFacts } from './finding-facts.ts';

/** By id. */
export const PAUSE_PROGRAM_FINDINGS = {
  'pause-unexpected-binary': {
    title: 'Pause runs an unknown program',
    severity: 'warning',
    severityNote: '',
    looks: 1,
    confirmAfterMs: 0,
    meaning:
      'The process that holds the pod together is not a pause that is known: neither upstream nor any vendor starts it by this path. It may be a home-made image, or something that should not be there.',
    rule: pauseUnexpectedBinary,
  },
  'pause-impersonation': {
    title: 'A container called pause does work',
    severity: 'critical',
    severityNote: '',
    looks: 1,
    confirmAfterMs: 0,
    meaning:
      'A container (not a sandbox) calls itself pause and burns CPU. Real pause sleeps all its life; miners have been spread under this name because nobody looks at it. Idle placeholders called pause are harmless and not reported.',
    rule: pauseImpersonation,
  },
  'pause-cpu-usage': {
    title: 'Pause uses CPU',
    severity: 'warning',
    severityNote: '',
    looks: 1,
    confirmAfterMs: 0,
    meaning:
      'Pause sleeps in one system call from the first second to the last. One that takes CPU time is broken, is not pause, or is PID 1 of a pod that makes orphans by the hundred each second.',
    rule: pauseCpuUsage,
  },
  'pause-oom-score-adj': {
    title: 'Pause is no longer the last to be killed for memory',
    severity: 'warning',
    severityNote: 'info where the runtime is restricted to its own score or the pod has a user namespace of its own',
    looks: 1,
    confirmAfterMs: 0,
    meaning:
      'When the memory of a pod runs out, the kernel kills by oom_score_adj, and pause must be last. Here a container stands no better than pause, so that pause may go first and take the whole pod with it.',
    rule: pauseOomScoreAdj,
  },
} as const satisfies Readonly<Record<string, FindingFacts>>;
