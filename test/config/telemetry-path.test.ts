/** --web.telemetry-path: any path that somebody can ask for and nothing else answers. */
import { describe, expect, test } from 'vitest';
import { parseRequest } from '../../src/config/parse.ts';
import { ask } from '../publish/site-builder.ts';

describe('the path of the metrics', () => {
  const mistakesWith = (path: string) => {
    const request = parseRequest([`--web.telemetry-path=${path}`], {});
    return request.kind === 'mistakes' ? request.mistakes : [];
  };

  test.each(['/metrics', '/scrape', '/metrics/', '/a/b', '/podsandboxes', '/healthz2'])('may be %s', (path) => {
    expect(parseRequest([`--web.telemetry-path=${path}`], {})).toMatchObject({ config: { telemetryPath: path } });
  });

  test('is none that answers something else, of all the server has', () => {
    const { allowed } = (JSON.parse(ask('/nowhere').text) as { error: { allowed: string[] } }).error;
    const taken = allowed.filter((path) => path !== '/metrics').map((path) => path.replaceAll(/[<>]/g, ''));
    expect(taken).toHaveLength(8);
    for (const path of [...taken, '/sandboxes/', '/pods', '/pods/x', '/runbooks/pause-stopped']) {
      expect(mistakesWith(path)).toEqual([
        `--web.telemetry-path must not be "${path}", where something else is served`,
      ]);
    }
  });

  test.each(['metrics', '', '/metrics?x=1', '/metrics#x', '//metrics', '/a b', '/a/../b', 'http://node/metrics'])(
    'is none that nobody could ask for: %j',
    (path) => {
      expect(mistakesWith(path)).toEqual([expect.stringMatching(/^--web\.telemetry-path must be an absolute path /)]);
    },
  );
});
