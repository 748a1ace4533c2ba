/** The walls between the rooms hold: each check fires on a violation that is planted in a copy of the tree. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

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
  ['core reads a file', 'src/core', "import 'node:fs';", 'no-restricted-imports'],
  ['core imports a room', 'src/core', "import '../kernel/processes/procfs.ts';", 'no-restricted-imports'],
  ['core imports a package', 'src/core', "import 'pino';", 'no-restricted-imports'],
  ['core looks at the clock', 'src/core', 'export const now = Date.now();', 'no-restricted-globals'],
  ['core rolls dice', 'src/core', 'export const dice = Math.random();', 'no-restricted-properties'],
  ['kernel imports upwards', 'src/kernel/parse', "import '../../agent/agent.ts';", 'no-restricted-imports'],
  ['a room of the kernel imports upwards', 'src/kernel/cgroups', "import '../tally.ts';", 'no-restricted-imports'],
  ['kernel imports runtime', 'src/kernel', "import '../runtime/detect.ts';", 'no-restricted-imports'],
  ['runtime imports publish', 'src/runtime', "import '../publish/http/server.ts';", 'no-restricted-imports'],
  ['runtime imports upwards', 'src/runtime', "import '../agent/agent.ts';", 'no-restricted-imports'],
  ...['cri', 'docker', 'grpc'].flatMap((room) =>
    ['kernel/suspects.ts', 'publish/http/server.ts', 'config/parse.ts', 'recording/names.ts', 'agent/agent.ts'].map(
      (path) =>
        [
          `runtime/${room} imports ${path}`,
          `src/runtime/${room}`,
          `import '../../${path}';`,
          'no-restricted-imports',
        ] as const,
    ),
  ),
  ...['docker', 'grpc'].map(
    (room) =>
      [
        `runtime/${room} knows the types of CRI`,
        `src/runtime/${room}`,
        "import '../cri/generated/runtime/v1/cri.ts';",
        'no-restricted-imports',
      ] as const,
  ),
  ['publish imports kernel', 'src/publish/http', "import '../../kernel/processes/procfs.ts';", 'no-restricted-imports'],
  ['a face imports a room of another', 'src/publish/page', "import '../terminal/ink.ts';", 'no-restricted-imports'],
  ['a document imports a face', 'src/publish/documents', "import '../page/html.ts';", 'no-restricted-imports'],
  ['a face imports the server', 'src/publish/metrics', "import '../http/answer.ts';", 'no-restricted-imports'],
  ['config imports runtime', 'src/config', "import '../runtime/detect.ts';", 'no-restricted-imports'],
  ['recording imports publish', 'src/recording', "import '../publish/http/server.ts';", 'no-restricted-imports'],
  ['publish imports recording', 'src/publish/page', "import '../../recording/names.ts';", 'no-restricted-imports'],
  ['a room imports upwards', 'src/publish/http', "import '../../agent/agent.ts';", 'no-restricted-imports'],
  ['a source imports a command', 'src/sources', "import '../commands/scan.ts';", 'no-restricted-imports'],
  ['the loop imports a command', 'src/agent', "import '../commands/serve.ts';", 'no-restricted-imports'],
  ['core imports the sources', 'src/core', "import '../sources/capture.ts';", 'no-restricted-imports'],
  ['kernel imports the sources', 'src/kernel/parse', "import '../../sources/capture.ts';", 'no-restricted-imports'],
  ['the agent starts a process', 'src/agent', "import 'node:child_process';", 'no-restricted-imports'],
  ['the agent knows of enter', 'src', "import './enter/enter.ts';", 'no-restricted-imports'],
  ['the agent knows of the plugin', 'src', "import './kubectl/merge.ts';", 'no-restricted-imports'],
  ...['core', 'kernel', 'runtime', 'publish/text', 'publish/http', 'config', 'recording'].map((room) => {
    const up = '../'.repeat(room.split('/').length);
    return [`${room} knows of enter`, `src/${room}`, `import '${up}enter/enter.ts';`, 'no-restricted-imports'] as const;
  }),
  ['enter starts processes anywhere', 'src/enter', "import 'node:child_process';", 'no-restricted-imports'],
  ['the plugin looks at the node', 'src/kubectl', "import '../kernel/processes/procfs.ts';", 'no-restricted-imports'],
  [
    'generated types leave runtime/cri',
    'src/runtime',
    "import './cri/generated/runtime/v1/cri.ts';",
    'no-restricted-imports',
  ],
  ['somebody but main ends the process', 'src', 'process.exit(1);', 'no-restricted-properties'],
  ['somebody writes to the console', 'src', 'console.log(1);', 'no-console'],
  ['a default export', 'src', 'export default 1;', 'no-default-export'],
  ['any', 'src', 'export const it: any = 1;', 'no-explicit-any'],
  ['a non-null assertion', 'src', 'export const it = [1][0]!;', 'no-non-null-assertion'],
  ['a floating promise', 'src', 'Promise.resolve(1);', 'no-floating-promises'],
] as const;

/** What the lint says of all of them together, by file: each run starts a type checker. */
function lintAll(): ReadonlyMap<string, readonly string[]> {
  const planted = [
    ['src/core/sound.ts', 'export const planted = 1;'],
    ...VIOLATIONS.map(([, room, line], i) => [fileOf(room, i), line]),
  ];
  for (const [path = '', line] of planted) writeFileSync(join(copy, path), `/** Planted. */\n${line}\n`);
  const paths = planted.map(([path = '']) => path);
  const { stdout } = spawnSync(join(BIN, 'oxlint'), ['-f', 'json', ...paths], { cwd: copy, encoding: 'utf8' });
  for (const path of paths) rmSync(join(copy, path));
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { readonly filename: string; readonly code: string }[] };
  return new Map(
    paths.map((path) => [path, diagnostics.filter(({ filename }) => filename.endsWith(path)).map(({ code }) => code)]),
  );
}

function fileOf(room: string, violation: number): string {
  return `${room}/planted-${violation}.ts`;
}

describe('The lint', () => {
  let said: ReadonlyMap<string, readonly string[]>;

  beforeAll(() => {
    said = lintAll();
  });

  test('passes a sound file', () => {
    expect(said.get('src/core/sound.ts')).toEqual([]);
  });

  test.each(VIOLATIONS.map(([what, room, , rule], i) => [what, fileOf(room, i), rule]))(
    'refuses that %s',
    (_, path, rule) => {
      expect(said.get(path)?.join(' ')).toContain(rule);
    },
  );
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
