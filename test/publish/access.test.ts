/** Who may read details: peers, proxies, Host names and --web.details. */
import { describe, expect, test } from 'vitest';
import type { AccessPolicy } from '../../src/publish/http/access.ts';

import { ACCESS, ask, site } from './site-builder.ts';

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
    [{ details: 'loopback' as const, loopbackOnly: true }, 403],
    [{ details: 'off' as const, loopbackOnly: true }, 403],
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
