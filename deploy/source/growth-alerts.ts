/** Alerts about zombies that grow: a level that rises, and a PID limit that will be reached because of them. */
import type { Alert } from './alert.ts';

/** The least number of zombies in half an hour, so long ago: bursts of builds do not lift it, leaks do. */
function floor(ago = ''): string {
  return 'min_over_time(pausewatch_pod_zombies[${30m}]AGO)'.replace('AGO', ago);
}

/** A step lifts one floor over the one before it, a leak lifts each. */
const RISING = `${floor()} > ${floor(' offset ${30m}')}`;
const ROSE_BEFORE = `${floor(' offset ${30m}')} > ${floor(' offset ${60m}')}`;

/** Share of its PID limit, continued for six hours along the slope of one hour and, against steps, of a quarter. */
const RATIO = 'pausewatch_pod_pids_utilization_ratio';
const FORECAST = ['${60m}', '${15m}'].map((range) => `predict_linear(${RATIO}[${range}], AHEAD) >= 1`).join(' and ');

/** At least half of the growth is zombies: a pod that starts more and more threads is another's business. */
const BY_ZOMBIES =
  'deriv(pausewatch_pod_zombies[${60m}]) > 0.5 * deriv(pausewatch_pod_pids[${60m}]) and deriv(pausewatch_pod_zombies[${15m}]) > 0';

/** Both, for rules in which an hour lasts `scale` hours. */
export function growthAlerts(scale: number): readonly Alert[] {
  return [
    {
      name: 'PausewatchZombieBuildup',
      expr: `${floor()} >= 20 and ${RISING} and ${ROSE_BEFORE}`,
      forMinutes: 15,
      keepMinutes: 60,
      severity: 'warning',
      owner: 'workload',
      runbook: 'findings/zombies-container-init.md',
      summary:
        'Pod {{ $labels.namespace }}/{{ $labels.pod }} on {{ $labels.node }} collects zombies: {{ $value }} and growing.',
      description:
        'Dead processes are not waited for, and each takes a PID. /findings of the agent names the parent: give the image an init if it is PID 1, mend the program if it is not. Restarting the container frees them until then.',
    },
    {
      name: 'PausewatchPidLimitByZombies',
      expr: `${RATIO} > 0 and ${FORECAST.replaceAll('AHEAD', String(Math.max(1, Math.round(6 * 3600 * scale))))} and ${BY_ZOMBIES} and ${RISING}`,
      forMinutes: 15,
      keepMinutes: 30,
      severity: 'warning',
      owner: 'workload',
      runbook: 'findings/pid-limit-near.md',
      summary:
        'Pod {{ $labels.namespace }}/{{ $labels.pod }} on {{ $labels.node }} reaches its PID limit within 6 hours because of zombies; {{ $value | humanizePercentage }} are used.',
      description:
        'From then on it can start no process: probes and exec fail and it is restarted, or not even that. Restart it at a time of your choosing, and mend the parent of the zombies that /findings names.',
    },
  ];
}
