/** Alerts and dashboards ask for what exists, explain themselves, and forget no finding. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { NODE_FINDING_ALERTS, POD_FINDING_ALERTS } from '../../deploy/source/finding-alerts.ts';
import { WITHOUT_ALERT } from '../../deploy/source/finding-coverage.ts';
import { FLEET_DASHBOARD } from '../../deploy/source/fleet-dashboard.ts';
import { NODE_DASHBOARD } from '../../deploy/source/node-dashboard.ts';
import { RECORDINGS } from '../../deploy/source/recordings.ts';
import { listAlerts } from '../../deploy/source/rules.ts';
import { FINDING_IDS } from '../../src/core/finding.ts';
import { FAMILIES } from '../../src/publish/metrics/families.ts';
import type { MetricFamily } from '../../src/publish/metrics/metric-family.ts';

/** What others provide: Prometheus itself, kube-state-metrics, every client library. */
const FOREIGN = ['up', 'kube_node_info', 'process_resident_memory_bytes'];
/** Labels that scraping, relabelling or an outer Prometheus adds. */
const OUTER_LABELS = new Set(['node', 'job', 'instance', 'cluster', 'pool']);

const families: readonly MetricFamily[] = FAMILIES;
const LABELS = new Map<string, readonly string[]>(families.map(({ name, labels }) => [name, labels]));
const NAMES = new Set([...LABELS.keys(), ...RECORDINGS.map(({ record }) => record), ...FOREIGN]);

/** Names of metrics in a query; words followed by "(" are functions, words in braces labels. */
function metricsIn(expr: string): string[] {
  const bare = expr
    .replaceAll(/"(?:[^"\\]|\\.)*"/g, '""')
    .replaceAll(/\{[^}]*\}/g, '{}')
    .replaceAll(/\[[^\]]*\]/g, '')
    .replaceAll(/\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, '');
  return [...bare.matchAll(/[a-zA-Z_:][\w:]*(?!\w|\s*\()/g)]
    .map(([word]) => word)
    .filter((word) => !/^(and|or|unless|offset|by|without|on|\d.*|[smhd])$/.test(word));
}

/** `metric{label…}` pairs of a query. */
function matchersIn(expr: string): { readonly metric: string; readonly labels: readonly string[] }[] {
  return [...expr.matchAll(/([a-zA-Z_:][\w:]*)\{([^}]*)\}/g)].map(([, metric = '', inside = '']) => ({
    metric,
    labels: [...inside.matchAll(/(\w+)\s*(?:=~|!=|!~|=)/g)].map(([, label = '']) => label),
  }));
}

const PANELS = [...FLEET_DASHBOARD.panels, ...NODE_DASHBOARD.panels];
const QUERIES = [
  ...PANELS.flatMap(({ title, queries }) => queries.map(({ expr }) => [title, expr] as const)),
  ...listAlerts().map(({ name, expr }) => [name, expr] as const),
  ...RECORDINGS.map(({ record, expr }) => [record, expr.replaceAll(/\$\{(\d+m)\}/g, '$1')] as const),
];

test.each(QUERIES)('%s asks only for metrics and labels that exist', (_, expr) => {
  const names = metricsIn(expr);
  expect(names.length).toBeGreaterThan(0);
  expect(names.filter((name) => !NAMES.has(name))).toEqual([]);
  for (const { metric, labels } of matchersIn(expr)) {
    const known = LABELS.get(metric);
    if (known === undefined) continue;
    expect(labels.filter((label) => !known.includes(label) && !OUTER_LABELS.has(label))).toEqual([]);
  }
});

test('A query for a metric that does not exist would be noticed', () => {
  expect(metricsIn('sum by (node) (rate(pausewatch_unheard_of[5m])) > 0 and on (node) up{job="x"} == 1')).toEqual([
    'pausewatch_unheard_of',
    'up',
  ]);
});

test('Every panel says what it shows, and no two panels lie upon each other', () => {
  expect(PANELS.filter(({ description }) => description.length < 30).map(({ title }) => title)).toEqual([]);
  for (const name of ['fleet', 'node']) {
    const path = `deploy/kustomize/components/prometheus-operator/pausewatch-${name}.json`;
    const { panels } = JSON.parse(readFileSync(path, 'utf8')) as {
      readonly panels: readonly {
        readonly id: number;
        readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
      }[];
    };
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true);
  }
});

