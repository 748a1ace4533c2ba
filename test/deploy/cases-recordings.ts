/** What each recording rule answers for a small fleet of two nodes. */
import { RECORDINGS } from '../../deploy/source/recordings.ts';
import { target } from './rule-case.ts';

function series(name: string, labels: Readonly<Record<string, string>>, values: string): object {
  const text = Object.entries(labels).map(([key, value]) => `${key}="${value}"`);
  return { series: `${name}{${text.join(',')}}`, values };
}

const NODES = [target('node-1'), target('node-2')] as const;
const IMAGE = { image: 'registry.k8s.io/pause:3.10', image_id: 'sha256:1', version: '3.10' };

const INPUT = NODES.flatMap((node, i) => [
  series('pausewatch_build_info', { version: '0.1.0', ...node }, '1x90'),
  series('pausewatch_source_up', { source: 'runtime', endpoint: 'unix:///a', ...node }, `${i}x90`),
  series('pausewatch_runtime_info', { endpoint: 'unix:///a', name: 'containerd', version: '1.7.24', ...node }, '1x90'),
  series('pausewatch_sandboxes', { state: 'ready', ...node }, '110x90'),
  series('pausewatch_findings', { finding: 'pause-stopped', ...node }, `${3 * i}x90`),
  series('pausewatch_node_zombies', { held_by: 'pod', ...node }, '4x90'),
  series('pausewatch_pause_deaths_total', { reason: 'oom', ...node }, '0+1x90'),
  series('pausewatch_sandboxes_seen_total', node, '0+2x90'),
  series('pausewatch_pids_limit_hits_total', node, '0+3x90'),
  series('pausewatch_pod_zombies', { namespace: 'shop', pod: `p-${i}`, ...node }, '5x90'),
  series('pausewatch_pod_pids', { namespace: 'shop', pod: `p-${i}`, ...node }, '50x90'),
  series(
    'pausewatch_pod_finding',
    { namespace: 'shop', pod: `p-${i}`, finding: 'pause-stopped', level: 'warning', ...node },
    '1x90',
  ),
  series('pausewatch_pause_image_sandboxes', { ...IMAGE, ...node }, '110x90'),
  series('pausewatch_node_pids', node, '2048x90'),
  series('pausewatch_node_pids_limit', node, '32768x90'),
]);

/** Recorded name, labels of each series, its value. */
const ANSWERS: Readonly<Record<string, readonly (readonly [labels: string, value: number])[]>> = {
  'cluster:pausewatch_agents:count': [['{version="0.1.0"}', 2]],
  'cluster:pausewatch_nodes_without_source:count': [['{source="runtime"}', 1]],
  'cluster:pausewatch_runtimes:count': [['{name="containerd",version="1.7.24"}', 2]],
  'cluster:pausewatch_sandboxes:sum': [['{state="ready"}', 220]],
  'cluster:pausewatch_findings:sum': [['{finding="pause-stopped"}', 3]],
  'cluster:pausewatch_findings_nodes:count': [['{finding="pause-stopped"}', 1]],
  'cluster:pausewatch_node_zombies:sum': [['{held_by="pod"}', 8]],
  'cluster:pausewatch_pause_deaths:increase1h': [['{reason="oom"}', 120]],
  'cluster:pausewatch_sandboxes_seen:increase1h': [['', 240]],
  'cluster:pausewatch_pids_limit_hits:increase1h': [['', 360]],
  'cluster_namespace:pausewatch_pod_zombies:sum': [['{namespace="shop"}', 10]],
  'cluster_namespace:pausewatch_pod_pids:sum': [['{namespace="shop"}', 100]],
  'cluster_namespace:pausewatch_pod_findings:count': [['{finding="pause-stopped",namespace="shop"}', 2]],
  'cluster_image:pausewatch_pause_image_sandboxes:sum': [[`{image="${IMAGE.image}",version="3.10"}`, 220]],
  'node:pausewatch_pids_utilization:ratio': NODES.map(({ node }) => [
    `{instance="${node}",job="pausewatch",node="${node}"}`,
    0.0625,
  ]),
};

/** One test of promtool's that asks for every recorded series; a rule without an answer here fails to be told. */
export const RECORDING_TESTS: readonly object[] = [
  {
    interval: '1m',
    input_series: INPUT,
    promql_expr_test: RECORDINGS.map(({ record }) => ({
      expr: record,
      eval_time: '80m',
      exp_samples: (ANSWERS[record] ?? []).map(([labels, value]) => ({ labels: `${record}${labels}`, value })),
    })),
  },
];
