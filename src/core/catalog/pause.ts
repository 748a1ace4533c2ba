/** What is fixed about the findings on the pause process. */
import { pauseDeadContainersRunning, pauseNotReaping, pausePidMismatch, pauseZombie } from '../rules/pause.ts';
import type { FindingFacts } from './finding-facts.ts';

const BY_SHARED_PID = 'warning when the pod does not share its PID namespace';

/** By id. */
export const PAUSE_FINDINGS = {
  'pause-dead-containers-running': {
    title: 'Pause is dead, containers run on',
    severity: 'critical',
    severityNote: 'warning where nothing runs any more, but to the runtime the sandbox is ready',
    looks: 1,
    confirmAfterMs: 60_000,
    meaning:
      'The pause process that held the pod together is gone while containers of the pod still run. They keep running, but none of them can be restarted in place and no new one can join.',
    rule: pauseDeadContainersRunning,
  },
  'pause-zombie': {
    title: 'Pause is a zombie',
    severity: 'critical',
    severityNote: BY_SHARED_PID,
    looks: 2,
    confirmAfterMs: 0,
    meaning:
      'The pause process has died and its parent, the shim (or conmon), has not collected it, so the runtime still believes that the sandbox is ready.',
    rule: pauseZombie,
  },
  'pause-pid-mismatch': {
    title: 'Pause PID belongs to another process',
    severity: 'critical',
    severityNote: '',
    looks: 2,
    confirmAfterMs: 0,
    meaning:
      'The PID that the runtime gives for the sandbox belongs to a process that is not its pause. Whatever acts on that PID acts on a stranger.',
    rule: pausePidMismatch,
  },
  'pause-not-reaping': {
    title: 'Pause does not reap',
    severity: 'warning',
    severityNote: 'critical from 100 zombies on, or with zombies above 80 % of the PID limit',
    looks: 1,
    confirmAfterMs: 0,
    meaning:
      'Pause is PID 1 of its PID namespace, in most cases the one that the pod shares, and must collect every orphan there. It does not, or is a version known not to. Zombies pile up until no process can be started.',
    rule: pauseNotReaping,
  },
} as const satisfies Readonly<Record<string, FindingFacts>>;
