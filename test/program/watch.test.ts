/** `pausewatch scan --watch` and the filters: what is repeated where, what the exit code counts, how a terminal is left. */
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { textWidth } from '../../src/publish/text/clean-text.ts';
import { fitRows } from '../../src/screen/screen.ts';
import { makeNode } from './fixture-node.ts';
import { BUNDLE, ensureBuilt, poll, runProgram, startAgent, startProgram } from './program.ts';
import { startOnTerminal } from './terminal.ts';

vi.setConfig({ testTimeout: 60_000 });
beforeAll(ensureBuilt, 60_000);

const ALTERNATE = '\u001b[?1049h';
const NORMAL = '\u001b[?25h\u001b[?1049l';
/** Colours and the like, which take no room. */
// oxlint-disable-next-line no-control-regex
const SEQUENCES = /\u001b\[[\d;?]*[A-Za-z]/g;
const OFTEN = ['--watch', '--audit.interval=1s'] as const;

/** What was drawn first, once it is all there. */
function firstFrame(drawn: string): string | undefined {
  const [, first = ''] = drawn.split('\u001b[H');
  return first.includes('\u001b[J') ? first.split('\u001b[J')[0] : undefined;
}

describe('watching on a terminal', () => {
  test('draws in place with growing ages, and Ctrl-C gives the terminal back with the last table on it', async () => {
    const node = await makeNode();
    const command = [process.execPath, BUNDLE, 'scan', ...OFTEN, ...node.flags];
    const terminal = startOnTerminal(command, { columns: 100, rows: 40 });
    await poll(
      () => (/zombies-app-parent · [^\n]*for at least/.test(terminal.drawn()) ? true : undefined),
      () => `never confirmed: ${terminal.drawn()}`,
    );
    await poll(
      () => (terminal.drawn().split('\u001b[H').length > 3 ? true : undefined),
      () => `not drawn again: ${terminal.drawn()}`,
    );
    terminal.type('\u0003');
    expect(await terminal.finished).toBe(1);
    const drawn = terminal.drawn();
    expect(drawn.startsWith(ALTERNATE)).toBe(true);
    const after = drawn.slice(drawn.lastIndexOf(NORMAL) + NORMAL.length);
    expect(drawn.split(NORMAL)).toHaveLength(2);
    expect(after).toContain('default/deadpause');
    expect(after).toMatch(/\d+ of \d+ pods fine/);
    expect(after).not.toContain('Ctrl-C');
  });

  test('gives the terminal back when it is stopped, stays away from it in the background, and draws again when continued', async () => {
    const node = await makeNode();
    const command = [process.execPath, BUNDLE, 'scan', ...OFTEN, ...node.flags];
    const terminal = startOnTerminal(
      ['bash', '--norc', '--noprofile', '-i'],
      { columns: 100, rows: 40 },
      { PS1: '% ' },
    );
    const until = (what: string, isThere: (drawn: string) => boolean): Promise<true> =>
      poll(
        () => (isThere(terminal.drawn()) ? true : undefined),
        () => `${what}: ${terminal.drawn()}`,
      );
    const screens = (drawn: string): number => drawn.split(ALTERNATE).length - 1;
    const isDrawn = (drawn: string): boolean => drawn.slice(drawn.lastIndexOf(ALTERNATE)).includes('Ctrl-C ends');
    await until('no prompt', (drawn) => drawn.includes('% '));
    terminal.type(`${command.join(' ')}\n`);
    await until('not drawn', (drawn) => screens(drawn) === 1 && isDrawn(drawn));

    terminal.type('\u001a');
    await until('not stopped', (drawn) => /\[1\]\+ +Stopped/.test(drawn));
    const stopped = terminal.drawn();
    expect(stopped.lastIndexOf(NORMAL)).toBeGreaterThan(stopped.lastIndexOf(ALTERNATE));
    expect(stopped.indexOf('Stopped')).toBeGreaterThan(stopped.lastIndexOf(NORMAL));

    terminal.type('stty cols 70; fg\n');
    await until('not drawn again', (drawn) => screens(drawn) === 2 && isDrawn(drawn));
    const again = terminal.drawn().slice(terminal.drawn().lastIndexOf(ALTERNATE));
    const [frame = ''] = again.split('\u001b[J');
    const lines = frame.replaceAll(SEQUENCES, '').split(/\r+\n/);
    expect(lines.filter((line) => textWidth(line) > 70)).toEqual([]);

    terminal.type('\u001a');
    await until('not stopped again', (drawn) => drawn.split('Stopped').length === 3);
    terminal.type('bg\n');
    terminal.type('sleep 2.5; echo at the "shell"\n');
    await until('no shell', (drawn) => drawn.includes('at the shell'));
    expect(screens(terminal.drawn())).toBe(2);
    terminal.type('fg\n');
    await until('not drawn after the background', (drawn) => screens(drawn) === 3 && isDrawn(drawn));

    terminal.type('\u0003');
    await until('no code', (drawn) => drawn.slice(drawn.lastIndexOf(NORMAL)).includes('pods fine'));
    terminal.type('echo code $?; exit 7\n');
    expect(await terminal.finished).toBe(7);
    expect(terminal.drawn()).toContain('code 1\r\n');
  });

  test('gives the terminal back when it is quit, and at once when interrupted twice in a look that hangs', async () => {
    const node = await makeNode();
    const command = [process.execPath, BUNDLE, 'scan', ...OFTEN, ...node.flags];
    const start = async () => {
      const terminal = startOnTerminal(command, { columns: 100, rows: 40 });
      await poll(
        () => (terminal.drawn().includes('Ctrl-C ends') ? true : undefined),
        () => `not drawn: ${terminal.drawn()}`,
      );
      return terminal;
    };
    const quit = await start();
    quit.type('\u001c');
    expect(await quit.finished).toBe(1);
    expect(quit.drawn()).toContain(NORMAL);

    const hanging = await start();
    node.server.treat = () => 'never';
    const { length } = node.server.calls;
    await poll(
      () => (node.server.calls.length > length ? true : undefined),
      () => 'no look',
    );
    hanging.type('\u0003');
    await new Promise((resolve) => setTimeout(resolve, 200));
    hanging.type('\u0003');
    expect(await hanging.finished).toBe(130);
    expect(hanging.drawn().endsWith(NORMAL)).toBe(true);
  });

  test('leaves out what the window has no room for, says so, and keeps the line that tells how to end', async () => {
    const node = await makeNode();
    const command = [process.execPath, BUNDLE, 'scan', ...OFTEN, '--no-color', ...node.flags];
    const terminal = startOnTerminal(command, { columns: 80, rows: 8 });
    const frame = await poll(
      () => firstFrame(terminal.drawn()),
      () => `nothing drawn: ${terminal.drawn()}`,
    );
    const lines = frame.replaceAll('\u001b[K', '').split('\r\n');
    expect(lines).toHaveLength(8);
    expect(lines.at(-2)).toMatch(/^and \d+ more lines/);
    expect(lines.at(-1)).toBe('every 1 s; Ctrl-C ends');
    expect(frame.replaceAll('\u001b[K', '')).not.toContain('\u001b');
    terminal.type('\u0003');
    await terminal.finished;
  });

  test('has colours only where a person wants them', async () => {
    const node = await makeNode();
    const drawn = await Promise.all(
      [
        { flags: [], env: {} },
        { flags: ['--no-color'], env: {} },
        { flags: [], env: { NO_COLOR: '1' } },
        { flags: [], env: { TERM: 'dumb' } },
        { flags: [], env: { PAUSEWATCH_NO_COLOR: 'true' } },
      ].map(async ({ flags, env }) => {
        const command = [process.execPath, BUNDLE, 'scan', ...flags, ...node.flags];
        const terminal = startOnTerminal(command, { columns: 80, rows: 40 }, env);
        await terminal.finished;
        return terminal.drawn().includes('\u001b[');
      }),
    );
    expect(drawn).toEqual([true, false, false, false, false]);
  });
});

describe('watching into a pipe', () => {
  test('prints one document per line, each of a later audit, and ends on SIGTERM with the code of the last', async () => {
    const node = await makeNode();
    const { child, finished } = startProgram(['scan', ...OFTEN, '-o', 'json', ...node.flags]);
    let text = '';
    child.stdout?.on('data', (chunk: string) => (text += chunk));
    await poll(
      () => (text.split('\n').length > 3 ? true : undefined),
      () => `too few: ${text}`,
    );
    child.kill('SIGTERM');
    const { code, stdout } = await finished;
    const documents = stdout
      .trimEnd()
      .split('\n')
      .map(
        (line) =>
          JSON.parse(line) as { takenAt: string; sandboxes: { findings: { id: string; confirmed: boolean }[] }[] },
      );
    const times = documents.map(({ takenAt }) => takenAt);
    expect(new Set(times).size).toBe(times.length);
    expect(times.toSorted()).toEqual(times);
    const last = documents.at(-1)?.sandboxes.flatMap(({ findings }) => findings) ?? [];
    expect(last.filter(({ confirmed }) => confirmed).map(({ id }) => id)).toContain('zombies-app-parent');
    expect(code).toBe(1);
  });

  test('of an agent that goes away says so and goes on; of one that never was is an error', async () => {
    const node = await makeNode();
    const agent = await startAgent(node.flags);
    await agent.until('/readyz', 200);
    const running = startProgram(['scan', ...OFTEN, '--agent', agent.url, '-o', 'line']);
    let text = '';
    running.child.stdout?.on('data', (chunk: string) => (text += chunk));
    await poll(
      () => (text.includes('worker-7: ') ? true : undefined),
      () => `no line: ${running.stderr()}`,
    );
    agent.child.kill('SIGKILL');
    await poll(
      () => (running.stderr().includes('cannot reach the agent') ? true : undefined),
      () => `not noticed: ${text}`,
    );
    running.child.kill('SIGINT');
    expect((await running.finished).code).toBe(2);
    expect((await runProgram(['scan', ...OFTEN, '--agent', agent.url])).code).toBe(2);
  });
});

describe('a filter', () => {
  test('narrows what is shown and what the exit code counts, of this node and of an agent alike', async () => {
    const node = await makeNode();
    const agent = await startAgent(node.flags);
    await poll(
      async () => ((await agent.get('/sandboxes')).body.includes('"complete":true') ? true : undefined),
      () => agent.stderr(),
    );
    for (const source of [node.flags, ['--agent', agent.url]]) {
      const elsewhere = await runProgram(['scan', '-n', 'nowhere', ...source]);
      expect([elsewhere.code, elsewhere.stdout]).toEqual([0, expect.stringContaining('0 of 0 pods fine')]);
      expect(elsewhere.stderr).toBe(
        'pausewatch: no pod of namespace nowhere is on this node; there are pods of default\n',
      );
      const mild = await runProgram(['scan', '--severity=critical', '--fail-on=info', ...source]);
      expect(mild.code).toBe(1);
      expect(mild.stdout).toContain('not shown: ');
      expect(mild.stdout).not.toContain('zombies-app-parent');
      const json = await runProgram(['scan', '--severity=critical', '--namespace=default', '-ojson', ...source]);
      const { sandboxes } = JSON.parse(json.stdout) as { sandboxes: { name: string }[] };
      expect(sandboxes.map(({ name }) => name)).toEqual(['deadpause']);
    }
    const leaking = await makeNode({ without: ['deadpause'] });
    const codes = await Promise.all([
      runProgram(['scan', '--severity=critical', '--fail-on=info', ...leaking.flags]),
      runProgram(['scan', '--fail-on=info', ...leaking.flags]),
    ]);
    expect(codes.map(({ code }) => code)).toEqual([0, 1]);
  });

  test('leaves a terminal of 40 columns readable and uses one of 140', async () => {
    const node = await makeNode();
    const widest = async (columns: string): Promise<number> => {
      const { stdout } = await runProgram(['scan', '--all', ...node.flags], { COLUMNS: columns });
      return Math.max(...stdout.split('\n').map((line) => textWidth(line)));
    };
    const [narrow, wide] = [await widest('40'), await widest('140')];
    expect(narrow).toBeLessThanOrEqual(40);
    expect(wide).toBeGreaterThan(110);
    expect(wide).toBeLessThanOrEqual(140);
  });
});

describe('rows of a window', () => {
  test('hold as many lines as fit, wrapped ones counted as often as they wrap, and always the last', () => {
    const lines = ['a', 'b', 'x'.repeat(25), 'd', 'end'];
    expect(fitRows(lines, 9, 10)).toEqual(lines);
    expect(fitRows(lines, 7, 10)).toEqual(lines);
    expect(fitRows(lines, 6, 10)).toEqual(['a', 'b', 'and 2 more', 'end']);
    expect(fitRows(lines, 1, 10)).toEqual(['and 4 more', 'end']);
  });
});
