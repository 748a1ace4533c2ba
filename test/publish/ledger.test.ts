/** What the ledger promises: counters add up and never fall, and zombies are remembered for an hour. */
import { describe, expect, test } from 'vitest';
import { createLedger } from '../../src/publish/metrics/ledger.ts';
import { BUSY_NODE } from './busy-node.ts';
import { STATS, samplesOf, valuesOf } from './metrics-builder.ts';
import { containerView, NOW_MS, report, sandboxView } from './report-builder.ts';

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
