/** Who has no rights here can still count what would be tried on real pods, as `PAUSEWATCH_NO_LAB=1 npm test` does. */
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

/** One file of them stands for all. */
const COMMAND = ['node_modules/.bin/vitest', 'list', 'test/real/rules.test.ts', '--project', 'real', '--json'];

test('the tests on real pods are listed without the right to make namespaces', () => {
  // From root is taken what namespaces need.
  const takeRights = process.getuid?.() === 0 ? ['setpriv', '--bounding-set', '-sys_admin'] : [];
  const { stdout, stderr } = spawnSync('env', [...takeRights, ...COMMAND], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] },
  });
  expect(stdout, stderr).toMatch(/^\[/);
  expect(JSON.parse(stdout)).not.toEqual([]);
});
