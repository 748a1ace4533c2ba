/** docs/metrics.md: every family of the exposition, from the table that makes it. */
import { FAMILIES } from '../../src/publish/metrics/families.ts';
import type { MetricFamily } from '../../src/publish/metrics/metric-family.ts';

/** Families that stay when the last audit is older than three intervals. */
const LASTING = /^pausewatch_(build|source|audit|audits|last_audit)_/;

/** The page. */
export function renderMetricsPage(): string {
  const groups = [
    ['The agent and its audits', (name: string) => LASTING.test(name)],
    ['The node', (name: string) => !LASTING.test(name) && !isOfPods(name)],
    ['Pods', isOfPods],
  ] as const;
  const families: readonly MetricFamily[] = FAMILIES;
  const tables = groups.map(
    ([title, belongs]) => `## ${title}\n\n${table(families.filter(({ name }) => belongs(name)))}\n`,
  );
  return `${HEAD}\n${tables.join('\n')}\n${TAIL}`;
}

function isOfPods(name: string): boolean {
  return /^pausewatch_(pod|container)_/.test(name);
}

function table(families: readonly MetricFamily[]): string {
  const rows = families.map(({ name, kind, labels, help }) => {
    const names = labels.map((label) => `\`${label}\``).join(', ');
    return `| \`${name}\` | ${kind} | ${names === '' ? '–' : names} | ${help} |`;
  });
  return ['| metric | kind | labels | meaning |', '|---|---|---|---|', ...rows].join('\n');
}

const HEAD = `<!-- Generated from the table of families: npm run golden writes it anew. -->
# Metrics

\`/metrics\` speaks the text format 0.0.4 and OpenMetrics 1.0.0, whichever is asked for, gzipped on request. The bodies
exist before the scrape: it costs nothing and never waits for the runtime.

- Of each family there is exactly one series per namespace and pod. Of several sandboxes of one pod the newest ready one
  speaks; zombies and PIDs are sums over all of them. A finished sandbox has no series.
- What is not known is absent, never 0. Only confirmed findings are metrics.
- A healthy pod has at most six series ([scale.md](scale.md)).
- When the last audit is older than three intervals, only the first table and \`process_*\` remain.
`;

const TAIL = `## The agent's own process

\`process_*\` as every Prometheus client has them: CPU seconds, resident and virtual memory, open descriptors and their
limit, start time.

## Labels that scraping adds

\`node\` and \`instance\` are the node's name; \`job\` is \`pausewatch\`. The target's own \`namespace\`, \`pod\`, \`container\` and
\`endpoint\` are dropped and \`honor_labels\` is on, because those of the watched pods mean more: the PodMonitor and
\`deploy/prometheus/scrape.yaml\` do both.
`;
