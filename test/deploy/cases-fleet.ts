/** Stories about many nodes, about agents, and about images. */
import { always, during, type Labels, type RuleCase, type Series, target } from './rule-case.ts';

/** Build info of so many nodes: what shares are taken of. */
function agents(count: number, pool?: string): Series[] {
  return Array.from({ length: count }, (_, i) =>
    always('pausewatch_build_info', { version: '0.1.0', ...target(`node-${i}`), ...poolLabel(pool) }),
  );
}

function poolLabel(pool: string | undefined): Labels {
  return pool === undefined ? {} : { pool };
}

/** A finding on the first so many of nodes, until a minute. */
function findingOn(finding: string, nodes: number, until: number, pool?: string): Series[] {
  return Array.from(
    { length: nodes },
    (_, i): Series => ({
      name: 'pausewatch_findings',
      labels: { finding, ...target(`node-${i}`), ...poolLabel(pool) },
      at: (minute) => (minute < until ? 1 : 0),
    }),
  );
}

function widely(alert: string, finding: string): RuleCase[] {
  return [
    {
      title: `${alert}: three nodes of four hundred`,
      minutes: 60,
      series: [...agents(400), ...findingOn(finding, 3, 20)],
      expect: [
        { alert, minute: 4, firing: [] },
        { alert, minute: 10, firing: [{ labels: {}, value: '3' }] },
        { alert, minute: 50, firing: [] },
      ],
    },
    {
      title: `${alert}: two nodes of four hundred are a ticket`,
      minutes: 60,
      series: [...agents(400), ...findingOn(finding, 2, 60)],
      expect: [{ alert, minute: 50, firing: [] }],
    },
    {
      title: `${alert}: one in a hundred of a pool, and the other pool is left alone`,
      minutes: 60,
      series: [
        ...agents(100, 'gpu'),
        ...agents(200, 'web'),
        ...findingOn(finding, 1, 60, 'gpu'),
        ...findingOn(finding, 1, 60, 'web'),
      ],
      expect: [{ alert, minute: 50, firing: [{ labels: { pool: 'gpu' }, value: '1' }] }],
    },
  ];
}

const NODE = target('node-0');
const FINDING_TICKETS: readonly RuleCase[] = [
  {
    title: 'A node that runs out of PIDs wakes somebody',
    minutes: 60,
    series: findingOn('node-pid-exhaustion', 1, 20),
    expect: [
      { alert: 'PausewatchNodePidExhaustion', minute: 1, firing: [] },
      {
        alert: 'PausewatchNodePidExhaustion',
        minute: 5,
        firing: [{ labels: { finding: 'node-pid-exhaustion', ...NODE } }],
      },
      { alert: 'PausewatchNodePidExhaustion', minute: 40, firing: [] },
    ],
  },
  {
    title: 'Refused forks wake somebody in kube-system only',
    minutes: 60,
    series: ['kube-system', 'shop'].map((namespace) =>
      during(
        'pausewatch_pod_finding',
        { namespace, pod: 'p', finding: 'pid-limit-hit', level: 'critical', ...NODE },
        [5, 10],
      ),
    ),
    expect: [
      { alert: 'PausewatchSystemPidLimitHit', minute: 4, firing: [] },
      {
        alert: 'PausewatchSystemPidLimitHit',
        minute: 6,
        firing: [{ labels: { namespace: 'kube-system', pod: 'p', finding: 'pid-limit-hit', ...NODE } }],
      },
      { alert: 'PausewatchSystemPidLimitHit', minute: 40, firing: [] },
    ],
  },
];

function sourceUp(node: number, source: string, endpoint: string, at: Series['at']): Series {
  return { name: 'pausewatch_source_up', labels: { source, endpoint, ...target(`node-${node}`) }, at };
}

function runtimesDown(nodes: number, of: number): Series[] {
  const up = Array.from({ length: of }, (_, i) =>
    sourceUp(i, 'runtime', 'unix:///a', (m) => (i < nodes && m < 20 ? 0 : 1)),
  );
  return [...agents(of), ...up];
}

