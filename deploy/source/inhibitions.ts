/** Which alerts Alertmanager keeps back because another one explains them. */
import { NODE_FINDING_ALERTS, POD_FINDING_ALERTS } from './finding-alerts.ts';
import { renderYaml } from './rules.ts';

/** One inhibition; `equal` labels that both lack count as equal. */
interface Inhibition {
  readonly source_matchers: readonly string[];
  readonly target_matchers: readonly string[];
  readonly equal: readonly string[];
}

const OF_PODS = [
  ...POD_FINDING_ALERTS.map(({ name }) => name),
  'PausewatchZombieBuildup',
  'PausewatchPidLimitByZombies',
];
const OF_NODE = [...OF_PODS, ...NODE_FINDING_ALERTS.map(({ name }) => name), 'PausewatchLeaksOnNode'];
const OF_AGENT = ['PausewatchAgentDown', 'PausewatchAgentAbsent', 'PausewatchAgentBlind', 'PausewatchAuditsStale'];

function named(names: readonly string[]): readonly string[] {
  return [`alertname=~"${names.join('|')}"`];
}

const INHIBITIONS: readonly Inhibition[] = [
  {
    source_matchers: named(['KubeNodeNotReady', 'KubeNodeUnreachable']),
    target_matchers: named([...OF_NODE, ...OF_AGENT, 'PausewatchNodePidExhaustion']),
    equal: ['cluster', 'node'],
  },
  { source_matchers: named(['PausewatchAgentBlind']), target_matchers: named(OF_NODE), equal: ['cluster', 'node'] },
  {
    source_matchers: named(['PausewatchNodePidExhaustion']),
    target_matchers: named(OF_PODS),
    equal: ['cluster', 'node'],
  },
  {
    source_matchers: named(['PausewatchPauseImageMissingWidely']),
    target_matchers: named(['PausewatchPauseImageMissing']),
    equal: ['cluster', 'pool'],
  },
  {
    source_matchers: named(['PausewatchRuntimesDown']),
    target_matchers: named(['PausewatchAgentBlind']),
    equal: ['cluster', 'pool'],
  },
  {
    source_matchers: named(['PausewatchNoAgents']),
    target_matchers: named(['PausewatchAgentAbsent']),
    equal: ['cluster'],
  },
];

/** A fragment of alertmanager.yml. */
export function renderInhibitions(): string {
  return renderYaml({ inhibit_rules: INHIBITIONS });
}
