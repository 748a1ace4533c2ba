/** `pausewatch record` and `pausewatch replay`, the built program: a node made of files, written down and judged again. */
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { BROKEN, type FixtureNode, makeNode } from './fixture-node.ts';
import { ensureBuilt, poll, runProgram, startAgent, startProgram } from './program.ts';

beforeAll(ensureBuilt, 60_000);

/** Records a node into a file below its own root. */
async function recordNode(node: FixtureNode, ...flags: string[]): Promise<string> {
  const file = join(node.root, `recording${flags.join('')}.json`);
  const { code, stdout, stderr } = await runProgram(['record', '-o', file, ...flags, ...node.flags]);
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  const what = `two looks, ${flags.includes('--redact') ? 'redacted' : 'not redacted'}`;
  expect(stderr).toMatch(/^pausewatch: wrote \S+: \d+ sandboxes, /);
  expect(stderr).toContain(`wrote ${file}: `);
  expect(stderr).toContain(`${what}; pausewatch replay ${file} reads it\n`);
  return file;
}

/** What stays of an output when the moments in it are taken out, and that it was recorded. */
function withoutTimes(text: string): string {
  return text
    .replace(/^recording \S+, taken [^;]*; PIDs\s+are\s+those\s+of\s+that\s+node\n/m, '')
    .replaceAll(/\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d{3})?( UTC|Z)?/g, 'TIME')
    .replaceAll(/( for| for at least) \d+ (s|min)\b/g, '$1 …')
    .replaceAll(/"ageSeconds":\d+/g, '"ageSeconds":N')
    .replaceAll(/^(\w+_(?:timestamp_seconds|duration_seconds)(?:\{[^}]*\})?) \S+$/gm, '$1 N');
}

