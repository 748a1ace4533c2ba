/** What /sandboxes and /findings promise: their shape, nulls with reasons, filters. */
import { describe, expect, test } from 'vitest';
import type { AuditReport } from '../../src/core/report.ts';
import { type Filter, NO_FILTER, parseFilter } from '../../src/publish/documents/filter.ts';
import { renderFindings, renderSandboxes } from '../../src/publish/documents/json.ts';
import { BUSY_NODE } from './busy-node.ts';
import { containerView, finding, NOW_MS, pauseView, report, sandboxId, sandboxView, zombie } from './report-builder.ts';

/** The parts of the documents that tests look at. */
interface Wire {
  readonly sandboxes: readonly Record<string, unknown>[];
  readonly findings: readonly { readonly id: string }[];
  readonly nodeFindings: readonly { readonly id: string }[];
}

function sandboxes(one: AuditReport, filter: Filter = NO_FILTER): Wire {
  return JSON.parse(renderSandboxes(one, filter, '/runbooks'));
}

function findings(one: AuditReport, filter: Filter = NO_FILTER): Wire {
  return JSON.parse(renderFindings(one, filter, 'https://runbooks.example/'));
}

function only(query: string): Filter {
  const parsed = parseFilter(new URLSearchParams(query));
  if ('error' in parsed) throw new Error(parsed.error.message);
  return parsed.filter;
}

function names(wire: Wire): readonly unknown[] {
  return wire.sandboxes.map((sandbox) => sandbox['name']);
}

describe('a sandbox', () => {
  const container = {
    kind: 'container',
    namespace: 'default',
    pod: 'web-0',
    container: 'app',
    sandboxId: sandboxId('1'),
  } as const;
  const one = sandboxView('default', 'web-0', {
    id: sandboxId('1'),
    containers: [containerView('app', { zombies: 1 })],
    zombies: { count: 1, perHour: 1.25, items: [zombie(5000, { atLeast: true })] },
    findings: [
      finding('zombies-container-init', 'info', container, {
        evidence: { zombies: 1, names: ['curl'], parentComm: 'node', parentPid: 4800, sharingHelps: 'yes' },
      }),
    ],
  });

  test('with everything known is exactly the golden one', async () => {
    const document = JSON.parse(renderSandboxes(report({ sandboxes: [one] }), NO_FILTER, '/runbooks'));
    await expect(`${JSON.stringify(document, undefined, 2)}\n`).toMatchFileSnapshot('golden/one-sandbox.json.golden');
  });

  test('names every absent fact with its reason', () => {
    const bare = sandboxView('default', 'web-0', {
      pidMode: undefined,
      image: undefined,
      pause: pauseView({ exe: undefined, exeSha256: undefined, startedAtMs: undefined }),
      containers: [containerView('app', { pid: undefined, zombies: undefined })],
      zombies: { count: undefined, items: [] },
      pids: { current: undefined, limit: undefined, limitFrom: 'none', utilization: undefined, zombieShare: undefined },
      unknown: [
        { field: 'pause.exe', reason: 'denied' },
        { field: 'zombies.count', reason: 'one-look' },
      ],
    });
    const [shown] = sandboxes(report({ sandboxes: [bare] })).sandboxes;
    expect(shown?.['unknown']).toEqual([
      { field: 'pause.exe', reason: 'denied' },
      { field: 'zombies.count', reason: 'one-look' },
      { field: 'pidMode', reason: 'silent' },
      { field: 'image', reason: 'silent' },
      { field: 'pause.startedAt', reason: 'silent' },
      { field: 'pause.exeSha256', reason: 'silent' },
      { field: 'containers.app.pid', reason: 'silent' },
      { field: 'containers.app.zombies', reason: 'silent' },
      { field: 'zombies.perHour', reason: 'silent' },
      { field: 'pids.current', reason: 'silent' },
      { field: 'pids.utilization', reason: 'silent' },
    ]);
    expect(shown?.['zombies']).toMatchObject({ count: null });
  });

  test('without a pause by design says why, and lists nothing as unknown for it', () => {
    const vm = sandboxView('default', 'kata', { pause: undefined, noPauseReason: 'vm-runtime', pauseHealth: 'none' });
    const [shown] = sandboxes(report({ sandboxes: [vm] })).sandboxes;
    expect(shown).toMatchObject({ pause: null, noPauseReason: 'vm-runtime' });
    expect(JSON.stringify(shown?.['unknown'])).not.toContain('pause');
  });

  test('lists fifty zombies and counts the rest', () => {
    const items = Array.from({ length: 120 }, (_, i) => zombie(5000 + i));
    const [shown] = sandboxes(
      report({ sandboxes: [sandboxView('a', 'b', { zombies: { count: 120, items } })] }),
    ).sandboxes;
    expect(shown?.['zombies']).toMatchObject({ count: 120, omitted: 70 });
    expect(JSON.stringify(shown).match(/firstSeenAt/g)).toHaveLength(50);
  });
});

