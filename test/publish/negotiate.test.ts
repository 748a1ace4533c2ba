/** What content negotiation promises: format, compression and entity tags. */
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { BUSY_NODE } from './busy-node.ts';

import { ask, publicationOf, site } from './site-builder.ts';

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

  test('are of what a query selects, not of how it is written: what selects the same is one body', () => {
    for (const [query, others] of Object.entries({
      '': ['?view=full', '?view=full&view=full', '?view=brief&view=full'],
      '?view=brief': ['?view=brief&view=brief', '?view=full&view=brief'],
      '?severity=info': ['?severity=critical&severity=info', '?severity=info&view=full'],
      '?namespace=shop&state=ready': ['?state=ready&namespace=shop', '?namespace=shop&state=ready&namespace=shop'],
      '?namespace=batch&namespace=shop': ['?namespace=shop&namespace=batch'],
    })) {
      const one = ask(`/sandboxes${query}`);
      for (const other of others.map((it) => ask(`/sandboxes${it}`))) {
        expect(other.headers['etag']).toBe(one.headers['etag']);
        expect(other.body).toBe(one.body);
      }
    }
  });

  test('tell filters apart that differ by a sign', () => {
    const tags = ['a*b', 'ab', 'a-b', 'a b', 'a+b'].map(
      (pod) => ask(`/sandboxes?pod=${encodeURIComponent(pod)}`).headers['etag'],
    );
    expect(new Set(tags).size).toBe(tags.length);
  });

  test('hold no character that a header may not', () => {
    expect(ask('/sandboxes?namespace=%0d%0aevil%22').headers['etag']).toMatch(/^W\/"[!#-~]+"$/);
  });
});