describe('record', { timeout: 60_000 }, () => {
  test('writes two looks to a new file that nobody else may read', async () => {
    const node = await makeNode();
    const file = await recordNode(node);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const recording = JSON.parse(readFileSync(file, 'utf8')) as { looks: { node: string; takenAtMs: number }[] };
    expect(recording).toMatchObject({
      schemaVersion: 2,
      toolVersion: expect.stringMatching(/^\d/),
      redacted: false,
      settleMs: 100,
    });
    expect(recording.looks.map(({ node: name }) => name)).toEqual(['worker-7', 'worker-7']);
    const [first = 0, second = 0] = recording.looks.map(({ takenAtMs }) => takenAtMs);
    expect(second - first).toBeGreaterThanOrEqual(99);
  });

  test('writes to standard output when no file is named, and nothing else', async () => {
    const node = await makeNode();
    const { code, stdout, stderr } = await runProgram(['record', ...node.flags]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect((JSON.parse(stdout) as { looks: unknown[] }).looks).toHaveLength(2);
  });

  test('leaves alone what is there already: a file, a link, a link to nowhere, a directory', async () => {
    const node = await makeNode();
    const at = (name: string): string => join(node.root, name);
    writeFileSync(at('file'), 'precious');
    symlinkSync(at('file'), at('link'));
    symlinkSync(at('nowhere'), at('dangling'));
    mkdirSync(at('directory'));
    for (const name of ['file', 'link', 'dangling', 'directory']) {
      const { code, stdout, stderr } = await runProgram(['record', '-o', at(name), ...node.flags]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toBe(
        `pausewatch: cannot write ${at(name)}: something of this name exists, and nothing is overwritten; choose another name\n`,
      );
    }
    expect(readFileSync(at('file'), 'utf8')).toBe('precious');
    expect([existsSync(at('nowhere')), lstatSync(at('dangling')).isSymbolicLink()]).toEqual([false, true]);
    const { code, stderr } = await runProgram(['record', '-o', at('no/such/place'), ...node.flags]);
    expect([code, stderr]).toEqual([
      2,
      `pausewatch: cannot write ${at('no/such/place')}: there is no such file or directory\n`,
    ]);
  });

  test('of a node without a runtime is a recording that says so', async () => {
    const node = await makeNode();
    node.server.stop();
    const { code, stdout, stderr } = await runProgram(['record', ...node.flags]);
    expect([code, stderr]).toEqual([0, 'pausewatch: no container runtime answered; the recording says so\n']);
    node.write('silent.json', stdout);
    expect((await runProgram(['replay', join(node.root, 'silent.json')])).code).toBe(2);
  });

  test('holds no environment, argument, label or annotation, though the runtime tells them', async () => {
    const node = await makeNode({
      answers: ({ sandboxes, sandboxStatus }) => ({
        sandboxes: sandboxes.map((it) => ({
          ...it,
          labels: { planted: 'hunter2' },
          annotations: { planted: 'hunter2' },
        })),
        sandboxStatus: (id) => {
          const answer = sandboxStatus(id);
          const info = {
            ...(JSON.parse(answer.info['info'] ?? '{}') as object),
            env: ['PASSWORD=hunter2'],
            args: ['hunter2'],
          };
          return { ...answer, info: { info: JSON.stringify(info) } };
        },
      }),
    });
    node.write('proc/21854/environ', 'PASSWORD=hunter2');
    node.write('proc/21854/cmdline', 'app hunter2');
    expect(readFileSync(await recordNode(node), 'utf8')).not.toContain('hunter2');
  });

  test('--redact leaves no name of the node and its pods', async () => {
    const node = await makeNode();
    const plain = readFileSync(await recordNode(node), 'utf8');
    const redacted = readFileSync(await recordNode(node, '--redact'), 'utf8');
    for (const name of ['worker-7', '"deadpause"', '"hostpid"', '"default"', basename(dirname(node.server.socket))]) {
      expect({ name, plain: plain.includes(name) }).toEqual({ name, plain: true });
      expect({ name, redacted: redacted.includes(name) }).toEqual({ name, redacted: false });
    }
    expect(redacted).toContain('"redacted":true');
  });
});

describe('replay', { timeout: 60_000 }, () => {
  test('prints what scan prints, in every form, with its exit codes', async () => {
    const node = await makeNode();
    const file = await recordNode(node);
    const forms = [[], ['--all'], ['-o', 'json'], ['-o', 'prometheus'], ['-o', 'line'], ['--fail-on=never']];
    for (const flags of forms) {
      const live = await runProgram(['scan', ...node.flags, ...flags]);
      const replayed = await runProgram(['replay', file, ...flags]);
      expect(withoutTimes(replayed.stdout)).toBe(withoutTimes(live.stdout));
      expect([replayed.code, replayed.stderr]).toEqual([live.code, live.stderr]);
    }
  });

  test('says in table and inspect that this is a recording, of when, and whose PIDs these are', async () => {
    const file = await recordNode(await makeNode());
    const note =
      /^recording recording\.json, taken \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC; PIDs\s+are\s+those\s+of\s+that\s+node$/m;
    for (const words of [[], ['inspect', 'shared']]) {
      expect((await runProgram(['replay', file, ...words])).stdout).toMatch(note);
    }
  });

  test('exits with 0 when nothing at or above the bar was recorded', async () => {
    const healthy = await recordNode(await makeNode({ without: BROKEN }));
    expect((await runProgram(['replay', healthy, 'scan', '--fail-on=warning'])).code).toBe(0);
  });

  test('judges as of the time of the recording, however late', async () => {
    const node = await makeNode({ without: ['bare'] });
    const file = await recordNode(node);
    const [, , second] = /"takenAtMs":(\d+).*"takenAtMs":(\d+)/s.exec(readFileSync(file, 'utf8')) ?? [];
    const old = readFileSync(file, 'utf8').replaceAll(
      /"(takenAtMs|answeredAtMs)":(\d+)/g,
      (_, name, ms) => `"${name}":${Number(ms) - 86_400_000 * 300}`,
    );
    node.write('old.json', old);
    const { stdout } = await runProgram(['replay', join(node.root, 'old.json'), '-o', 'json']);
    const takenAt = new Date(Number(second) - 86_400_000 * 300).toISOString();
    expect(JSON.parse(stdout)).toMatchObject({ takenAt, sources: [{ up: true }, { up: true }, { up: true }] });
    expect(withoutTimes(stdout)).toBe(withoutTimes((await runProgram(['replay', file, '-o', 'json'])).stdout));
  });

  test('of a redacted recording finds the same under other names', async () => {
    const node = await makeNode();
    const documents = await Promise.all(
      [await recordNode(node), await recordNode(node, '--redact')].map((file) =>
        runProgram(['replay', file, '-o', 'json']),
      ),
    );
    const found = documents.map(({ code, stdout }) => {
      const { sandboxes } = JSON.parse(stdout) as {
        sandboxes: { id: string; findings: { id: string; severity: string }[] }[];
      };
      return [
        code,
        sandboxes.map(({ id, findings }) => [id, findings.map((it) => `${it.id} ${it.severity}`)].join(' ')).toSorted(),
      ];
    });
    expect(found[1]).toEqual(found[0]);
    expect(JSON.stringify(found)).toContain('pause-dead-containers-running critical');
  });

  test('of a bare snapshot says that one look cannot tell zombies', async () => {
    const node = await makeNode();
    const [look] = (JSON.parse(readFileSync(await recordNode(node), 'utf8')) as { looks: unknown[] }).looks;
    node.write('look.json', JSON.stringify(look));
    const { code, stderr } = await runProgram(['replay', join(node.root, 'look.json')]);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^pausewatch: judged 0 of \d sandboxes; could not see zombies, which takes two looks\n$/),
    ]);
  });

  test('serves a recording: ready at once, never stale, and the page says what it is', async () => {
    const node = await makeNode();
    const file = await recordNode(node);
    const scanned = await runProgram(['replay', file, '-o', 'json']);
    const running = startProgram(['replay', file, 'serve', '--web.listen-address=127.0.0.1:0']);
    const url = await poll(
      () => /url=(http:\/\/\S+)/.exec(running.stderr())?.[1],
      () => running.stderr(),
    );
    const get = async (path: string) => {
      const response = await fetch(url + path);
      return { status: response.status, body: await response.text() };
    };
    await poll(
      async () => ((await get('/readyz')).status === 200 ? true : undefined),
      () => running.stderr(),
    );
    for (const path of ['/healthz', '/readyz', '/metrics', '/findings', '/sandboxes'])
      expect((await get(path)).status).toBe(200);
    await poll(
      async () => ((await get('/metrics')).body.includes('pausewatch_pod_zombies{') ? true : undefined),
      () => 'the second look was not judged',
    );
    expect((await get('/sandboxes')).body).toBe(scanned.stdout);
    const page = (await get('/')).body;
    expect(page).toContain('This is a recording, taken <time');
    expect(page).toContain('PIDs are those of that node.');
    expect(page).not.toContain('older than three intervals');
    running.child.kill('SIGTERM');
    expect((await running.finished).code).toBe(0);
    const live = await startAgent(node.flags);
    await live.until('/readyz', 200);
    expect((await live.get('/')).body).not.toContain('recording');
  });
});

