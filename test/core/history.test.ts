/** What only several audits can tell: growth, time to exhaustion, refused forks, and sandboxes that come and go. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../src/core/policy.ts';
import { addSample, growthPerHour, type Sample, secondsUntil } from '../../src/core/trend.ts';
import { findingsOf, sandboxOf, startAudits } from './audits.ts';
import { inContainer, NOW_MS, node, type PodFacts, pidsOf, pod, process, zombie, zombies } from './snapshot-builder.ts';

const MINUTE_MS = 60_000;
const { init } = pidsOf();

const leaking = (count: number, pids: NonNullable<PodFacts['pids']> = {}) =>
  node({ pods: [pod('web', { pids })], processes: zombies(count, 5000, init(), inContainer()) });

describe('a trend', () => {
  const samplesOf = (values: readonly number[], everyMs = MINUTE_MS): readonly Sample[] => {
    let samples: readonly Sample[] = [];
    for (const [index, value] of values.entries()) samples = addSample(samples, { atMs: index * everyMs, value });
    return samples;
  };

  test('is the rate of steady growth, to the last digit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 500 }), fc.integer({ min: -50, max: 50 }), (audits, perMinute) => {
        const values = Array.from({ length: audits }, (_, index) => 10_000 + index * perMinute);
        expect(growthPerHour(samplesOf(values), 2 * MINUTE_MS)).toBeCloseTo(perMinute * 60, 6);
      }),
    );
  });

  test('is not moved by a spike', () => {
    const values = Array.from({ length: 20 }, (_, index) => (index % 7 === 3 ? 9000 : 100 + index));
    expect(growthPerHour(samplesOf(values), MINUTE_MS)).toBeCloseTo(60, -1);
  });

  test('keeps 24 samples at most, of two hours at most, however long it is followed', () => {
    const samples = samplesOf(
      Array.from({ length: 5000 }, (_, index) => index),
      15_000,
    );
    expect(samples.length).toBeLessThanOrEqual(24);
    expect((samples.at(-1)?.atMs ?? 0) - (samples[0]?.atMs ?? 0)).toBeLessThanOrEqual(2 * 3_600_000);
    expect(growthPerHour(samples, 3_600_000)).toBeCloseTo(240, 6);
  });

  test('is not told of too little, and begins anew when the clock is set back', () => {
    expect(growthPerHour(samplesOf([1, 2]), 0)).toBeUndefined();
    expect(growthPerHour(samplesOf([1, 2, 3]), 3 * MINUTE_MS)).toBeUndefined();
    expect(addSample(samplesOf([1, 2, 3]), { atMs: 0, value: 4 })).toEqual([{ atMs: 0, value: 4 }]);
  });

  test('ends at a limit only when it rises', () => {
    expect([secondsUntil(50, 100), secondsUntil(0, 100), secondsUntil(-3, 100)]).toEqual([1800, 0, 0]);
    expect([secondsUntil(50, 0), secondsUntil(50, -1), secondsUntil(50, undefined)]).toEqual(Array(3).fill(undefined));
  });
});

describe('zombies that become more', () => {
  test('have a rate after five minutes; before it is unknown, with the reason that it must be waited for', () => {
    const audits = startAudits();
    let count = 0;
    const rates = Array.from({ length: 8 }, () => sandboxOf(audits.audit(leaking((count += 2)), MINUTE_MS), 'web'));
    expect(rates.map(({ zombies: { perHour } }) => perHour && Math.round(perHour))).toEqual([
      ...Array(6).fill(undefined),
      120,
      120,
    ]);
    expect(rates[3]?.unknown).toContainEqual({ field: 'zombies.perHour', reason: 'one-look' });
    expect(rates[7]?.unknown.map(({ field }) => field)).not.toContain('zombies.perHour');
  });

  const severityAfter = (minutes: number, perMinute: number, limit: number) => {
    const audits = startAudits();
    for (let minute = 1; minute < minutes; minute++) audits.audit(leaking(minute * perMinute), MINUTE_MS);
    const tasks = 2 + minutes * perMinute;
    const report = audits.audit(leaking(minutes * perMinute, { pod: { current: tasks, limit } }), MINUTE_MS);
    return findingsOf(report, 'zombies-container-init')[0];
  };

  test('are critical when they fill a limit within a day, and only a warning when it takes longer', () => {
    expect(severityAfter(12, 2, 1000)).toMatchObject({ severity: 'critical', evidence: { perHour: 120 } });
    expect(severityAfter(12, 2, 1000)?.evidence['exhaustedInSeconds']).toBe(Math.round((974 / 120) * 3600));
    expect(severityAfter(12, 2, 10_000)).toMatchObject({ severity: 'warning' });
  });

  test('are a fact while they are young, however near a limit is', () => {
    const audits = startAudits();
    const near = { pod: { current: 95, limit: 100 } };
    const seen = [0, 1, 2, 3, 4, 5, 6].map(
      () => findingsOf(audits.audit(leaking(30, near), MINUTE_MS), 'zombies-container-init')[0]?.severity,
    );
    expect(seen).toEqual([undefined, 'info', 'info', 'info', 'info', 'critical', 'critical']);
  });

  test('are critical under a daemon of the node, too, when they fill it within a day', () => {
    const audits = startAudits();
    const held = (count: number) =>
      node({ processes: [process(700, { comm: 'cron' }), ...zombies(count, 5000, 700)], kernel: { pidMax: 1000 } });
    for (let minute = 1; minute < 12; minute++) audits.audit(held(10 * minute), MINUTE_MS);
    const [finding] = findingsOf(audits.audit(held(120), MINUTE_MS), 'zombies-host');
    expect(finding).toMatchObject({ severity: 'critical', evidence: { perHour: 600 } });
    expect(finding?.evidence['exhaustedInSeconds']).toBeLessThan(6 * 3600);
  });

  test('are those of one process, not of the next that has its PID', () => {
    const audits = startAudits();
    const held = (startTicks: number) =>
      node({ processes: [process(700, { comm: 'cron', startTicks }), zombie(5000 + startTicks, 700)] });
    for (const startTicks of [100, 100, 100]) audits.audit(held(startTicks), 2 * MINUTE_MS);
    expect(findingsOf(audits.audit(held(100)), 'zombies-host')).toMatchObject([{ confirmed: true }]);
    audits.audit(held(900), 2 * MINUTE_MS);
    expect(findingsOf(audits.audit(held(900), 2 * MINUTE_MS), 'zombies-host')).toMatchObject([{ confirmed: false }]);
  });

  test('in a burst of a minute are not: a build leaves many and ends', () => {
    expect(severityAfter(3, 50, 1000)).toMatchObject({ severity: 'info', evidence: { perHour: null } });
  });

  test('that stay as they are fill nothing', () => {
    const audits = startAudits();
    for (let minute = 0; minute < 12; minute++) audits.audit(leaking(30), MINUTE_MS);
    const report = audits.audit(leaking(30, { pod: { current: 40, limit: 100 } }), MINUTE_MS);
    expect(sandboxOf(report, 'web').zombies.perHour).toBe(0);
    expect(findingsOf(report, 'zombies-container-init')).toMatchObject([{ severity: 'warning' }]);
  });

  test('under PID 1 of the node are a warning, and info again when they stay', () => {
    const audits = startAudits();
    const held = (count: number) => node({ processes: zombies(count, 5000, 1) });
    for (let minute = 1; minute < 20; minute++) audits.audit(held(minute * 2), MINUTE_MS);
    expect(findingsOf(audits.audit(held(40), MINUTE_MS), 'zombies-host')).toMatchObject([{ severity: 'warning' }]);
    for (let minute = 0; minute < 130; minute++) audits.audit(held(40), MINUTE_MS);
    expect(findingsOf(audits.audit(held(40), MINUTE_MS), 'zombies-host')).toMatchObject([{ severity: 'info' }]);
  });
});

describe('tasks that become more', () => {
  const withTasks = (current: number, container = 'app') =>
    node({
      pods: [pod('web', { containers: { [container]: {} }, pids: { pod: { current, limit: 1000 } } })],
      kernel: { pidMax: undefined, threadsMax: undefined },
    });

  test('reach the limit in a time that is told', () => {
    const audits = startAudits();
    for (let minute = 0; minute < 10; minute++) audits.audit(withTasks(100 + 10 * minute), MINUTE_MS);
    const { pids } = sandboxOf(audits.audit(withTasks(200), MINUTE_MS), 'web');
    expect(pids.exhaustedInSeconds).toBe(80 * 60);
  });

  test('are counted anew for a new container: what the old one had grown to is gone', () => {
    const audits = startAudits();
    for (let minute = 0; minute < 10; minute++) audits.audit(withTasks(900 - minute), MINUTE_MS);
    for (let minute = 0; minute < 10; minute++) audits.audit(withTasks(10 + minute, 'again'), MINUTE_MS);
    const { pids } = sandboxOf(audits.audit(withTasks(20, 'again'), MINUTE_MS), 'web');
    expect(pids.exhaustedInSeconds).toBe(980 * 60);
  });
});

describe('forks that are refused', () => {
  const withHits = (leaf: number, podHits = 0) =>
    node({
      pods: [
        pod('web', {
          pids: { app: { current: 5, limitHits: leaf }, pod: { current: 9, limit: 10, limitHits: podHits } },
        }),
      ],
    });
  const hits = (...counts: readonly (readonly [leaf: number, pod?: number])[]) => {
    const audits = startAudits();
    return counts.map((it) => findingsOf(audits.audit(withHits(...it)), 'pid-limit-hit')[0]);
  };

  test('are told with their number once they are more than before, from the leaf that tried (L12)', () => {
    const [first, second] = hits([700], [703]);
    expect(first).toBeUndefined();
    expect(second).toMatchObject({
      severity: 'critical',
      evidence: { refused: 3, lastRefusedSecondsAgo: 0, tasks: 9 },
    });
  });

  test('are not counted twice where the pod counts them too', () => {
    expect(hits([0, 0], [4, 4])[1]?.evidence['refused']).toBe(4);
  });

  test('hold the finding for two minutes, which confirms it, and no longer', () => {
    const seen = hits([0], [5], ...Array.from({ length: 12 }, () => [5] as const));
    expect(seen.map((it) => it?.confirmed)).toEqual([
      undefined,
      false,
      ...Array(9).fill(true),
      ...Array(3).fill(undefined),
    ]);
    expect(seen[5]?.evidence).toMatchObject({ refused: 5, lastRefusedSecondsAgo: 60 });
  });

  test('in a container that was restarted count from its start', () => {
    const audits = startAudits();
    audits.audit(withHits(0));
    const again = pod('web', {
      containers: { again: {} },
      pids: { again: { limitHits: 2 }, pod: { current: 9, limit: 10 } },
    });
    expect(findingsOf(audits.audit(node({ pods: [again] })), 'pid-limit-hit')).toMatchObject([
      { evidence: { refused: 2 } },
    ]);
  });
});

describe('a sandbox that is replaced again and again', () => {
  const look = (attempt: number, agoMs: number) => {
    const it = pod(`web-${attempt}`, {
      base: 1000 * (attempt + 1),
      sandbox: { uid: 'uid-of-web', attempt, createdAtMs: NOW_MS - agoMs },
    });
    return node({ pods: [{ ...it, sandbox: { ...it.sandbox, name: 'web' } }] });
  };

  test('is one finding that keeps its age, although each audit sees another sandbox and none of the dead', () => {
    const audits = startAudits();
    const seen = [0, 1, 2, 3, 4, 5, 6].map((attempt) => {
      const report = audits.audit(look(attempt, 0 - attempt * MINUTE_MS), MINUTE_MS);
      return findingsOf(report, 'sandbox-churn')[0];
    });
    expect(seen.map((it) => it?.confirmed)).toEqual([undefined, undefined, undefined, false, true, true, true]);
    expect(new Set(seen.slice(3).map((it) => it?.sinceMs)).size).toBe(1);
    expect(seen[6]?.evidence).toMatchObject({ replaced: 6, attempt: 6 });
  });

  test('within seconds is a pause that exits at once, also when each look finds only the one that lives', () => {
    const audits = startAudits();
    const seen = [0, 1, 2, 3].map((attempt) => {
      const madeAgoMs = 12_000 - attempt * 15_000;
      return findingsOf(audits.audit(look(attempt, madeAgoMs), 15_000), 'pause-exits-early').length;
    });
    expect(seen).toEqual([0, 0, 1, 1]);
  });

  test('is forgiven an hour after the last time', () => {
    const audits = startAudits();
    for (const attempt of [0, 1, 2, 3, 4]) audits.audit(look(attempt, 0 - attempt * MINUTE_MS), MINUTE_MS);
    const quiet = [30, 31, 2, 2, 2].map(
      (minutes) => findingsOf(audits.audit(look(4, -4 * MINUTE_MS), minutes * MINUTE_MS), 'sandbox-churn').length,
    );
    expect(quiet).toEqual([1, 1, 0, 0, 0]);
  });
});

describe('the policy', () => {
  test('leaves out a namespace and switches off a finding', () => {
    const broken = node({ pods: [pod('web', { pause: { state: 'T' } })] });
    const idsWith = (policy: object) =>
      startAudits({ ...DEFAULT_POLICY, ...policy })
        .audit(broken)
        .findings.map(({ id }) => id);
    expect(idsWith({})).toEqual(['pause-stopped']);
    expect(idsWith({ ignoredNamespaces: ['shop'] })).toEqual([]);
    expect(idsWith({ findings: { 'pause-stopped': { enabled: false } } })).toEqual([]);
  });

  test('may ask for more looks and a longer time', () => {
    const audits = startAudits({
      ...DEFAULT_POLICY,
      findings: { 'pause-stopped': { enabled: true, looks: 2, confirmAfterMs: 40_000 } },
    });
    const seen = [0, 1, 2, 3].map(
      () => audits.audit(node({ pods: [pod('web', { pause: { state: 'T' } })] })).findings[0],
    );
    expect(seen.map((it) => it?.confirmed)).toEqual([undefined, false, false, true]);
  });
});
