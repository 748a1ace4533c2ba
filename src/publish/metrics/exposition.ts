/** Writes samples in Prometheus text format 0.0.4, and the same blocks as OpenMetrics 1.0.0. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Counter, Gauge, Registry } from 'prom-client';
import { AGENT_FAMILIES } from './agent-families.ts';
import { FAMILIES, type Samples } from './families.ts';
import type { MetricFamily, Sample } from './metric-family.ts';

/** One family as text 0.0.4: its HELP, TYPE and sample lines, without a final newline. */
export interface FamilyBlock {
  readonly name: string;
  readonly text: string;
}

const AGENT_NAMES: ReadonlySet<string> = new Set(AGENT_FAMILIES.map((family) => family.name));

/** Renders the table's families; those without samples are left out. Between two of them whoever asks is answered. */
export async function renderFamilies(samples: Samples): Promise<readonly FamilyBlock[]> {
  const registry = new Registry();
  const blocks: FamilyBlock[] = [];
  for (const family of FAMILIES) {
    const own = samples.of(family.name);
    if (own.length === 0) continue;
    await nextTurn();
    registerFamily(registry, family, own);
    blocks.push({ name: family.name, text: await registry.getSingleMetricAsString(family.name) });
  }
  return blocks;
}

/** Blocks as a whole answer in text format 0.0.4. */
export function renderText(blocks: readonly FamilyBlock[]): string {
  return blocks.map((block) => `${block.text}\n`).join('');
}

/**
 * Blocks as OpenMetrics 1.0.0. Of what pausewatch exports, it differs from text 0.0.4 in three places: a counter's metadata
 * goes by the name without `_total`, HELP escapes double quotes, and `# EOF` ends it. prom-client's own rendering gives the
 * same, but renames the metrics of the registry it renders for good, so that their text format is broken afterwards.
 */
export function renderOpenMetrics(blocks: readonly FamilyBlock[]): string {
  return `${blocks.map((block) => `${toOpenMetrics(block)}\n`).join('')}# EOF\n`;
}

/** What remains true when the last audit is old: the agent itself, its sources, its audits. */
export function keepAgentBlocks(blocks: readonly FamilyBlock[]): readonly FamilyBlock[] {
  return blocks.filter(({ name }) => AGENT_NAMES.has(name) || name.startsWith('process_'));
}

function registerFamily(registry: Registry, family: MetricFamily, samples: readonly Sample[]): void {
  const { name, help } = family;
  const config = { name, help, labelNames: [...family.labels], registers: [registry] };
  if (family.kind === 'counter') {
    const counter = new Counter<string>(config);
    for (const { labels, value } of samples) counter.inc(labels, value);
    return;
  }
  const gauge = new Gauge<string>(config);
  for (const { labels, value } of samples) gauge.set(labels, value);
}

function toOpenMetrics({ name, text }: FamilyBlock): string {
  const [help = '', type = '', ...samples] = text.split('\n');
  const family = type.endsWith(' counter') ? name.replace(/_total$/, '') : name;
  return [help.replace(name, family).replaceAll('"', '\\"'), type.replace(name, family), ...samples].join('\n');
}
