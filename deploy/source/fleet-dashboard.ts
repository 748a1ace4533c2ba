/** Fleet: where is it bad, which images run where, zombies over time, who leaks most. */
import type { DashboardSpec } from './dashboard.ts';

/** Clusters chosen; matches also where no label cluster exists. */
const IN = 'cluster=~"$cluster"';

/** The dashboard of all nodes. It reads recorded series, so that it costs the same for ten nodes and for five thousand. */
export const FLEET_DASHBOARD: DashboardSpec = {
  uid: 'pausewatch-fleet',
  title: 'pausewatch / Fleet',
  description: 'The pauses of all nodes: where it is bad, which images run, who leaks zombies.',
  variables: [{ name: 'cluster', metric: 'cluster:pausewatch_agents:count', label: 'cluster', many: true }],
  panels: [
    {
      title: 'Agents',
      description: 'Nodes on which an agent answers. Fewer than nodes in the cluster: somewhere nobody looks.',
      kind: 'stat',
      width: 4,
      height: 5,
      queries: [{ expr: `sum(cluster:pausewatch_agents:count{${IN}})`, legend: 'agents' }],
    },
    {
      title: 'Nodes that are blind',
      description:
        'Nodes where the agent cannot read a source, most often the runtime. What rests on it is unknown there, not fine.',
      kind: 'stat',
      width: 4,
      height: 5,
      thresholds: [1, 5],
      queries: [
        { expr: `sum by (source) (cluster:pausewatch_nodes_without_source:count{${IN}})`, legend: '{{source}}' },
      ],
    },
    {
      title: 'Sandboxes',
      description: 'Sandboxes the runtimes list. Not ready ones are normal for finished pods and leaks when they stay.',
      kind: 'stat',
      width: 4,
      height: 5,
      queries: [{ expr: `sum by (state) (cluster:pausewatch_sandboxes:sum{${IN}})`, legend: '{{state}}' }],
    },
    {
      title: 'Zombies',
      description: 'Dead processes nobody has collected, on all nodes. Some are always there; a rising line is a leak.',
      kind: 'stat',
      width: 4,
      height: 5,
      queries: [{ expr: `sum(cluster:pausewatch_node_zombies:sum{${IN}})`, legend: 'zombies' }],
    },
    {
      title: 'Pauses that died',
      description:
        'Pause processes that died before their sandbox was stopped, in the last hour, by cause. Should be zero.',
      kind: 'stat',
      width: 4,
      height: 5,
      thresholds: [1, 10],
      queries: [{ expr: `sum by (reason) (cluster:pausewatch_pause_deaths:increase1h{${IN}})`, legend: '{{reason}}' }],
    },
    {
      title: 'Forks refused',
      description:
        'Forks refused under a PID limit in the last hour. Each was a program that could not start something.',
      kind: 'stat',
      width: 4,
      height: 5,
      thresholds: [1, 100],
      queries: [{ expr: `sum(cluster:pausewatch_pids_limit_hits:increase1h{${IN}})`, legend: 'refused' }],
    },
    {
      title: 'Nodes by finding',
      description:
        'On how many nodes each finding holds. Read it first: one finding on many nodes is a fault of an image or version.',
      kind: 'bargauge',
      width: 12,
      height: 10,
      thresholds: [1, 10],
      queries: [
        {
          expr: `sort_desc(sum by (finding) (cluster:pausewatch_findings_nodes:count{${IN}}) > 0)`,
          legend: '{{finding}}',
        },
      ],
    },
    {
      title: 'Worst nodes',
      description:
        'Nodes with the most subjects that have a finding, info ones included. Open them in the Node dashboard.',
      kind: 'table',
      width: 12,
      height: 10,
      columns: ['node'],
      queries: [{ expr: `topk(20, sum by (node) (pausewatch_findings{${IN}}) > 0)` }],
    },
    {
      title: 'Zombies over time, by who holds them',
      description:
        'pod: a container or pause does not reap. runtime: a shim or monitor. host: PID 1 of the node or a daemon.',
      kind: 'timeseries',
      width: 12,
      height: 9,
      queries: [{ expr: `sum by (held_by) (cluster:pausewatch_node_zombies:sum{${IN}})`, legend: '{{held_by}}' }],
    },
    {
      title: 'Zombies over time, by namespace',
      description: 'The ten namespaces with the most zombies: whose workloads do not wait for their children.',
      kind: 'timeseries',
      width: 12,
      height: 9,
      queries: [
        {
          expr: `topk(10, sum by (namespace) (cluster_namespace:pausewatch_pod_zombies:sum{${IN}}) > 0)`,
          legend: '{{namespace}}',
        },
      ],
    },
    {
      title: 'Who leaks most',
      description:
        'Pods with the most zombies and how many more they have than an hour ago. Growth matters more than the level.',
      kind: 'table',
      width: 12,
      height: 9,
      columns: ['namespace', 'pod', 'node'],
      queries: [
        { expr: `topk(20, max by (namespace, pod, node) (pausewatch_pod_zombies{${IN}}) > 0)` },
        {
          expr: `max by (namespace, pod, node) (pausewatch_pod_zombies{${IN}} - pausewatch_pod_zombies{${IN}} offset 1h) > 0`,
        },
      ],
    },
    {
      title: 'Findings of pods, by namespace',
      description: 'Pods with a finding, by namespace and finding. The owner of the namespace is who gets the ticket.',
      kind: 'table',
      width: 12,
      height: 9,
      columns: ['namespace', 'finding'],
      queries: [
        { expr: `sort_desc(sum by (namespace, finding) (cluster_namespace:pausewatch_pod_findings:count{${IN}}))` },
      ],
    },
    {
      title: 'Pause images',
      description:
        'Sandboxes on each pause image. More than one image on a cluster is drift; those before 3.1 do not reap.',
      kind: 'table',
      width: 12,
      height: 9,
      columns: ['image', 'version'],
      queries: [
        { expr: `sort_desc(sum by (image, version) (cluster_image:pausewatch_pause_image_sandboxes:sum{${IN}}))` },
      ],
    },
    {
      title: 'Runtimes',
      description: 'Nodes by container runtime and version. Leaks and stuck shims are often faults of one version.',
      kind: 'table',
      width: 6,
      height: 9,
      columns: ['name', 'version'],
      queries: [{ expr: `sort_desc(sum by (name, version) (cluster:pausewatch_runtimes:count{${IN}}))` }],
    },
    {
      title: 'PIDs of nodes',
      description:
        'Nodes closest to their PID limit. Above 0.9 nothing new starts soon. Absent where the limit cannot be trusted (--node.pid-max).',
      kind: 'bargauge',
      width: 6,
      height: 9,
      unit: 'percentunit',
      thresholds: [0.7, 0.9],
      queries: [{ expr: `topk(10, node:pausewatch_pids_utilization:ratio{${IN}})`, legend: '{{node}}' }],
    },
    {
      title: 'Sandboxes made',
      description:
        'Sandboxes seen for the first time, per hour. A steady high line without deployments is a pod that cannot keep its sandbox.',
      kind: 'timeseries',
      width: 12,
      height: 8,
      queries: [
        { expr: `sum by (pool) (cluster:pausewatch_sandboxes_seen:increase1h{${IN}})`, legend: 'made {{pool}}' },
      ],
    },
    {
      title: 'Tasks by namespace',
      description: 'The ten namespaces with the most tasks, zombies included: who uses the PIDs of the fleet.',
      kind: 'timeseries',
      width: 12,
      height: 8,
      queries: [
        {
          expr: `topk(10, sum by (namespace) (cluster_namespace:pausewatch_pod_pids:sum{${IN}}))`,
          legend: '{{namespace}}',
        },
      ],
    },
  ],
};
