/** Tickets to those who run the nodes: agents that are absent, blind or late, leaks, and pause images. */
import type { Alert } from './alert.ts';

/** Leaks: each alone is litter, many are a fault of the runtime. */
const LEAKS = 'sandbox-leaked-notready|sandbox-leaked-ready|sandbox-duplicate|shim-orphaned';

const PLATFORM = { severity: 'warning', owner: 'platform' } as const;

/** About the agent itself. */
const AGENT_ALERTS: readonly Alert[] = [
  {
    ...PLATFORM,
    name: 'PausewatchAgentDown',
    expr: 'up{job="pausewatch"} == 0',
    forMinutes: 15,
    keepMinutes: 10,
    runbook: 'install.md',
    summary: 'The pausewatch agent of {{ $labels.node }} does not answer Prometheus.',
    description:
      'Nothing is known about the pauses of this node. Look at the pod of the agent and its log; check the NetworkPolicy if it is ready.',
  },
  {
    ...PLATFORM,
    name: 'PausewatchAgentAbsent',
    expr: 'max by (cluster, node) (kube_node_info) unless on (cluster, node) max by (cluster, node) (up{job="pausewatch"})',
    forMinutes: 30,
    keepMinutes: 10,
    runbook: 'install.md',
    summary: 'No pausewatch agent runs on node {{ $labels.node }}.',
    description:
      'The DaemonSet has no pod there: look at its events for taints, quota of the priority class, or an image that cannot be pulled. Needs kube-state-metrics; nodes on which it shall not run are left out by their name.',
  },
  {
    ...PLATFORM,
    name: 'PausewatchNoAgents',
    expr: 'absent(up{job="pausewatch"})',
    forMinutes: 15,
    keepMinutes: 0,
    runbook: 'install.md',
    summary: 'Prometheus knows no pausewatch agent at all.',
    description: 'Either pausewatch was removed, or the PodMonitor or scrape configuration does not match any more.',
  },
  {
    ...PLATFORM,
    name: 'PausewatchAgentBlind',
    expr: 'max without (endpoint) (pausewatch_source_up) == 0',
    forMinutes: 10,
    keepMinutes: 10,
    runbook: 'findings/runtime-unreachable.md',
    summary: 'The agent of {{ $labels.node }} cannot read its source {{ $labels.source }}.',
    description:
      'What rests on it is unknown there. If it is the runtime: is it running, and is its socket where the DaemonSet mounts it?',
  },
  {
    ...PLATFORM,
    name: 'PausewatchAuditsStale',
    expr: 'time() - pausewatch_last_audit_timestamp_seconds > 300 * SCALE',
    forMinutes: 5,
    keepMinutes: 10,
    runbook: 'install.md',
    summary: 'The last audit of {{ $labels.node }} is {{ $value | humanizeDuration }} old.',
    description:
      'The agent serves metrics but no longer looks at the node. Its log says where an audit is stuck; restarting the pod is safe.',
  },
  {
    ...PLATFORM,
    name: 'PausewatchSeriesDropped',
    expr: 'increase(pausewatch_series_dropped_total[${15m}]) > 0',
    forMinutes: 15,
    keepMinutes: 30,
    runbook: 'scale.md',
    summary: 'Pods of {{ $labels.node }} are missing in the metrics.',
    description:
      'The node has more series than --metrics.max-series allows. Raise it, and the sampleLimit of the scrape with it.',
  },
];

