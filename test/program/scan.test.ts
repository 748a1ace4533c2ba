/** `pausewatch scan`, the built program over a node made of files: what it prints where, and its exit codes. */
import { closeSync, openSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { readXml } from '../publish/xml-reader.ts';
import type { Answers, recordedAnswers } from '../runtime/cri-server.ts';
import { readRecording } from '../runtime/recording.ts';
import { BROKEN, LEAKING, makeNode } from './fixture-node.ts';
import { ensureBuilt, runProgram, startProgram } from './program.ts';

beforeAll(ensureBuilt, 60_000);

/** Anything that moves a terminal's cursor or ends a line in its middle. */
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/;

describe('scan', () => {
  test('prints a table for people: what is wrong, and how many pods are fine', async () => {
    const node = await makeNode();
    const { code, stdout, stderr } = await runProgram(['scan', ...node.flags]);
    expect(code).toBe(1);
    expect(stdout).toContain('default/deadpause');
    expect(stdout).toContain('Pause is dead and app still runs');
    expect(stdout).toMatch(/\d+ of \d+ pods fine/);
    expect(stdout).not.toMatch(CONTROL);
    expect(stderr).toBe('');
  });

  test('prints the /sandboxes document and nothing else', async () => {
    const node = await makeNode();
    const { stdout } = await runProgram(['scan', '-o', 'json', ...node.flags]);
    const document = JSON.parse(stdout) as { node: string; sandboxes: { name: string; zombies: { count: number } }[] };
    expect(document).toMatchObject({ schemaVersion: 1, node: 'worker-7', complete: true });
    expect(document.sandboxes).toHaveLength(8);
    const counts = Object.fromEntries(document.sandboxes.map(({ name, zombies }) => [name, zombies.count]));
    expect(counts).toEqual({ own: 1, shared: 1, hostpid: 1, cni: 1, deadpause: 1, bare: 0, exited: 0, stopped: 0 });
  });

  test('prints metrics, and one line of at most 80 characters', async () => {
    const node = await makeNode();
    const metrics = await runProgram(['scan', '--output=prometheus', ...node.flags]);
    expect(metrics.stdout).toMatch(/^# HELP pausewatch_/);
    expect(metrics.stdout).toContain('pausewatch_pod_zombies{namespace="default",pod="own"} 1\n');
    const line = await runProgram(['scan', '--output=line', ...node.flags]);
    expect(line.stdout).toMatch(/^[^\n]{10,80}\n$/);
    expect([metrics.code, line.code]).toEqual([1, 1]);
  });

  test('prints JUnit XML whose failures and errors are those of the exit code', async () => {
    const node = await makeNode();
    const attributesOf = async (...flags: string[]) => {
      const { code, stdout } = await runProgram(['scan', '-o', 'junit', ...flags, ...node.flags]);
      return { code, ...readXml(stdout).attributes };
    };
    expect(await attributesOf()).toMatchObject({ code: 1, tests: '8', failures: '1', errors: '0' });
    expect(await attributesOf('--fail-on=never')).toMatchObject({ code: 0, failures: '0', errors: '0' });
    node.server.stop();
    expect(await attributesOf('--fail-on=never')).toMatchObject({ code: 2, tests: '1', errors: '1' });
  });

  test('lists each pod of a runtime once that was named by two paths', async () => {
    const node = await makeNode();
    symlinkSync(node.server.socket, join(node.root, 'again.sock'));
    const again = `--runtime-endpoint=unix://${node.root}/again.sock`;
    const { stdout } = await runProgram(['scan', '-o', 'prometheus', ...node.flags, again]);
    const value = (series: string): number => Number(new RegExp(`^${series} (\\S+)$`, 'm').exec(stdout)?.[1]);
    expect(stdout.match(/^pausewatch_runtime_info/gm)).toHaveLength(2);
    expect(value('pausewatch_sandboxes{state="ready"}') + value('pausewatch_sandboxes{state="notready"}')).toBe(8);
    expect(value('pausewatch_node_zombies{held_by="pod"}')).toBe(5);
    expect(value('pausewatch_pod_zombies{namespace="default",pod="own"}')).toBe(1);
  });

  test('finds the runtime by itself below --path.run', async () => {
    const node = await makeNode();
    const flags = node.flags.filter((flag) => !flag.startsWith('--runtime-endpoint'));
    const none = await runProgram(['scan', ...flags]);
    expect(none.code).toBe(2);
    expect(none.stdout + none.stderr).toContain('well-known sockets');
  });

  test.each(['cri-o-1.36.3', 'cri-dockerd-0.4.3'] as const)('sees every pod of %s', async (recording) => {
    const node = await makeNode({ recording });
    const { code, stdout } = await runProgram(['scan', '-o', 'json', ...node.flags]);
    const { sandboxes } = JSON.parse(stdout) as {
      sandboxes: {
        name: string;
        noPauseReason: string | null;
        pause: { comm: string } | null;
        findings: { id: string }[];
      }[];
    };
    const found = Object.fromEntries(sandboxes.map(({ name, findings }) => [name, findings.map(({ id }) => id)]));
    const shows = Object.fromEntries(
      sandboxes.map(({ name, pause, noPauseReason }) => [name, pause?.comm ?? noPauseReason]),
    );
    expect(shows).toMatchObject({ shared: 'pause', own: recording === 'cri-o-1.36.3' ? 'infra-dropped' : 'pause' });
    expect(found['bare']).toEqual(['sandbox-leaked-ready']);
    expect(found['own']).toEqual(['zombies-app-parent']);
    expect(found['deadpause']).toContain(
      recording === 'cri-o-1.36.3' ? 'zombies-app-parent' : 'pause-dead-containers-running',
    );
    expect(code).toBe(recording === 'cri-o-1.36.3' ? 0 : 1);
  });
});

/** The recorded node, had its containerd been one that pins: there is nothing at all to say of it then. */
function pinning({ version, images }: Answers): Partial<Answers> {
  return {
    version: { ...version, runtimeVersion: '1.7.24' },
    images: images.map((image) => ({ ...image, pinned: true })),
  };
}

describe('the exit code', () => {
  test('is 0 with nothing at or above the bar, 1 with something', async () => {
    const leaking = await makeNode({ without: BROKEN });
    const healthy = await makeNode({ without: LEAKING, answers: pinning });
    const codes = await Promise.all([
      runProgram(['scan', ...leaking.flags]),
      runProgram(['scan', '--fail-on=warning', ...leaking.flags]),
      runProgram(['scan', '--fail-on=info', ...leaking.flags]),
      runProgram(['scan', '--fail-on=info', '--strict', ...healthy.flags]),
    ]);
    expect(codes.map(({ code }) => code)).toEqual([0, 0, 1, 0]);
    const broken = await makeNode();
    expect((await runProgram(['scan', '--fail-on=never', ...broken.flags])).code).toBe(0);
  });

  test('is 2 without the runtime, which is said, whatever --fail-on says', async () => {
    const node = await makeNode();
    node.server.stop();
    const { code, stdout } = await runProgram(['scan', '--fail-on=never', '-o', 'json', ...node.flags]);
    expect(code).toBe(2);
    const document = JSON.parse(stdout) as { nodeFindings: { id: string }[]; sandboxes: unknown[] };
    expect(document.nodeFindings.map(({ id }) => id)).toEqual(['runtime-unreachable']);
    expect(document.sandboxes).toEqual([]);
  });

  test('is 2 without /proc, and the flag that mends it is named', async () => {
    const node = await makeNode();
    const flags = node.flags.map((flag) => (flag.startsWith('--path.procfs') ? '--path.procfs=/nowhere' : flag));
    const { code, stdout, stderr } = await runProgram(['scan', ...flags]);
    expect(code).toBe(2);
    expect(stdout).toContain('could not see');
    expect(stderr).toMatch(/^pausewatch: judged \d+ of \d+ sandboxes/);
  });

  test('is 2 with --strict when not all could be judged, and what was judged is said in any case', async () => {
    const malformed = (recorded: ReturnType<typeof recordedAnswers>) => ({
      sandboxStatus: (id: string) => {
        const answer = recorded.sandboxStatus(id);
        return id.startsWith('dac01292') ? { ...answer, info: { info: '{"pid":' } } : answer;
      },
    });
    const node = await makeNode({ without: ['deadpause'], answers: malformed });
    const strict = await runProgram(['scan', '--strict', ...node.flags]);
    const lenient = await runProgram(['scan', ...node.flags]);
    expect([strict.code, lenient.code]).toEqual([2, 0]);
    for (const { stderr } of [strict, lenient]) expect(stderr).toMatch(/^pausewatch: judged 5 of 6 sandboxes/);
    expect(readRecording('containerd-1.6.20').arranged.get('own')?.sandbox).toMatch(/^dac01292/);
  });

  test('is 64 for mistakes: all of them on stderr, nothing on stdout', async () => {
    const { code, stdout, stderr } = await runProgram(['scan', '--settle=2', '--nope', '-o', 'xml'], {
      PAUSEWATCH_LOG_LEVEL: 'loud',
    });
    expect(code).toBe(64);
    expect(stdout).toBe('');
    expect(stderr.trim().split('\n')).toHaveLength(5);
    for (const name of ['--settle', '--nope', '--output', 'PAUSEWATCH_LOG_LEVEL', 'pausewatch --help'])
      expect(stderr).toContain(name);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test('is 0 for help and version, which go to stdout', async () => {
    const [help, version] = await Promise.all([runProgram(['scan', '--help']), runProgram(['--version'])]);
    expect([help.code, version.code]).toEqual([0, 0]);
    expect(help.stdout).toContain('Usage: pausewatch scan');
    expect(version.stdout).toMatch(/^pausewatch \d+\.\d+\.\d+\n$/);
    expect(help.stderr + version.stderr).toBe('');
  });
});

describe('output', () => {
  test('to a reader that went away ends quietly', async () => {
    const node = await makeNode();
    const { child, finished } = startProgram(['scan', '-o', 'json', ...node.flags]);
    child.stdout?.destroy();
    const { code, stderr } = await finished;
    expect(stderr).toBe('');
    // What was found is told to a gate although its reader had enough.
    expect(code).toBe(1);
  });

  test('to a reader that went away ends a watch', async () => {
    const node = await makeNode();
    const { child, finished } = startProgram(['scan', '--watch', '--audit.interval=1s', ...node.flags]);
    child.stdout?.destroy();
    expect((await finished).stderr).toBe('');
  });

  test('that finds no room says so', async () => {
    const node = await makeNode();
    const full = openSync('/dev/full', 'w');
    onTestFinished(() => closeSync(full));
    const { code, stderr } = await startProgram(['scan', ...node.flags], {}, full).finished;
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^pausewatch: cannot write to standard output: ENOSPC/)]);
  });

  test('stays text whatever pods and processes are called', async () => {
    const evil = 'x\u001b[31m\u0007"} 1\n# TYPE y\r\u009b2J\u202e';
    const node = await makeNode({
      answers: ({ sandboxes }) => ({
        sandboxes: sandboxes.map((it) =>
          it.metadata === undefined ? it : { ...it, metadata: { ...it.metadata, name: evil } },
        ),
      }),
    });
    for (const pid of [21_854, 21_853]) {
      const [state, ppid] = pid === 21_854 ? ['Z', 21_853] : ['S', 21_840];
      node.write(
        `proc/${pid}/stat`,
        `${pid} (e) Z 1 \u001b[2J\n) ${state} ${ppid} 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 580693 0 0 0 \n`,
      );
    }
    for (const output of ['table', 'line', 'prometheus'] as const) {
      const { stdout, code, stderr } = await runProgram(['scan', '--all', `--output=${output}`, ...node.flags]);
      expect(code).toBe(1);
      expect(stdout).not.toMatch(CONTROL);
      expect(stdout).not.toContain('\n# TYPE y');
      expect(stderr).not.toMatch(CONTROL);
    }
    const { stdout } = await runProgram(['scan', '-o', 'json', ...node.flags]);
    const { sandboxes } = JSON.parse(stdout) as { sandboxes: { name: string }[] };
    expect(new Set(sandboxes.map(({ name }) => name))).toEqual(new Set([evil]));
  });
});
