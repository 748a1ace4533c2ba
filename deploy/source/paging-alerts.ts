/** The alerts that wake somebody: what is losing function on many nodes, or on a whole node, right now. */
import type { Alert } from './alert.ts';

/** Agents of a pool: `pool` is empty unless a relabelling sets it, then all nodes are one pool. */
const NODES_OF_POOL = 'count by (cluster, pool) (pausewatch_build_info)';

/** Fires on three nodes, or on one in a hundred. */
function onManyNodes(finding: string): string {
  const nodes = `count by (cluster, pool) (max without (level) (pausewatch_findings{finding="${finding}"}) > 0)`;
  return `${nodes} >= 3 or (${nodes} and ${nodes} / ${NODES_OF_POOL} >= 0.01)`;
}

/** Alerts with severity critical. */
export const PAGING_ALERTS: readonly Alert[] = [
  {
    name: 'PausewatchPauseImageMissingWidely',
    expr: onManyNodes('pause-image-missing'),
    forMinutes: 5,
    keepMinutes: 15,
    severity: 'critical',
    owner: 'platform',
    runbook: 'findings/pause-image-missing.md',
    summary: 'Pause image is missing on {{ $value }} nodes{{ with $labels.pool }} of {{ . }}{{ end }}.',
    description:
      'No new pod starts there unless its node can pull the image. Pull the configured sandbox image on these nodes, pin it, and find what removed it: image garbage collection, a pruning job, a changed configuration.',
  },
  {
    name: 'PausewatchPauseExitsEarlyWidely',
    expr: onManyNodes('pause-exits-early'),
    forMinutes: 5,
    keepMinutes: 15,
    severity: 'critical',
    owner: 'platform',
    runbook: 'findings/pause-exits-early.md',
    summary: 'Pause dies right after its start on {{ $value }} nodes{{ with $labels.pool }} of {{ . }}{{ end }}.',
    description:
      'No pod comes up there: sandboxes are made and lost again within seconds. Check the architecture and digest of the sandbox image and what changed on the nodes last: runtime, kernel, security profile.',
  },
  {
    name: 'PausewatchNodePidExhaustion',
    expr: 'max without (level) (pausewatch_findings{finding="node-pid-exhaustion"}) > 0',
    forMinutes: 2,
    keepMinutes: 10,
    severity: 'critical',
    owner: 'platform',
    runbook: 'findings/node-pid-exhaustion.md',
    summary: 'Node {{ $labels.node }} runs out of PIDs.',
    description:
      'Soon nothing on the node can start a process: no pod, no probe, no login. Cordon it, look at its largest pods and at zombies, restart the pod that holds them; then set podPidsLimit.',
  },
  {
    name: 'PausewatchSystemPidLimitHit',
    expr: 'max without (level) (pausewatch_pod_finding{finding="pid-limit-hit",namespace="kube-system"}) == 1',
    forMinutes: 0,
    keepMinutes: 15,
    severity: 'critical',
    owner: 'platform',
    runbook: 'findings/pid-limit-hit.md',
    summary: 'Pod kube-system/{{ $labels.pod }} on {{ $labels.node }} is refused forks under its PID limit.',
    description:
      'A part of the cluster itself cannot start processes or threads. Restart the pod if zombies fill its limit, else raise podPidsLimit.',
  },
  {
    name: 'PausewatchRuntimesDown',
    expr: `count by (cluster, pool) (max without (endpoint) (pausewatch_source_up{source="runtime"}) == 0) / ${NODES_OF_POOL} >= 0.02`,
    forMinutes: 5,
    keepMinutes: 10,
    severity: 'critical',
    owner: 'platform',
    runbook: 'findings/runtime-unreachable.md',
    summary:
      'The container runtime does not answer on {{ $value | humanizePercentage }} of the nodes{{ with $labels.pool }} of {{ . }}{{ end }}.',
    description:
      'Nothing can be started, stopped or probed there, and pausewatch is blind to the pods. Look at the runtime on one of these nodes and at what was rolled out last.',
  },
];