/** About what is left behind. */
const LEAK_ALERTS: readonly Alert[] = [
  {
    ...PLATFORM,
    name: 'PausewatchLeaksOnNode',
    expr: `sum without (finding) (pausewatch_findings{finding=~"${LEAKS}"}) >= 20`,
    forMinutes: 60,
    keepMinutes: 30,
    runbook: 'findings/sandbox-leaked-notready.md',
    summary: 'Node {{ $labels.node }} holds {{ $value }} leaked sandboxes and shims.',
    description:
      'Each keeps a cgroup, an address or a process, and the lists of the runtime grow slow. Remove them with crictl rmp after looking at one, and find what stops their removal.',
  },
  {
    ...PLATFORM,
    name: 'PausewatchLeaksOnManyNodes',
    expr: `count by (cluster, pool, finding) (pausewatch_findings{finding=~"${LEAKS}"} > 0) >= 10`,
    forMinutes: 60,
    keepMinutes: 30,
    runbook: 'findings/sandbox-leaked-notready.md',
    summary: '{{ $labels.finding }} on {{ $value }} nodes{{ with $labels.pool }} of {{ . }}{{ end }}.',
    description:
      'What leaks on many nodes is a fault of a version and not of a node: compare the runtime versions on the fleet dashboard.',
  },
];

/** Image alerts ask the nodes' findings too, so that what the policy allows stays allowed. */
function onNodesWith(finding: string, images: string): string {
  return `count by (cluster, image) (${images} and on (cluster, node) pausewatch_findings{finding="${finding}"} > 0)`;
}

/** About images: once per cluster and image, never per node. */
const IMAGE_ALERTS: readonly Alert[] = [
  {
    ...PLATFORM,
    name: 'PausewatchPauseImageUnpinned',
    expr: onNodesWith(
      'pause-image-unpinned',
      '(pausewatch_pause_image_pinned == 0 and pausewatch_pause_image_configured == 1)',
    ),
    forMinutes: 60,
    keepMinutes: 60,
    runbook: 'findings/pause-image-unpinned.md',
    summary: 'Pause image {{ $labels.image }} is not protected from garbage collection on {{ $value }} nodes.',
    description:
      'When a disk fills, the kubelet may delete it, and no pod starts until it is pulled again. Pin it in the node image, with a runtime that pins its sandbox image.',
  },
  {
    ...PLATFORM,
    name: 'PausewatchPauseImageLegacyRegistry',
    expr: onNodesWith(
      'pause-image-legacy-registry',
      'pausewatch_pause_image_sandboxes{image=~"(k8s[.]gcr[.]io|gcr[.]io/google[_-]containers)/.*"}',
    ),
    forMinutes: 60,
    keepMinutes: 60,
    runbook: 'findings/pause-image-legacy-registry.md',
    summary: 'Pause image {{ $labels.image }} comes from a frozen registry, on {{ $value }} nodes.',
    description:
      'No newer version will appear there, and a node that must pull may fail. Configure registry.k8s.io/pause as sandbox image.',
  },
  {
    ...PLATFORM,
    name: 'PausewatchPauseImageTooOld',
    expr: onNodesWith('pause-image-too-old', 'pausewatch_pause_image_sandboxes{version=~"([0-2]|3[.]0)([.-].*)?"}'),
    forMinutes: 60,
    keepMinutes: 60,
    runbook: 'findings/pause-image-too-old.md',
    summary: 'Pause image {{ $labels.image }} is too old to reap, on {{ $value }} nodes.',
    description:
      'Pods that share their PID namespace keep every orphan that dies. Set the sandbox image to pause 3.1 or later in the node image and recreate the pods.',
  },
  {
    ...PLATFORM,
    name: 'PausewatchPauseImageDrift',
    expr: onNodesWith(
      'pause-image-config-mismatch',
      '(pausewatch_pause_image_sandboxes > 0 and pausewatch_pause_image_configured == 0)',
    ),
    forMinutes: 360,
    keepMinutes: 60,
    runbook: 'findings/pause-image-config-mismatch.md',
    summary:
      'Pods still run on pause image {{ $labels.image }}, which is not the configured one, on {{ $value }} nodes.',
    description:
      'Pods keep the pause they were started with. Drain these nodes at your next maintenance; if kubelet and runtime name different images, align them first.',
  },
];

/** All of them; `scale` as in growthAlerts. */
export function platformAlerts(scale: number): readonly Alert[] {
  const alerts = [...AGENT_ALERTS, ...LEAK_ALERTS, ...IMAGE_ALERTS];
  return alerts.map((alert) => ({ ...alert, expr: alert.expr.replace('300 * SCALE', String(300 * scale)) }));
}