describe('the documents', () => {
  test('keep findings of the node and its images apart from those of pods', () => {
    expect(sandboxes(BUSY_NODE).nodeFindings.map(({ id }) => id)).toEqual(['pause-image-legacy-registry']);
  });

  test('list all findings in the order of the report, with the runbooks asked for', () => {
    const wire = findings(BUSY_NODE);
    expect(wire.findings.map(({ id }) => id)).toEqual(BUSY_NODE.findings.map(({ id }) => id));
    expect(wire.findings[0]).toMatchObject({ runbook: 'https://runbooks.example/pause-dead-containers-running' });
  });

  test('survive a moment that no calendar has', () => {
    const odd = sandboxView('a', 'b', { createdAtMs: Number.NaN });
    expect(sandboxes(report({ sandboxes: [odd], takenAtMs: NOW_MS })).sandboxes[0]).toMatchObject({ createdAt: null });
  });

  test('under view=brief hold nothing of single processes', () => {
    const text = renderSandboxes(BUSY_NODE, only('view=brief'), '/runbooks');
    expect(JSON.parse(text).sandboxes[1]).toEqual({
      id: sandboxId('c0ffee'),
      namespace: 'shop',
      name: 'checkout-7d9c6b5f4-x2x9q',
      state: 'ready',
      zombieCount: 214,
      findingIds: ['pause-not-reaping'],
    });
    expect(text).not.toMatch(/nsPid|"items"|unclaimed/);
  });
});

describe('filters', () => {
  test('of one name mean or, of different names mean and', () => {
    expect(names(sandboxes(BUSY_NODE, only('namespace=shop&namespace=default')))).toEqual([
      'checkout-7d9c6b5f4-x2x9q',
      'mailer-0',
      'debug',
    ]);
    expect(names(sandboxes(BUSY_NODE, only('namespace=shop&pod=mailer-0')))).toEqual(['mailer-0']);
    expect(names(sandboxes(BUSY_NODE, only('namespace=default&pod=mailer-0')))).toEqual([]);
  });

  test('of severity mean that or worse, and the mildest of several', () => {
    expect(names(sandboxes(BUSY_NODE, only('severity=critical')))).toHaveLength(2);
    expect(names(sandboxes(BUSY_NODE, only('severity=warning')))).toHaveLength(3);
    expect(names(sandboxes(BUSY_NODE, only('severity=critical&severity=info')))).toHaveLength(4);
  });

  test('of finding and severity have to meet in one finding', () => {
    expect(names(sandboxes(BUSY_NODE, only('finding=zombies-container-init&severity=critical')))).toEqual([]);
    expect(names(sandboxes(BUSY_NODE, only('finding=zombies-container-init&severity=info')))).toEqual(['mailer-0']);
  });

  test('of pods leave out what belongs to no pod', () => {
    expect(sandboxes(BUSY_NODE, only('namespace=shop')).nodeFindings).toEqual([]);
    expect(sandboxes(BUSY_NODE, only('severity=warning')).nodeFindings).toHaveLength(1);
    expect(findings(BUSY_NODE, only('state=notready')).findings.map(({ id }) => id)).toEqual([
      'pause-dead-containers-running',
    ]);
  });

  test.each([
    ['colour=red', 'unknown-parameter', 'severity'],
    ['__proto__=x', 'unknown-parameter', 'namespace'],
    ['severity=bad', 'unknown-value', 'critical'],
    ['state=', 'unknown-value', 'notready'],
    ['finding=nope', 'unknown-value', 'pause-stopped'],
    ['view=all', 'unknown-value', 'brief'],
  ])('refuse %s and say what is allowed', (query, code, allowed) => {
    expect(parseFilter(new URLSearchParams(query))).toMatchObject({
      error: { code, allowed: expect.arrayContaining([allowed]) },
    });
  });
});
