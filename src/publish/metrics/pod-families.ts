/** The metric families of single pods: exactly one series per family and (namespace, pod), at most six for a healthy one. */
import type { MetricFamily } from './metric-family.ts';

/** Families of pods, in the order of output. */
export const POD_FAMILIES = [
  {
    name: 'pausewatch_pod_sandbox_info',
    kind: 'gauge',
    labels: ['namespace', 'pod', 'uid', 'pid_mode', 'runtime_handler', 'image', 'version'],
    help: 'The sandbox that holds the pod up and its pause image, labels empty where unknown; always 1.',
  },
  {
    name: 'pausewatch_pod_pause_up',
    kind: 'gauge',
    labels: ['namespace', 'pod'],
    help: 'Whether the pause process is alive and sane (1) or not (0); absent where there is none by design or it is unknown.',
  },
  {
    name: 'pausewatch_pod_zombies',
    kind: 'gauge',
    labels: ['namespace', 'pod'],
    help: 'Processes of the pod that are dead and not reaped, seen in two looks; absent after one look.',
  },
  {
    name: 'pausewatch_container_zombies',
    kind: 'gauge',
    labels: ['namespace', 'pod', 'container'],
    help: 'The same per container; only of pods that had zombies within the last hour.',
  },
  {
    name: 'pausewatch_pod_oldest_zombie_first_seen_timestamp_seconds',
    kind: 'gauge',
    labels: ['namespace', 'pod'],
    help: 'When the oldest zombie of the pod was first seen, in seconds since the epoch; absent without zombies.',
  },
  {
    name: 'pausewatch_pod_pids',
    kind: 'gauge',
    labels: ['namespace', 'pod'],
    help: 'Tasks charged to the pod, zombies included; absent while its cgroup cannot be read.',
  },
  {
    name: 'pausewatch_pod_pids_utilization_ratio',
    kind: 'gauge',
    labels: ['namespace', 'pod'],
    help: 'Largest share of a PID limit in use, over the cgroups of the pod and its containers; 0 without a limit, absent while no cgroup can be read.',
  },
  {
    name: 'pausewatch_pod_finding',
    kind: 'gauge',
    labels: ['namespace', 'pod', 'finding', 'level'],
    help: '1 while a confirmed finding holds for the pod, its worst level; absent otherwise.',
  },
] as const satisfies readonly MetricFamily[];
