/** What the HTTP answers promise: codes for every path and method, also for malformed ones and before the first audit. */
import { describe, expect, test } from 'vitest';
import { report, sandboxId, sandboxView } from './report-builder.ts';

import { ask, publicationOf, site } from './site-builder.ts';

describe('paths', () => {
  test.each(['/metrics', '/sandboxes', '/findings', '/', '/healthz', '/readyz', '/runbooks/pause-stopped'])(
    '%s answers 200',
    (path) => {
      expect(ask(path).status).toBe(200);
    },
  );

  test('that lead nowhere name the ones there are', () => {
    expect(ask('/metric').status).toBe(404);
    expect(JSON.parse(ask('/nowhere').text).error.allowed).toContain('/sandboxes');
    expect(ask('/runbooks/nope').status).toBe(404);
  });

  test.each([
    '*',
    '',
    'http://',
    'http://[',
    '//',
    '/%',
    '/sandboxes/%ff%',
    '/sandboxes/../../etc',
    `/${'a'.repeat(7000)}`,
    '/sandboxes?%=%',
  ])('that are malformed (%s) are answered with a 4xx', (url) => {
    expect(ask(url).status).toBeGreaterThanOrEqual(400);
    expect(ask(url).status).toBeLessThan(500);
  });

  test('in absolute form are understood', () => {
    expect(ask('http://worker-7:10961/healthz').status).toBe(200);
  });

  test('of metrics may be moved', () => {
    expect(ask('/scrape', {}, {}, site({ telemetryPath: '/scrape' })).status).toBe(200);
  });
});

describe('methods', () => {
  test('other than GET and HEAD are refused', () => {
    const answer = ask('/metrics', {}, { method: 'POST' });
    expect(answer).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
  });

  test('HEAD has the headers of GET and no body', () => {
    const head = ask('/sandboxes', {}, { method: 'HEAD' });
    expect(head.body).toHaveLength(0);
    expect(head.headers).toEqual(ask('/sandboxes').headers);
  });
});

describe('before the first audit', () => {
  const empty = site({ publication: undefined });

  test.each(['/metrics', '/sandboxes', '/findings', '/', '/readyz', '/sandboxes/abc'])(
    '%s is 503 with Retry-After',
    (path) => {
      expect(ask(path, {}, {}, empty)).toMatchObject({ status: 503, headers: { 'retry-after': '15' } });
    },
  );

  test('the agent is healthy, and is not once its loop has stopped', () => {
    expect(ask('/healthz', {}, {}, empty).status).toBe(200);
    expect(ask('/healthz', {}, {}, site({ alive: false })).status).toBe(503);
  });
});

describe('when the last audit is too old', () => {
  test('the agent is not ready, and its metrics are those of itself only', () => {
    const stale = site({ stale: true });
    expect(ask('/readyz', {}, {}, stale).status).toBe(503);
    expect(ask('/metrics', {}, {}, stale).text).toContain('pausewatch_last_audit_timestamp_seconds');
    expect(ask('/metrics', {}, {}, stale).text).not.toMatch(/pausewatch_(pod|node|sandboxes)/);
    expect(ask('/', {}, {}, stale).text).toContain('older than three intervals');
  });
});

describe('/sandboxes/<id>', () => {
  const twins = ['abc1', 'abc2'].map((digits, i) => sandboxView('default', `web-${i}`, { id: sandboxId(digits) }));

  test('takes a whole id and a unique prefix', () => {
    expect(JSON.parse(ask('/sandboxes/c0ffee').text).name).toBe('checkout-7d9c6b5f4-x2x9q');
    expect(ask(`/sandboxes/${sandboxId('c0ffee')}`).text).toBe(ask('/sandboxes/c0ffee').text);
  });

  test('is 404 for nothing and 409 with the candidates for several', async () => {
    const at = site({ publication: await publicationOf(report({ sandboxes: twins })) });
    expect(ask('/sandboxes/', {}, {}, at).status).toBe(404);
    expect(ask('/sandboxes/ffff', {}, {}, at).status).toBe(404);
    const answer = ask('/sandboxes/abc', {}, {}, at);
    expect(answer.status).toBe(409);
    expect(JSON.parse(answer.text).error).toMatchObject({
      code: 'ambiguous-id',
      candidates: [{ name: 'web-0' }, { name: 'web-1' }],
    });
  });

  test('refuses a query it does not know', () => {
    expect(JSON.parse(ask('/sandboxes?sort=name').text).error).toMatchObject({ code: 'unknown-parameter' });
    expect(ask('/sandboxes?sort=name').status).toBe(400);
  });
});

test('Every answer forbids sniffing, scripts and frames', () => {
  for (const path of ['/', '/metrics', '/sandboxes', '/nowhere', '/runbooks/pause-stopped']) {
    const { headers } = ask(path);
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['content-security-policy']).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect(headers['content-security-policy']).not.toContain('unsafe');
  }
});
