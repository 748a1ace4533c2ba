/** The metric families about the node as a whole: its runtimes, pause images, process counts and findings. */
import type { MetricFamily } from './metric-family.ts';

/** Families of the node, in the order of output. */
export const NODE_FAMILIES = [
  {
    name: 'pausewatch_policy_info',
    kind: 'gauge',
    labels: ['hash'],
    help: 'The policy findings are judged by; always 1.',
  },
  {
    name: 'pausewatch_runtime_info',
    kind: 'gauge',
    labels: ['endpoint', 'name', 'version', 'flavour', 'arch'],
    help: 'The container runtimes of the node; always 1.',
  },
  {
    name: 'pausewatch_unjudged_subjects',
    kind: 'gauge',
    labels: ['reason'],
    help: 'Subjects that some rule could not judge in the last audit, by cause: neither fine nor a finding.',
  },
  {
    name: 'pausewatch_sandboxes',
    kind: 'gauge',
    labels: ['state'],
    help: 'Pod sandboxes the runtimes list.',
  },
  {
    name: 'pausewatch_sandboxes_seen_total',
    kind: 'counter',
    labels: [],
    help: 'Pod sandboxes seen for the first time since the agent started, those of its first audit included.',
  },
  {
    name: 'pausewatch_pause_deaths_total',
    kind: 'counter',
    labels: ['reason'],
    help: 'Pause processes that died although nobody stopped their sandbox, since the agent started, by cause of death; unknown where the runtime does not say.',
  },
  {
    name: 'pausewatch_findings',
    kind: 'gauge',
    labels: ['finding'],
    help: 'Subjects (node, image, sandbox, container, process, shim) for which a confirmed finding holds.',
  },
  {
    name: 'pausewatch_pause_image_sandboxes',
    kind: 'gauge',
    labels: ['image', 'image_id', 'version'],
    help: 'Sandboxes that run on the pause image.',
  },
  {
    name: 'pausewatch_pause_image_pinned',
    kind: 'gauge',
    labels: ['image', 'image_id', 'version'],
    help: 'Whether the pause image is protected from garbage collection; absent where the runtime cannot tell.',
  },
  {
    name: 'pausewatch_pause_image_configured',
    kind: 'gauge',
    labels: ['image', 'image_id', 'version'],
    help: 'Whether the pause image is the one the runtime is configured with.',
  },
  {
    name: 'pausewatch_pause_binary_sandboxes',
    kind: 'gauge',
    labels: ['sha256'],
    help: 'Sandboxes whose running pause program has this hash; only of those that could be read.',
  },
  {
    name: 'pausewatch_node_zombies',
    kind: 'gauge',
    labels: ['held_by'],
    help: 'Zombies of the node seen in two looks, by who holds them; absent after one look.',
  },
  {
    name: 'pausewatch_node_pids',
    kind: 'gauge',
    labels: [],
    help: 'Tasks of the node, zombies included; absent without /proc.',
  },
  {
    name: 'pausewatch_node_pids_limit',
    kind: 'gauge',
    labels: [],
    help: 'Smaller of pid_max and threads-max; absent when it cannot be trusted.',
  },
  {
    name: 'pausewatch_kubepods_pids',
    kind: 'gauge',
    labels: [],
    help: 'Tasks charged to all pods together; absent when there is no common cgroup.',
  },
  {
    name: 'pausewatch_kubepods_pids_limit',
    kind: 'gauge',
    labels: [],
    help: 'PID limit of all pods together; absent without one.',
  },
  {
    name: 'pausewatch_pids_limit_hits_total',
    kind: 'counter',
    labels: [],
    help: 'Forks refused under a PID limit since the agent started, summed over pods.',
  },
  {
    name: 'pausewatch_series_dropped_total',
    kind: 'counter',
    labels: [],
    help: 'Series of pods left out under --metrics.max-series, summed over audits; anything above 0 means pods are missing.',
  },
] as const satisfies readonly MetricFamily[];
