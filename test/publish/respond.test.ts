/** What the HTTP answers promise: codes, negotiation, caching, who may read details, hostile input. */
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { AuditReport } from '../../src/core/report.ts';
import type { AccessPolicy } from '../../src/publish/access.ts';
import { createLedger } from '../../src/publish/ledger.ts';
import { renderMetrics } from '../../src/publish/metrics.ts';
import { createPublication, type Publication } from '../../src/publish/publication.ts';
import { type Request, respond, type Site } from '../../src/publish/respond.ts';
import { BUSY_NODE } from './busy-node.ts';
import { METRICS_OPTIONS, STATS } from './metrics-builder.ts';
import { report, sandboxId, sandboxView } from './report-builder.ts';

const ACCESS: AccessPolicy = {
  details: 'auto',
  loopbackOnly: false,
  authenticated: false,
  nodeName: 'Worker-7',
  externalUrl: undefined,
};
const busy = await publicationOf(BUSY_NODE);

async function publicationOf(one: AuditReport, sequence = 1): Promise<Publication> {
  return createPublication(one, await renderMetrics(one, STATS, createLedger(), METRICS_OPTIONS), sequence);
}

function site(overrides: Partial<Site> = {}): Site {
  return {
    ...{ publication: busy, stale: false, alive: true, access: ACCESS, telemetryPath: '/metrics' },
    ...{ runbookBase: '/runbooks', intervalMs: 15_000, version: '0.1.0' },
    ...overrides,
  };
}

function ask(url: string, headers: Request['headers'] = {}, from: Partial<Request> = {}, at: Site = site()) {
  const {
    status,
    headers: answered,
    body,
  } = respond({ method: 'GET', url, headers, remoteAddress: '127.0.0.1', ...from }, at);
  return { status, headers: answered, text: body.toString('utf8'), body };
}

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

describe('negotiation', () => {
  const TEXT = 'text/plain; version=0.0.4; charset=utf-8';
  const OPENMETRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
  const PROMETHEUS_3 =
    'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2';

  test.each([
    [undefined, TEXT],
    ['*/*', TEXT],
    ['text/html', TEXT],
    [PROMETHEUS_3, OPENMETRICS],
    ['application/openmetrics-text', OPENMETRICS],
    ['application/openmetrics-text;q=0', TEXT],
    ['application/openmetrics-text;q=0.3, text/plain;version=0.0.4;q=0.7', TEXT],
    ['application/openmetrics-text; version="1.0.0"; q=0.7, text/plain;q=0.3', OPENMETRICS],
    ['application/openmetrics-text;version=2.0.0', TEXT],
    ['application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited', TEXT],
    [';;;,,=;q=', TEXT],
  ])('of %s gives %s', (accept, type) => {
    const answer = ask('/metrics', accept === undefined ? {} : { accept });
    expect(answer.headers['content-type']).toBe(type);
    expect(answer.text.endsWith('# EOF\n')).toBe(type === OPENMETRICS);
  });

  test.each([
    ['gzip', true],
    ['deflate, gzip;q=1.0, *;q=0.5', true],
    ['*', true],
    ['gzip;q=0', false],
    ['gzip;q=0, *', false],
    ['identity', false],
    ['br', false],
  ])('of Accept-Encoding %s compresses: %s', (encoding, compressed) => {
    const answer = ask('/metrics', { 'accept-encoding': encoding });
    expect(answer.headers['content-encoding']).toBe(compressed ? 'gzip' : undefined);
    expect(answer.headers['content-length']).toBe(String(answer.body.length));
    const plain = compressed ? gunzipSync(answer.body).toString() : answer.text;
    expect(plain).toBe(ask('/metrics').text);
  });

  test('compresses each body once per audit', () => {
    const [first, second] = [
      ask('/metrics', { 'accept-encoding': 'gzip' }),
      ask('/metrics', { 'accept-encoding': 'gzip' }),
    ];
    expect(first.body).toBe(second.body);
  });
});

