/** Recording rules: what dashboards and questions about a whole fleet read instead of every node's series. */
import type { Recording } from './alert.ts';

/** Everything that is asked across nodes; one series per cluster (and pool, namespace, image, finding). */
export const RECORDINGS: readonly Recording[] = [
  { record: 'cluster:pausewatch_agents:count', expr: 'count by (cluster, pool, version) (pausewatch_build_info)' },
  {
    record: 'cluster:pausewatch_nodes_without_source:count',
    expr: 'count by (cluster, pool, source) (max without (endpoint) (pausewatch_source_up) == 0) or 0 * count by (cluster, pool, source) (pausewatch_source_up)',
  },
  {
    record: 'cluster:pausewatch_runtimes:count',
    expr: 'count by (cluster, pool, name, version) (pausewatch_runtime_info)',
  },
  { record: 'cluster:pausewatch_sandboxes:sum', expr: 'sum by (cluster, pool, state) (pausewatch_sandboxes)' },
  { record: 'cluster:pausewatch_findings:sum', expr: 'sum by (cluster, pool, finding) (pausewatch_findings)' },
  {
    record: 'cluster:pausewatch_findings_nodes:count',
    expr: 'count by (cluster, pool, finding) (pausewatch_findings > 0) or 0 * count by (cluster, pool, finding) (pausewatch_findings)',
  },
  { record: 'cluster:pausewatch_node_zombies:sum', expr: 'sum by (cluster, pool, held_by) (pausewatch_node_zombies)' },
  {
    record: 'cluster:pausewatch_pause_deaths:increase1h',
    expr: 'sum by (cluster, pool, reason) (increase(pausewatch_pause_deaths_total[${60m}]))',
  },
  {
    record: 'cluster:pausewatch_sandboxes_seen:increase1h',
    expr: 'sum by (cluster, pool) (increase(pausewatch_sandboxes_seen_total[${60m}]))',
  },
  {
    record: 'cluster:pausewatch_pids_limit_hits:increase1h',
    expr: 'sum by (cluster, pool) (increase(pausewatch_pids_limit_hits_total[${60m}]))',
  },
  {
    record: 'cluster_namespace:pausewatch_pod_zombies:sum',
    expr: 'sum by (cluster, namespace) (pausewatch_pod_zombies)',
  },
  { record: 'cluster_namespace:pausewatch_pod_pids:sum', expr: 'sum by (cluster, namespace) (pausewatch_pod_pids)' },
  {
    record: 'cluster_namespace:pausewatch_pod_findings:count',
    expr: 'count by (cluster, namespace, finding) (max without (level) (pausewatch_pod_finding))',
  },
  {
    record: 'cluster_image:pausewatch_pause_image_sandboxes:sum',
    expr: 'sum by (cluster, image, version) (pausewatch_pause_image_sandboxes)',
  },
  { record: 'node:pausewatch_pids_utilization:ratio', expr: 'pausewatch_node_pids / pausewatch_node_pids_limit' },
];
