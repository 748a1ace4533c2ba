/** What /metrics promises: exact text, one series per pod and family, counters that only rise, a cap. */
import fc from 'fast-check';
import { Counter, Gauge, Registry } from 'prom-client';
import { describe, expect, test } from 'vitest';
import { FINDING_IDS } from '../../src/core/finding.ts';
import { keepAgentBlocks, renderOpenMetrics, renderText } from '../../src/publish/exposition.ts';
import { FAMILIES } from '../../src/publish/families.ts';
import { createLedger } from '../../src/publish/ledger.ts';
import { renderMetrics } from '../../src/publish/metrics.ts';
import { createProcessMetrics } from '../../src/publish/process-metrics.ts';
import { BUSY_NODE } from './busy-node.ts';
import { parseExposition } from './exposition-parser.ts';
import { bothFormats, METRICS_OPTIONS, STATS, samplesOf, valuesOf } from './metrics-builder.ts';
import { containerView, finding, NOW_MS, pauseView, report, sandboxView, zombie } from './report-builder.ts';

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
    const own = await createProcessMetrics({ nodejs: false }).read();
    const names = new Set(parseExposition(renderText(keepAgentBlocks([...blocks, ...own]))).map(({ name }) => name));
    expect(names).toContain('pausewatch_source_up');
    expect(names).toContain('process_resident_memory_bytes');
    expect([...names].filter((name) => /pod|node_|sandbox|finding|kubepods/.test(name))).toEqual([]);
  });
});