describe('entity tags', () => {
  test('save a body that is known already, and change with audit, format and query', async () => {
    const etag = ask('/sandboxes').headers['etag'] ?? '';
    expect(ask('/sandboxes', { 'if-none-match': etag })).toMatchObject({ status: 304, text: '' });
    expect(ask('/sandboxes', { 'if-none-match': `"other", ${etag.replace('W/', '')}` }).status).toBe(304);
    const next = site({ publication: await publicationOf(BUSY_NODE, 2) });
    expect(ask('/sandboxes', { 'if-none-match': etag }, {}, next).status).toBe(200);
    const tags = [
      ...[
        '/sandboxes',
        '/sandboxes?view=brief',
        '/sandboxes?namespace=shop',
        '/findings',
        '/',
        '/metrics',
        '/sandboxes/c0ffee',
      ].map((url) => ask(url)),
      ask('/metrics', { accept: 'application/openmetrics-text' }),
      ask('/metrics', {}, {}, site({ stale: true })),
    ].map(({ headers }) => headers['etag']);
    expect(new Set(tags).size).toBe(tags.length);
  });

  test('do not depend on the order of parameters', () => {
    expect(ask('/sandboxes?state=ready&namespace=shop').headers['etag']).toBe(
      ask('/sandboxes?namespace=shop&state=ready').headers['etag'],
    );
  });

  test('hold no character that a header may not', () => {
    expect(ask('/sandboxes?namespace=%0d%0aevil%22').headers['etag']).toMatch(/^W\/"[!#-~]+"$/);
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

describe('details', () => {
  const OUTSIDE = { remoteAddress: '10.1.2.3' };
  const access = (overrides: Partial<AccessPolicy>) => site({ access: { ...ACCESS, ...overrides } });

  test('are for loopback peers by default, and others are told how to reach them in one line', () => {
    for (const path of ['/', '/sandboxes', '/findings', '/sandboxes/c0ffee']) {
      const answer = ask(path, {}, OUTSIDE);
      expect(answer.status).toBe(403);
      expect(answer.text).toContain('port-forward');
      expect(answer.text).toContain('--web.details=all');
      expect(answer.text.trim().split('\n')).toHaveLength(1);
    }
    for (const path of ['/metrics', '/healthz', '/readyz', '/runbooks/pause-stopped'])
      expect(ask(path, {}, OUTSIDE).status).toBe(200);
  });

  test.each(['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'])('take %s for loopback', (remoteAddress) => {
    expect(ask('/sandboxes', {}, { remoteAddress }).status).toBe(200);
  });

  test.each(['::ffff:10.0.0.1', '128.0.0.1', '127.evil.example', undefined])(
    'do not take %s for loopback',
    (remoteAddress) => {
      expect(ask('/sandboxes', {}, { remoteAddress }).status).toBe(403);
    },
  );

  test('are not for those whom a proxy on loopback speaks for', () => {
    expect(ask('/sandboxes', { 'x-forwarded-for': '10.1.2.3' }).status).toBe(403);
  });

  test.each([
    [{ details: 'all' as const }, 200],
    [{ loopbackOnly: true }, 200],
    [{ authenticated: true }, 200],
    [{ details: 'loopback' as const, loopbackOnly: true }, 403],
    [{ details: 'off' as const, authenticated: true }, 403],
  ])('with %o answer an outsider %i', (overrides, status) => {
    expect(ask('/sandboxes', {}, OUTSIDE, access(overrides)).status).toBe(status);
  });

  test.each([
    ['localhost:10961', 200],
    ['pausewatch.localhost', 200],
    ['127.0.0.1:10961', 200],
    ['[::1]:10961', 200],
    ['worker-7:10961', 200],
    ['WORKER-7.', 200],
    ['node.example:443', 200],
    ['evil.example:10961', 403],
    ['localhost.evil.example', 403],
    ['', 403],
  ])('asked for as Host %s are answered %i, since a page may point its own name at loopback', (host, status) => {
    const at = access({ externalUrl: 'https://node.example/pausewatch' });
    expect(ask('/sandboxes', { host }, {}, at).status).toBe(status);
    expect(ask('/metrics', { host }, {}, at).status).toBe(200);
  });

  test('open to everybody may be asked for by any name', () => {
    expect(ask('/sandboxes', { host: 'pausewatch.monitoring.svc' }, OUTSIDE, access({ details: 'all' })).status).toBe(
      200,
    );
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
