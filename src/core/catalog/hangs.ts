/** What is fixed about the findings on what hangs: a pause that cannot end or run, shims, commands left behind. */
import { pauseDying, pauseStopped } from '../rules/hangs.ts';
import { execLeftover, shimStuck } from '../rules/shims.ts';
import type { FindingFacts } from './finding-facts.ts';

/** By id. */
export const HANG_FINDINGS = {
  'pause-dying': {
    title: 'Pause was killed and cannot end',
    severity: 'critical',
    severityNote: '',
    looks: 2,
    confirmAfterMs: 0,
    meaning:
      'The pause process has been killed and waits in the kernel until every member of its PID namespace has ended and is collected. One of them is a zombie whose parent is outside and does not collect it, or hangs in the kernel itself, so the pod stays in Terminating.',
    rule: pauseDying,
  },
  'pause-stopped': {
    title: 'Pause is stopped',
    severity: 'critical',
    severityNote: 'warning when the pod does not share its PID namespace',
    looks: 1,
    confirmAfterMs: 0,
    meaning:
      'The pause process has been stopped by a signal or a debugger, or its cgroup is frozen. In a shared PID namespace nothing is reaped until it continues, and the pod cannot be stopped gracefully.',
    rule: pauseStopped,
  },
  'shim-stuck': {
    title: 'The shim of a pod is stuck',
    severity: 'warning',
    severityNote: '',
    looks: 2,
    confirmAfterMs: 0,
    meaning:
      'The shim that stands between the runtime and a pod does not do its work: it is stopped or hangs in the kernel, leaves the dead uncollected, or serves nothing that is left. Calls about the pod wait for it in vain.',
    rule: shimStuck,
  },
  'exec-leftover': {
    title: 'A command run in a container is still there',
    severity: 'info',
    severityNote: '',
    looks: 1,
    confirmAfterMs: 0,
    meaning:
      'Something was started in a container from outside (kubectl exec, a probe) and is alive after an hour. A session in use looks the same as one whose client is gone; a growing number is a probe that hangs.',
    rule: execLeftover,
  },
} as const satisfies Readonly<Record<string, FindingFacts>>;
