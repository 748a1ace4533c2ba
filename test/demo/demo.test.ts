/** How the demo answers before it begins: nothing is installed or built for a mistake, a question, or somebody who is not root. */
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const NOBODY = 65_534;

/** Runs the demo's front from a copy that anybody may read, and where there is nothing to build. */
function runDemo(...args: readonly string[]) {
  const root = mkdtempSync(join(tmpdir(), 'pausewatch-demo-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  chmodSync(root, 0o755);
  mkdirSync(join(root, 'test'));
  for (const name of ['demo.mjs', 'install.mjs']) copyFileSync(join('test', name), join(root, 'test', name));
  const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'test/demo.mjs'), ...args], {
    cwd: root,
    encoding: 'utf8',
    ...user,
  });
  return { status, stdout, stderr };
}

test('A question is answered', () => {
  const { status, stdout, stderr } = runDemo('--help');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toContain('npm run demo -- --once');
});

test.each([['--bogus'], ['word'], ['--once=yes']])('A mistake, %s, is one line and exit code 64', (word) => {
  const { status, stdout, stderr } = runDemo(word);
  expect({ status, stdout }).toEqual({ status: 64, stdout: '' });
  expect(stderr).toMatch(/^demo: [^\n]+; npm run demo -- --help tells what there is\n$/);
});

test('Who is not root is told so first', () => {
  expect(runDemo('--once')).toEqual({
    status: 2,
    stdout: '',
    stderr: 'npm run demo needs root (it makes namespaces, mounts and cgroups): sudo npm run demo\n',
  });
});