const AGENT_CASES: readonly RuleCase[] = [
  {
    title: 'Runtimes down on two nodes in a hundred wake somebody',
    minutes: 60,
    series: runtimesDown(2, 100),
    expect: [
      { alert: 'PausewatchRuntimesDown', minute: 4, firing: [] },
      { alert: 'PausewatchRuntimesDown', minute: 10, firing: [{ labels: {}, value: '2%' }] },
      { alert: 'PausewatchRuntimesDown', minute: 40, firing: [] },
    ],
  },
  {
    title: 'One runtime down in a hundred is a ticket; a second endpoint that answers is enough',
    minutes: 60,
    series: [...runtimesDown(1, 100), sourceUp(7, 'runtime', 'unix:///b', () => 0)],
    expect: [
      { alert: 'PausewatchRuntimesDown', minute: 15, firing: [] },
      { alert: 'PausewatchAgentBlind', minute: 9, firing: [] },
      { alert: 'PausewatchAgentBlind', minute: 12, firing: [{ labels: { source: 'runtime', ...NODE } }] },
      { alert: 'PausewatchAgentBlind', minute: 40, firing: [] },
    ],
  },
  {
    title: 'An agent does not answer',
    minutes: 60,
    series: [
      { name: 'up', labels: NODE, at: (minute) => (minute < 20 ? 0 : 1) },
      always('up', target('node-1')),
      always('up', { job: 'node-exporter', node: 'node-2' }, 0),
    ],
    expect: [
      { alert: 'PausewatchAgentDown', minute: 14, firing: [] },
      { alert: 'PausewatchAgentDown', minute: 18, firing: [{ labels: NODE }] },
      { alert: 'PausewatchAgentDown', minute: 40, firing: [] },
      { alert: 'PausewatchNoAgents', minute: 40, firing: [] },
    ],
  },
  {
    title: 'A node has no agent at all',
    minutes: 80,
    series: [
      ...['node-0', 'node-1'].map((node) => always('kube_node_info', { node, instance: 'kube-state-metrics' })),
      always('up', target('node-1')),
      during('up', NODE, [45, 81]),
    ],
    expect: [
      { alert: 'PausewatchAgentAbsent', minute: 29, firing: [] },
      { alert: 'PausewatchAgentAbsent', minute: 40, firing: [{ labels: { node: 'node-0' } }] },
      { alert: 'PausewatchAgentAbsent', minute: 70, firing: [] },
    ],
  },
  {
    title: 'No agent anywhere',
    minutes: 60,
    series: [during('up', NODE, [30, 61])],
    expect: [
      { alert: 'PausewatchNoAgents', minute: 14, firing: [] },
      { alert: 'PausewatchNoAgents', minute: 20, firing: [{ labels: { job: 'pausewatch' } }] },
      { alert: 'PausewatchNoAgents', minute: 40, firing: [] },
    ],
  },
  {
    title: 'An agent that no longer looks',
    minutes: 60,
    series: [
      { name: 'pausewatch_last_audit_timestamp_seconds', labels: NODE, at: (m) => (m < 10 || m > 25 ? m * 60 : 600) },
      { name: 'pausewatch_last_audit_timestamp_seconds', labels: target('node-1'), at: (m) => m * 60 - 15 },
    ],
    expect: [
      { alert: 'PausewatchAuditsStale', minute: 15, firing: [] },
      { alert: 'PausewatchAuditsStale', minute: 22, firing: [{ labels: NODE, value: '12m 0s' }] },
      { alert: 'PausewatchAuditsStale', minute: 50, firing: [] },
    ],
  },
  {
    title: 'Series are dropped',
    minutes: 120,
    series: [
      { name: 'pausewatch_series_dropped_total', labels: NODE, at: (m) => Math.min(m, 40) * 10 },
      always('pausewatch_series_dropped_total', target('node-1'), 500),
    ],
    expect: [
      { alert: 'PausewatchSeriesDropped', minute: 10, firing: [] },
      { alert: 'PausewatchSeriesDropped', minute: 30, firing: [{ labels: NODE }] },
      { alert: 'PausewatchSeriesDropped', minute: 110, firing: [] },
    ],
  },
];

