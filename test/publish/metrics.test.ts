/** What /metrics promises: the exact text in both formats, zeros for known states, absence for unknown facts. */
import { Counter, Gauge, Registry } from 'prom-client';
import { describe, expect, test } from 'vitest';
import { FINDING_IDS } from '../../src/core/finding.ts';
import { keepAgentBlocks, renderOpenMetrics, renderText } from '../../src/publish/metrics/exposition.ts';
import { FAMILIES } from '../../src/publish/metrics/families.ts';
import { createLedger } from '../../src/publish/metrics/ledger.ts';
import { renderMetrics } from '../../src/publish/metrics/metrics.ts';
import { createProcessMetrics } from '../../src/publish/metrics/process-metrics.ts';
import { BUSY_NODE } from './busy-node.ts';
import { parseExposition } from './exposition-parser.ts';
import { bothFormats, METRICS_OPTIONS, STATS, samplesOf, valuesOf } from './metrics-builder.ts';
import { report, sandboxView } from './report-builder.ts';

const healthy = sandboxView('default', 'web-0');

describe('the text', () => {
  test('of the busy node is exactly the golden one', async () => {
    await expect((await bothFormats(BUSY_NODE)).text).toMatchFileSnapshot('golden/busy-node.prom');
  });

  test('as OpenMetrics is exactly the golden one', async () => {
    await expect((await bothFormats(BUSY_NODE)).openMetrics).toMatchFileSnapshot('golden/busy-node.openmetrics');
  });

  test('as OpenMetrics is what prom-client would have made of the same registry', async () => {
    const registry = new Registry();
    const labelNames = ['pod'];
    new Counter({ name: 'a_total', help: 'Counts.', labelNames, registers: [registry] }).inc({ pod: 'x"\\\ny' }, 2);
    new Gauge({ name: 'b_info', help: 'Is.', labelNames, registers: [registry] }).set({ pod: 'z' }, 1);
    const names = ['a_total', 'b_info'];
    const blocks = await Promise.all(
      names.map(async (name) => ({ name, text: await registry.getSingleMetricAsString(name) })),
    );
    registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as never);
    expect(renderOpenMetrics(blocks)).toBe(await registry.metrics());
  });

  test('escapes what names may hold, and shows control characters', async () => {
    const hostile = sandboxView('a"b', 'c\\d\ne\u0000\u202e');
    const samples = await samplesOf(report({ sandboxes: [hostile] }));
    const up = samples.find((sample) => sample.name === 'pausewatch_pod_pause_up');
    expect(up?.labels).toEqual({ namespace: 'a"b', pod: 'c\\d\\x0ae\\x00\\u{202e}' });
  });

  test('has only known families with their own labels', async () => {
    const table = new Map<string, readonly string[]>(FAMILIES.map(({ name, labels }) => [name, labels]));
    for (const { name, labels } of await samplesOf(BUSY_NODE)) {
      expect(Object.keys(labels).sort()).toEqual([...(table.get(name) ?? ['unknown family'])].sort());
    }
  });

  test('of a stale audit keeps the agent, its sources and its process, nothing of pods', async () => {
    const blocks = await renderMetrics(BUSY_NODE, STATS, createLedger(), METRICS_OPTIONS);
    const own = await createProcessMetrics().read();
    const names = new Set(parseExposition(renderText(keepAgentBlocks([...blocks, ...own]))).map(({ name }) => name));
    expect(names).toContain('pausewatch_source_up');
    expect(names).toContain('process_resident_memory_bytes');
    expect([...names].filter((name) => /pod|node_|sandbox|finding|kubepods/.test(name))).toEqual([]);
  });
});

describe('the families', () => {
  test('say what they are without double quotes, and only counters end in _total', () => {
    for (const { name, kind, help } of FAMILIES) {
      expect(help).not.toContain('"');
      expect([name, name.endsWith('_total')]).toEqual([name, kind === 'counter']);
    }
  });

  test('of known states are there at zero', async () => {
    const samples = await samplesOf(report());
    expect(valuesOf(samples, 'pausewatch_pause_deaths_total', 'reason')).toEqual({
      signal: 0,
      exit: 0,
      oom: 0,
      unknown: 0,
    });
    expect(Object.keys(valuesOf(samples, 'pausewatch_findings', 'finding'))).toEqual([...FINDING_IDS]);
    expect(Object.values(valuesOf(samples, 'pausewatch_unjudged_subjects', 'reason'))).toEqual([0, 0, 0, 0, 0, 0]);
    expect(valuesOf(samples, 'pausewatch_sandboxes', 'state')).toEqual({ ready: 0, notready: 0 });
    expect(Object.keys(valuesOf(samples, 'pausewatch_source_faults_total', 'source', 'code'))).toHaveLength(18);
  });

  test('of unknown facts are absent rather than zero', async () => {
    const unknown = {
      zombies: undefined,
      pids: undefined,
      pidsLimit: undefined,
      kubepodsPids: undefined,
      kubepodsPidsLimit: undefined,
    };
    const first = sandboxView('default', 'web-0', {
      pauseHealth: 'unknown',
      zombies: { count: undefined, items: [] },
      pids: { current: undefined, limit: undefined, limitFrom: 'none', utilization: undefined, zombieShare: undefined },
    });
    const names = new Set((await samplesOf(report({ sandboxes: [first], nodeView: unknown }))).map(({ name }) => name));
    for (const name of ['node_zombies', 'node_pids', 'node_pids_limit', 'pod_zombies', 'pod_pause_up', 'pod_pids']) {
      expect(names).not.toContain(`pausewatch_${name}`);
    }
    expect(names).toContain('pausewatch_pod_sandbox_info');
  });

  test('of a healthy pod are at most six', async () => {
    const samples = await samplesOf(report({ sandboxes: [healthy] }));
    expect(samples.filter(({ labels }) => labels['pod'] === 'web-0').length).toBeLessThanOrEqual(6);
  });

  test('of the agent process leave nodejs_* out', async () => {
    const quiet = await createProcessMetrics().read();
    expect(quiet.map(({ name }) => name)).toContain('process_cpu_seconds_total');
    expect(quiet.filter(({ name }) => name.startsWith('nodejs_'))).toEqual([]);
  });
});