test('Every finding of the catalog has an alert, or a reason why not', () => {
  const asked = listAlerts().map(({ expr }) => expr);
  const forgotten = FINDING_IDS.filter(
    (id) => WITHOUT_ALERT[id] === undefined && !asked.some((expr) => new RegExp(`["|]${id}["|]`).test(expr)),
  );
  expect(forgotten).toEqual([]);
});

test('An alert on findings of pods never changes with their level', () => {
  const exprs = listAlerts().map(({ expr }) =>
    expr.replaceAll(/max without \(level\) \(pausewatch_pod_finding\{[^}]*\}\)/g, ''),
  );
  expect(exprs.filter((expr) => expr.includes('pausewatch_pod_finding'))).toEqual([]);
});

test('Every alert sets its severity and owner, names where it is, and links to a page', () => {
  for (const { name, severity, owner, summary, description, runbook } of listAlerts()) {
    expect(name).toMatch(/^Pausewatch[A-Z]\w+$/);
    expect([severity, owner]).toEqual([
      expect.stringMatching(/^(critical|warning)$/),
      expect.stringMatching(/^(workload|platform)$/),
    ]);
    expect(summary).toMatch(name === 'PausewatchNoAgents' ? /Prometheus/ : /\{\{ (\$labels\.|\$value)/);
    expect(description.length).toBeGreaterThan(60);
    expect(runbook).toMatch(/^(findings\/[a-z-]+|install|scale)\.md$/);
  }
  expect(new Set(listAlerts().map(({ name }) => name)).size).toBe(listAlerts().length);
});

test('Only what loses function widely wakes somebody', () => {
  const pages = listAlerts().filter(({ severity }) => severity === 'critical');
  expect(pages.map(({ name }) => name)).toEqual([
    'PausewatchPauseImageMissingWidely',
    'PausewatchPauseExitsEarlyWidely',
    'PausewatchNodePidExhaustion',
    'PausewatchSystemPidLimitHit',
    'PausewatchRuntimesDown',
  ]);
});

test('Grafana provisions the same alerts with the same queries', () => {
  const file = parse(readFileSync('deploy/grafana/alerts.yaml', 'utf8')) as {
    readonly groups: readonly {
      readonly rules: readonly {
        readonly uid: string;
        readonly title: string;
        readonly condition: string;
        readonly data: readonly { readonly refId: string; readonly model: { readonly expr?: string } }[];
        readonly annotations: Readonly<Record<string, string>>;
      }[];
    }[];
  };
  const rules = file.groups.flatMap((group) => group.rules);
  const single = (text: string): string => text.replaceAll('$$', '$');
  expect(rules.map(({ title, data }) => [title, single(data[0]?.model.expr ?? '')])).toEqual(
    listAlerts().map(({ name, expr }) => [name, expr]),
  );
  expect(new Set(rules.map(({ uid }) => uid)).size).toBe(rules.length);
  for (const { condition, data, annotations } of rules) {
    expect(data.map(({ refId }) => refId)).toContain(condition);
    expect(Object.values(annotations).join(' ')).not.toMatch(/\$value\b/);
  }
});

test('Inhibitions name alerts that exist', () => {
  const { inhibit_rules } = parse(readFileSync('deploy/alertmanager/inhibitions.yaml', 'utf8')) as {
    readonly inhibit_rules: readonly {
      readonly source_matchers: readonly string[];
      readonly target_matchers: readonly string[];
    }[];
  };
  const named = inhibit_rules
    .flatMap((rule) => [...rule.source_matchers, ...rule.target_matchers])
    .flatMap((matcher) => (/^alertname=~"(.*)"$/.exec(matcher)?.[1] ?? `not a matcher: ${matcher}`).split('|'));
  const known = new Set([...listAlerts().map(({ name }) => name), 'KubeNodeNotReady', 'KubeNodeUnreachable']);
  expect(named.filter((name) => !known.has(name))).toEqual([]);
});

test('Tickets about pods and nodes are kept back while the node itself is the trouble', () => {
  const text = readFileSync('deploy/alertmanager/inhibitions.yaml', 'utf8');
  for (const { name } of [...POD_FINDING_ALERTS, ...NODE_FINDING_ALERTS]) {
    expect(text.split(name).length - 1).toBeGreaterThanOrEqual(2);
  }
});

test.runIf(existsSync('docs/findings'))('Every alert links to a page that exists', () => {
  const missing = listAlerts().filter(({ runbook }) => !existsSync(`docs/${runbook}`));
  expect(missing.map(({ name, runbook }) => `${name}: ${runbook}`)).toEqual([]);
});