describe('the families', () => {
  test('say what they are without double quotes, and only counters end in _total', () => {
    for (const { name, kind, help } of FAMILIES) {
      expect(help, name).not.toContain('"');
      expect(name.endsWith('_total'), name).toBe(kind === 'counter');
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

  test('of the agent process leave nodejs_* out unless asked for', async () => {
    const quiet = await createProcessMetrics({ nodejs: false }).read();
    expect(quiet.map(({ name }) => name)).toContain('process_cpu_seconds_total');
    expect(quiet.filter(({ name }) => name.startsWith('nodejs_'))).toEqual([]);
    const all = await createProcessMetrics({ nodejs: true }).read();
    expect(all.map(({ name }) => name)).toContain('nodejs_heap_size_used_bytes');
  });
});

describe('a pod with several sandboxes', () => {
  const old = sandboxView('default', 'web-0', {
    id: 'a'.repeat(64),
    state: 'ready',
    createdAtMs: 1000,
    uid: 'old',
    zombies: { count: 2, items: [] },
  });
  const notReady = sandboxView('default', 'web-0', {
    id: 'b'.repeat(64),
    state: 'notready',
    createdAtMs: 3000,
    uid: 'newest',
    zombies: { count: 3, items: [] },
  });
  const ready = sandboxView('default', 'web-0', {
    id: 'c'.repeat(64),
    createdAtMs: 2000,
    uid: 'newest-ready',
    zombies: { count: 5, items: [] },
  });
  const ended = sandboxView('default', 'web-0', {
    id: 'd'.repeat(64),
    state: 'notready',
    createdAtMs: 9000,
    containers: [],
    uid: 'ended',
    pids: { ...healthy.pids, current: undefined },
  });

  test('is shown by its newest ready one, and its zombies and PIDs are sums', async () => {
    const samples = await samplesOf(report({ sandboxes: [old, notReady, ready, ended] }));
    expect(valuesOf(samples, 'pausewatch_pod_sandbox_info', 'uid')).toEqual({ 'newest-ready': 1 });
    expect(valuesOf(samples, 'pausewatch_pod_zombies', 'pod')).toEqual({ 'web-0': 10 });
    expect(valuesOf(samples, 'pausewatch_pod_pids', 'pod')).toEqual({ 'web-0': 36 });
  });

  test('none of them ready is shown by the newest with a running container', async () => {
    const samples = await samplesOf(report({ sandboxes: [notReady, ended] }));
    expect(valuesOf(samples, 'pausewatch_pod_sandbox_info', 'uid')).toEqual({ newest: 1 });
  });

  test('all of them finished has no series', async () => {
    const samples = await samplesOf(report({ sandboxes: [ended] }));
    expect(samples.filter(({ labels }) => labels['pod'] !== undefined)).toEqual([]);
  });

  test('listed by two runtimes is counted once', async () => {
    const twice = { ...ready, runtimeEndpoint: 'unix:///run/docker.sock' };
    const samples = await samplesOf(report({ sandboxes: [ready, twice] }));
    expect(valuesOf(samples, 'pausewatch_pod_zombies', 'pod')).toEqual({ 'web-0': 5 });
    expect(valuesOf(samples, 'pausewatch_sandboxes', 'state')).toEqual({ ready: 1, notready: 0 });
  });
});

test('No two samples share a label set, whatever the runtimes list', async () => {
  const name = fc.constantFrom('web', 'web-0', 'a"b', 'a\\', '\ud800', '\ud801', 'x\ny', '');
  const sandbox = fc
    .record({
      id: fc.constantFrom('1', '2', '3', '4', '5').map((digit) => digit.repeat(64)),
      namespace: name,
      pod: name,
      container: name,
      state: fc.constantFrom('ready' as const, 'notready' as const),
      createdAtMs: fc.integer({ min: 0, max: 9 }),
      count: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
      sha: fc.constantFrom(undefined, 'aa', 'bb'),
    })
    .map(({ namespace, pod, container, count, sha, ...rest }) =>
      sandboxView(namespace, pod, {
        ...rest,
        zombies: { count, items: count ? [zombie(7)] : [] },
        containers: [containerView(container, { zombies: count }), containerView(container)],
        pause: pauseView({ exeSha256: sha }),
        findings: [
          finding('zombies-app-parent', 'info', { kind: 'process', sandboxId: rest.id, pid: 1 }),
          finding('zombies-app-parent', 'warning', { kind: 'process', sandboxId: rest.id, pid: 2 }),
        ],
      }),
    );
  await fc.assert(
    fc.asyncProperty(fc.array(sandbox, { maxLength: 12 }), async (sandboxes) => {
      const { text } = await bothFormats(
        report({ sandboxes, pauseImages: [...BUSY_NODE.pauseImages, ...BUSY_NODE.pauseImages] }),
      );
      const onTheWire = Buffer.from(text, 'utf8').toString('utf8');
      const keys = parseExposition(onTheWire).map((sample) =>
        JSON.stringify([sample.name, Object.entries(sample.labels).sort()]),
      );
      expect(new Set(keys).size).toBe(keys.length);
    }),
    { numRuns: 150 },
  );
});

describe('findings', () => {
  const subject = { kind: 'process' as const, namespace: 'default', pod: 'web-0', sandboxId: healthy.id };

  test('appear as metrics once confirmed, with the worst level of an id', async () => {
    const leaky = sandboxView('default', 'web-0', {
      findings: [
        finding('zombies-app-parent', 'info', { ...subject, pid: 1 }),
        finding('zombies-app-parent', 'critical', { ...subject, pid: 2 }),
        finding('pause-stopped', 'critical', { ...subject, kind: 'sandbox' }, { confirmed: false }),
      ],
    });
    const samples = await samplesOf(report({ sandboxes: [leaky] }));
    expect(valuesOf(samples, 'pausewatch_pod_finding', 'finding', 'level')).toEqual({
      'zombies-app-parent/critical': 1,
    });
    expect(valuesOf(samples, 'pausewatch_findings', 'finding')).toMatchObject({
      'zombies-app-parent': 2,
      'pause-stopped': 0,
    });
  });

  test('about an image are not repeated for every pod that runs on it', async () => {
    const old = finding('pause-image-too-old', 'warning', { kind: 'image', image: 'pause:3.0' });
    const samples = await samplesOf(report({ sandboxes: [sandboxView('default', 'web-0', { findings: [old] })] }));
    expect(valuesOf(samples, 'pausewatch_pod_finding', 'finding')).toEqual({});
    expect(valuesOf(samples, 'pausewatch_findings', 'finding')).toMatchObject({ 'pause-image-too-old': 1 });
  });
});

describe('the ledger', () => {
  test('adds up audits, faults, deaths and new sandboxes', async () => {
    const ledger = createLedger();
    const one = report({ ...BUSY_NODE, newSandboxes: 3, pauseDeaths: ['oom', 'signal'] });
    await samplesOf(one, { ledger });
    const samples = await samplesOf(one, { ledger, stats: { ...STATS, skipped: 2 } });
    expect(valuesOf(samples, 'pausewatch_audits_total')).toEqual({ '': 2 });
    expect(valuesOf(samples, 'pausewatch_audits_skipped_total')).toEqual({ '': 2 });
    expect(valuesOf(samples, 'pausewatch_sandboxes_seen_total')).toEqual({ '': 6 });
    expect(valuesOf(samples, 'pausewatch_pause_deaths_total', 'reason')).toMatchObject({ oom: 2, signal: 2, exit: 0 });
    expect(valuesOf(samples, 'pausewatch_source_faults_total', 'source', 'code')).toMatchObject({
      'procfs/denied': 16,
      'runtime/timeout': 2,
    });
  });

  test('counts refused forks that happened while it watched, and never falls', async () => {
    const ledger = createLedger();
    const at = (takenAtMs: number, hits: Record<string, number | undefined>, createdAtMs = 0) =>
      report({
        takenAtMs,
        sandboxes: Object.entries(hits).map(([pod, pidsLimitHits]) =>
          sandboxView('default', pod, { pidsLimitHits, createdAtMs }),
        ),
      });
    const total = async (one: ReturnType<typeof at>) =>
      valuesOf(await samplesOf(one, { ledger }), 'pausewatch_pids_limit_hits_total')[''];
    expect(await total(at(1000, { old: 500 }))).toBe(0);
    expect(await total(at(2000, { old: 507 }))).toBe(7);
    expect(await total(at(3000, { old: undefined }))).toBe(7);
    expect(await total(at(4000, { old: 2 }))).toBe(7);
    expect(await total(at(5000, { fresh: 4 }, 4500))).toBe(11);
    expect(await total(at(6000, {}))).toBe(11);
  });

  test('shows the zombies of containers for an hour after the last one', async () => {
    const ledger = createLedger();
    const at = (minutes: number, count: number) =>
      report({
        takenAtMs: NOW_MS + minutes * 60_000,
        sandboxes: [
          sandboxView('default', 'web-0', {
            containers: [containerView('app', { zombies: count })],
            zombies: { count, items: [] },
          }),
        ],
      });
    const shown = async (one: ReturnType<typeof at>) =>
      valuesOf(await samplesOf(one, { ledger }), 'pausewatch_container_zombies', 'container');
    expect(await shown(at(0, 0))).toEqual({});
    expect(await shown(at(1, 2))).toEqual({ app: 2 });
    expect(await shown(at(60, 0))).toEqual({ app: 0 });
    expect(await shown(at(62, 0))).toEqual({});
  });
});

test('Beyond the cap, pods with findings are kept first, then those with zombies, then by name', async () => {
  const sick = sandboxView('z', 'sick', {
    findings: [finding('pause-stopped', 'critical', { kind: 'sandbox', sandboxId: 'x' })],
  });
  const leaky = sandboxView('y', 'leaky', { zombies: { count: 9, items: [zombie(1)] } });
  const pods = ['a', 'b', 'c'].map((name) => sandboxView('default', name));
  const samples = await samplesOf(report({ sandboxes: [...pods, leaky, sick] }), { maxSeries: 6 + 7 + 5 });
  expect(Object.keys(valuesOf(samples, 'pausewatch_pod_sandbox_info', 'pod'))).toEqual(['a', 'leaky', 'sick']);
  expect(valuesOf(samples, 'pausewatch_series_dropped_total')).toEqual({ '': 10 });
});
