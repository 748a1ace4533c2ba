/** The walls between the rooms hold: each check fires on a violation that is planted in a copy of the tree. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const BIN = join(process.cwd(), 'node_modules/.bin');

let copy: string;

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'pausewatch-house-'));
  for (const path of ['src', '.oxlintrc.json', 'tsconfig.json', 'package.json', 'biome.json', 'knip.json']) {
    cpSync(path, join(copy, path), { recursive: true });
  }
  symlinkSync(join(process.cwd(), 'node_modules'), join(copy, 'node_modules'));
});

afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** Plants one file, runs a check over it, takes it away again. */
function check(
  path: string,
  text: string,
  command: string,
  args: readonly string[],
): { status: number; output: string } {
  const planted = join(copy, path);
  writeFileSync(planted, text);
  try {
    const { status, stdout, stderr } = spawnSync(join(BIN, command), args, { cwd: copy, encoding: 'utf8' });
    return { status: status ?? -1, output: stdout + stderr };
  } finally {
    rmSync(planted);
  }
}

const SOUND = '/** Planted. */\nexport const planted = 1;\n';

const VIOLATIONS = [
  ['core reads a file', 'src/core/planted.ts', "import 'node:fs';", 'no-restricted-imports'],
  ['core imports a room', 'src/core/planted.ts', "import '../kernel/procfs.ts';", 'no-restricted-imports'],
  ['core imports a package', 'src/core/planted.ts', "import 'pino';", 'no-restricted-imports'],
  ['core looks at the clock', 'src/core/planted.ts', 'export const now = Date.now();', 'no-restricted-globals'],
  ['core rolls dice', 'src/core/planted.ts', 'export const dice = Math.random();', 'no-restricted-properties'],
  ['kernel imports runtime', 'src/kernel/planted.ts', "import '../runtime/detect.ts';", 'no-restricted-imports'],
  ['runtime imports publish', 'src/runtime/planted.ts', "import '../publish/server.ts';", 'no-restricted-imports'],
  ['publish imports kernel', 'src/publish/planted.ts', "import '../kernel/procfs.ts';", 'no-restricted-imports'],
  ['config imports runtime', 'src/config/planted.ts', "import '../runtime/detect.ts';", 'no-restricted-imports'],
  ['recording imports publish', 'src/recording/planted.ts', "import '../publish/server.ts';", 'no-restricted-imports'],
  ['publish imports recording', 'src/publish/planted.ts', "import '../recording/names.ts';", 'no-restricted-imports'],
  ['a room imports upwards', 'src/publish/planted.ts', "import '../agent.ts';", 'no-restricted-imports'],
  ['the agent starts a process', 'src/planted.ts', "import 'node:child_process';", 'no-restricted-imports'],
  ['the agent knows of enter', 'src/planted.ts', "import './enter/enter.ts';", 'no-restricted-imports'],
  ['the agent knows of the plugin', 'src/planted.ts', "import './kubectl/merge.ts';", 'no-restricted-imports'],
  ['enter starts processes anywhere', 'src/enter/planted.ts', "import 'node:child_process';", 'no-restricted-imports'],
  ['the plugin looks at the node', 'src/kubectl/planted.ts', "import '../kernel/procfs.ts';", 'no-restricted-imports'],
  [
    'generated types leave runtime/cri',
    'src/runtime/planted.ts',
    "import './cri/generated/runtime/v1/cri.ts';",
    'no-restricted-imports',
  ],
  ['somebody but main ends the process', 'src/planted.ts', 'process.exit(1);', 'no-restricted-properties'],
  ['somebody writes to the console', 'src/planted.ts', 'console.log(1);', 'no-console'],
  ['a default export', 'src/planted.ts', 'export default 1;', 'no-default-export'],
  ['any', 'src/planted.ts', 'export const it: any = 1;', 'no-explicit-any'],
  ['a non-null assertion', 'src/planted.ts', 'export const it = [1][0]!;', 'no-non-null-assertion'],
  ['a floating promise', 'src/planted.ts', 'Promise.resolve(1);', 'no-floating-promises'],
] as const;

test('A sound file passes the lint', () => {
  expect(check('src/core/planted.ts', SOUND, 'oxlint', ['src/core/planted.ts'])).toMatchObject({ status: 0 });
});

test.each(VIOLATIONS)('Lint refuses that %s', (_, path, line, rule) => {
  const { status, output } = check(path, `/** Planted. */\n${line}\n`, 'oxlint', [path]);
  expect(status).toBe(1);
  expect(output).toContain(rule);
});

test('Types refuse that core knows Node', () => {
  const { status, output } = check('src/core/planted.ts', 'export const it = process.pid;\n', 'tsc', [
    '-p',
    'src/core',
  ]);
  expect(status).not.toBe(0);
  expect(output).toContain('TS2591');
});

test('Format and unused exports are checked', () => {
  expect(check('src/planted.ts', 'export const   it = 1', 'biome', ['check', 'src/planted.ts']).status).not.toBe(0);
  expect(check('src/planted.ts', SOUND, 'knip', ['--include', 'files']).output).toContain('src/planted.ts');
});