const LEAK_CASES: readonly RuleCase[] = [
  {
    title: 'Twenty leaks on one node',
    minutes: 200,
    series: [
      {
        name: 'pausewatch_findings',
        labels: { finding: 'sandbox-leaked-notready', ...NODE },
        at: (m) => (m < 90 ? 15 : 0),
      },
      { name: 'pausewatch_findings', labels: { finding: 'shim-orphaned', ...NODE }, at: () => 6 },
      { name: 'pausewatch_findings', labels: { finding: 'sandbox-duplicate', ...target('node-1') }, at: () => 19 },
      { name: 'pausewatch_findings', labels: { finding: 'zombies-host', ...target('node-1') }, at: () => 90 },
    ],
    expect: [
      { alert: 'PausewatchLeaksOnNode', minute: 59, firing: [] },
      { alert: 'PausewatchLeaksOnNode', minute: 70, firing: [{ labels: NODE, value: '21' }] },
      { alert: 'PausewatchLeaksOnNode', minute: 150, firing: [] },
    ],
  },
  {
    title: 'The same leak on ten nodes, another on nine',
    minutes: 200,
    series: [...findingOn('shim-orphaned', 10, 90), ...findingOn('sandbox-duplicate', 9, 200)],
    expect: [
      { alert: 'PausewatchLeaksOnManyNodes', minute: 59, firing: [] },
      {
        alert: 'PausewatchLeaksOnManyNodes',
        minute: 70,
        firing: [{ labels: { finding: 'shim-orphaned' }, value: '10' }],
      },
      { alert: 'PausewatchLeaksOnManyNodes', minute: 150, firing: [] },
    ],
  },
];

/** One image on two nodes, of which both have the finding; a good image beside it. */
function imageCase(alert: string, finding: string, bad: Labels, facts: (image: Labels) => Series[]): RuleCase {
  const { image } = bad as { readonly image: string };
  const forMinutes = alert === 'PausewatchPauseImageDrift' ? 360 : 60;
  return {
    title: `${alert}: once for two nodes, and not where the policy allows it`,
    minutes: forMinutes + 120,
    series: [
      ...['node-0', 'node-1', 'node-2'].flatMap((node) => facts({ ...bad, ...target(node) })),
      ...findingOn(finding, 2, forMinutes + 20),
      always('pausewatch_findings', { finding, ...target('node-2') }, 0),
    ],
    expect: [
      { alert, minute: forMinutes - 1, firing: [] },
      { alert, minute: forMinutes + 5, firing: [{ labels: { image }, value: '2' }] },
      { alert, minute: forMinutes + 100, firing: [] },
    ],
  };
}

const GOOD = { image: 'registry.k8s.io/pause:3.10', image_id: 'sha256:1', version: '3.10' };
const OLD = { image: 'registry.k8s.io/pause:3.0', image_id: 'sha256:2', version: '3.0' };
const FROZEN = { image: 'k8s.gcr.io/pause:3.6', image_id: 'sha256:3', version: '3.6' };

function runningAndConfigured(configured: number): (labels: Labels) => Series[] {
  const other = (labels: Labels) => ({ ...labels, ...GOOD });
  return (labels) => [
    always('pausewatch_pause_image_sandboxes', labels, 3),
    always('pausewatch_pause_image_configured', labels, configured),
    always('pausewatch_pause_image_pinned', labels, 0),
    always('pausewatch_pause_image_sandboxes', other(labels), 3),
    always('pausewatch_pause_image_configured', other(labels), 1),
    always('pausewatch_pause_image_pinned', other(labels), 1),
  ];
}

const IMAGE_CASES: readonly RuleCase[] = [
  imageCase('PausewatchPauseImageUnpinned', 'pause-image-unpinned', FROZEN, runningAndConfigured(1)),
  imageCase('PausewatchPauseImageLegacyRegistry', 'pause-image-legacy-registry', FROZEN, runningAndConfigured(1)),
  imageCase('PausewatchPauseImageTooOld', 'pause-image-too-old', OLD, runningAndConfigured(1)),
  imageCase('PausewatchPauseImageDrift', 'pause-image-config-mismatch', FROZEN, runningAndConfigured(0)),
];

/** Every story. */
export const FLEET_CASES: readonly RuleCase[] = [
  ...widely('PausewatchPauseImageMissingWidely', 'pause-image-missing'),
  ...widely('PausewatchPauseExitsEarlyWidely', 'pause-exits-early'),
  ...FINDING_TICKETS,
  ...AGENT_CASES,
  ...LEAK_CASES,
  ...IMAGE_CASES,
];