describe('a file that cannot be replayed', { timeout: 60_000 }, () => {
  test('is told in one line that names file and place, with exit code 2', async () => {
    const node = await makeNode();
    const good = readFileSync(await recordNode(node), 'utf8');
    const cases: readonly (readonly [string, string | Buffer, string])[] = [
      ['empty', '', 'it is empty'],
      ['cut', good.slice(0, good.length / 2), 'it is not JSON: it ends in the middle, after'],
      ['binary', Buffer.from([0x1f, 0x8b, 8, 0, 0xff, 0xfe]), 'it is not JSON at line 1, column 1'],
      [
        'newer',
        good.replace('"schemaVersion":2', '"schemaVersion":3'),
        'schemaVersion is 3: another pausewatch wrote this',
      ],
      ['negative', good.replace(/"pid":\d+/, '"pid":-1'), 'pid is not a whole number of at least 0 but -1'],
      ['deep', '['.repeat(100_000), 'it is not JSON: it ends in the middle'],
      [
        'control',
        '{"schemaVersion":2,"looks":[{"schemaVersion":"\u001b[2J"}]}'.replace('\u001b', '\\u001b'),
        'looks[0].schemaVersion is not a whole number',
      ],
    ];
    const runs = cases.flatMap(([name, content, complaint]) => {
      const file = join(node.root, name);
      writeFileSync(file, content);
      const commands = name === 'cut' ? ['scan', 'serve'] : ['scan'];
      return commands.map(async (command) => ({ file, complaint, ...(await runProgram(['replay', file, command])) }));
    });
    for (const { file, complaint, code, stdout, stderr } of await Promise.all(runs)) {
      expect({ file, code, stdout }).toEqual({ file, code: 2, stdout: '' });
      expect(stderr).toContain(`pausewatch: ${file} is no recording that can be replayed: `);
      expect(stderr).toContain(complaint);
      expect(stderr.trimEnd().split('\n')).toHaveLength(1);
      // oxlint-disable-next-line no-control-regex
      expect(stderr.trimEnd()).not.toMatch(/[\u0000-\u001f]/);
    }
  });

  test('is told when it is not there, is a directory, is endless, or must not be read', async () => {
    const node = await makeNode();
    const secret = join(node.root, 'secret');
    writeFileSync(secret, '{}');
    chmodSync(secret, 0);
    const cases = [
      [join(node.root, 'nowhere'), 'there is no such file or directory'],
      [node.root, 'it is a directory'],
      ['/dev/zero', 'it holds more than 64 MiB, which no recording of a node does'],
      // Root may read everything.
      ...(process.getuid?.() === 0 ? [] : [[secret, 'not permitted (a recording may be read by its owner only)']]),
    ];
    for (const [file, complaint] of cases) {
      const { code, stderr } = await runProgram(['replay', file ?? '']);
      expect([code, stderr]).toEqual([2, `pausewatch: cannot read ${file}: ${complaint}\n`]);
    }
  });

  test('is a mistake of the command line when it is not named at all: exit code 64', async () => {
    const { code, stdout, stderr } = await runProgram(['replay', '--settle=1s', '-o', 'xml']);
    expect([code, stdout]).toEqual([64, '']);
    expect(stderr.trim().split('\n')).toHaveLength(4);
  });
});
