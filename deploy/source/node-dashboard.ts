/** Node: every pod of a node, its pause, its zombies, its headroom. */
import type { DashboardSpec } from './dashboard.ts';

const IN = 'node="$node"';

/** The dashboard of one node. */
export const NODE_DASHBOARD: DashboardSpec = {
  uid: 'pausewatch-node',
  title: 'pausewatch / Node',
  description: 'One node: every pod, its pause, its zombies, its PID headroom, and the agent itself.',
  variables: [{ name: 'node', metric: 'pausewatch_build_info', label: 'node', many: false }],
  panels: [
    {
      title: 'Findings of the node',
      description:
        'Every finding that holds on this node and for how many subjects. Empty is good, if the sources next to it are up.',
      kind: 'bargauge',
      width: 8,
      height: 8,
      thresholds: [1, 10],
      queries: [{ expr: `sort_desc(pausewatch_findings{${IN}} > 0)`, legend: '{{finding}}' }],
    },
    {
      title: 'Sources',
      description:
        '1 where the agent can read runtime, procfs and cgroupfs, 0 where not: then what rests on it is unknown.',
      kind: 'stat',
      width: 4,
      height: 8,
      queries: [{ expr: `pausewatch_source_up{${IN}}`, legend: '{{source}}' }],
    },
    {
      title: 'Could not be judged',
      description:
        'Subjects some rule could not judge in the last audit, by cause: neither fine nor a finding. denied is normal without SYS_PTRACE.',
      kind: 'stat',
      width: 4,
      height: 8,
      queries: [{ expr: `pausewatch_unjudged_subjects{${IN}} > 0`, legend: '{{reason}}' }],
    },
    {
      title: 'PIDs of the node',
      description: 'Tasks of the node and of all pods against their limits. When they meet, nothing starts any more.',
      kind: 'timeseries',
      width: 8,
      height: 8,
      queries: [
        { expr: `pausewatch_node_pids{${IN}}`, legend: 'node' },
        { expr: `pausewatch_node_pids_limit{${IN}}`, legend: 'limit of the node' },
        { expr: `pausewatch_kubepods_pids{${IN}}`, legend: 'all pods' },
        { expr: `pausewatch_kubepods_pids_limit{${IN}}`, legend: 'limit of all pods' },
      ],
    },
    {
      title: 'Pods with findings',
      description:
        'Each finding of each pod with its level. What it means and what to do: docs/findings, or /runbooks of the agent.',
      kind: 'table',
      width: 12,
      height: 9,
      columns: ['namespace', 'pod', 'finding', 'level'],
      queries: [{ expr: `pausewatch_pod_finding{${IN}}` }],
    },
    {
      title: 'Pods whose pause is not up',
      description: 'Pause dead, stopped or otherwise not sane. Pods that have none by design do not appear.',
      kind: 'table',
      width: 12,
      height: 9,
      columns: ['namespace', 'pod'],
      queries: [{ expr: `pausewatch_pod_pause_up{${IN}} == 0` }],
    },
    {
      title: 'Every pod',
      description:
        'PID mode, runtime class and pause image of each pod, with its zombies (A), its tasks (B) and the share of its PID limit (C).',
      kind: 'table',
      width: 24,
      height: 12,
      columns: ['namespace', 'pod', 'pid_mode', 'runtime_handler', 'image', 'version'],
      queries: [
        {
          expr: `pausewatch_pod_sandbox_info{${IN}} * on (namespace, pod, node) group_left () pausewatch_pod_zombies{${IN}}`,
        },
        {
          expr: `pausewatch_pod_sandbox_info{${IN}} * on (namespace, pod, node) group_left () pausewatch_pod_pids{${IN}}`,
        },
        {
          expr: `pausewatch_pod_sandbox_info{${IN}} * on (namespace, pod, node) group_left () pausewatch_pod_pids_utilization_ratio{${IN}}`,
        },
      ],
    },
    {
      title: 'Zombies of pods',
      description: 'Unreaped processes of each pod. A sawtooth is a program that waits late; a ramp is a leak.',
      kind: 'timeseries',
      width: 12,
      height: 9,
      queries: [{ expr: `topk(10, pausewatch_pod_zombies{${IN}} > 0)`, legend: '{{namespace}}/{{pod}}' }],
    },
    {
      title: 'Zombies of containers',
      description: 'Which container of a pod holds them; only of pods that had zombies within the last hour.',
      kind: 'timeseries',
      width: 12,
      height: 9,
      queries: [
        { expr: `topk(10, pausewatch_container_zombies{${IN}} > 0)`, legend: '{{namespace}}/{{pod}} {{container}}' },
      ],
    },
    {
      title: 'Zombies by who holds them',
      description: 'All zombies of the node. What is not in pods is the runtime, the host, or could not be attributed.',
      kind: 'timeseries',
      width: 8,
      height: 8,
      queries: [{ expr: `pausewatch_node_zombies{${IN}}`, legend: '{{held_by}}' }],
    },
    {
      title: 'Age of the oldest zombie',
      description:
        'How long ago the oldest zombie of each pod was first seen; after a restart of the agent it starts again.',
      kind: 'bargauge',
      width: 8,
      height: 8,
      unit: 's',
      queries: [
        {
          expr: `topk(10, time() - pausewatch_pod_oldest_zombie_first_seen_timestamp_seconds{${IN}})`,
          legend: '{{namespace}}/{{pod}}',
        },
      ],
    },
    {
      title: 'PID headroom',
      description: 'Share of a PID limit in use, of the ten pods closest to theirs. Pods without a limit stay at 0.',
      kind: 'bargauge',
      width: 8,
      height: 8,
      unit: 'percentunit',
      thresholds: [0.8, 0.95],
      queries: [{ expr: `topk(10, pausewatch_pod_pids_utilization_ratio{${IN}})`, legend: '{{namespace}}/{{pod}}' }],
    },
    {
      title: 'Pause images of the node',
      description:
        'Sandboxes (A), whether it is pinned (B) and whether it is the configured one (C). Several rows are drift.',
      kind: 'table',
      width: 16,
      height: 8,
      columns: ['image', 'version'],
      queries: [
        { expr: `pausewatch_pause_image_sandboxes{${IN}}` },
        { expr: `pausewatch_pause_image_pinned{${IN}}` },
        { expr: `pausewatch_pause_image_configured{${IN}}` },
      ],
    },
    {
      title: 'Pause programs that run',
      description:
        'Sandboxes by the hash of the program that really runs as pause; only where it may be read. One image is one hash.',
      kind: 'table',
      width: 8,
      height: 8,
      columns: ['sha256'],
      queries: [{ expr: `pausewatch_pause_binary_sandboxes{${IN}}` }],
    },
    {
      title: 'The agent: age of the last audit',
      description: 'Seconds since the node was last looked at. Above three intervals the series of pods are withdrawn.',
      kind: 'timeseries',
      width: 8,
      height: 7,
      unit: 's',
      queries: [{ expr: `time() - pausewatch_last_audit_timestamp_seconds{${IN}}`, legend: 'age' }],
    },
    {
      title: 'The agent: phases of an audit',
      description:
        'How long each phase took the last time. The runtime slow: look at its shims. The kernel slow: many processes.',
      kind: 'timeseries',
      width: 8,
      height: 7,
      unit: 's',
      queries: [{ expr: `pausewatch_audit_duration_seconds{${IN}}`, legend: '{{phase}}' }],
    },
    {
      title: 'The agent: memory and faults',
      description:
        'Resident memory, and things that could not be read per second. Faults that rise all the time deserve a look at the log.',
      kind: 'timeseries',
      width: 8,
      height: 7,
      queries: [
        { expr: `process_resident_memory_bytes{${IN},job="pausewatch"}`, legend: 'memory (bytes)' },
        {
          expr: `sum by (source, code) (rate(pausewatch_source_faults_total{${IN}}[5m])) > 0`,
          legend: '{{source}} {{code}}',
        },
      ],
    },
  ],
};
