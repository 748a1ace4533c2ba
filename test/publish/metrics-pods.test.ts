/** What /metrics promises of pods: one series per family and pod, confirmed findings only, a hard cap. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BUSY_NODE } from './busy-node.ts';
import { parseExposition } from './exposition-parser.ts';
import { bothFormats, samplesOf, valuesOf } from './metrics-builder.ts';
import { containerView, finding, pauseView, report, sandboxView, zombie } from './report-builder.ts';

const healthy = sandboxView('default', 'web-0');

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
        JSON.stringify([sample.name, Object.entries(sample.labels)]),
      );
      expect(new Set(keys).size).toBe(keys.length);
    }),
    { numRuns: 60 },
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
