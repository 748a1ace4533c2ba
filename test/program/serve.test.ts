/** `pausewatch serve`, the built program over a node made of files: what it answers, and how it ends. */
import { readdirSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type recordedAnswers, sandboxItem, socketDirectory } from '../runtime/cri-server.ts';
import { readRecording } from '../runtime/recording.ts';
import { BROKEN, makeNode } from './fixture-node.ts';
import { ensureBuilt, poll, runProgram, startAgent, startProgram } from './program.ts';

beforeAll(ensureBuilt, 60_000);

const QUICK_MS = 2000;

/** Sends a signal; exit code and how long the end took. */
async function end(agent: ReturnType<typeof startProgram>, signal: NodeJS.Signals = 'SIGTERM') {
  const startMs = performance.now();
  agent.child.kill(signal);
  const { code, stderr, stdout } = await agent.finished;
  return { code, stderr, stdout, tookMs: performance.now() - startMs };
}

describe('serve', () => {
  test('answers every path of the contract', async () => {
    const node = await makeNode();
    const agent = await startAgent(node.flags);
    await agent.until('/readyz', 200);
    await poll(
      async () => ((await agent.get('/metrics')).body.includes('pausewatch_pod_zombies{') ? true : undefined),
      () => 'the second look never came',
    );
    const status = async (path: string) => (await agent.get(path)).status;
    for (const path of ['/healthz', '/', '/sandboxes', '/findings', '/metrics', '/runbooks/pause-zombie']) {
      expect([path, await status(path)]).toEqual([path, 200]);
    }
    const id = readRecording('containerd-1.6.20').arranged.get('own')?.sandbox ?? '';
    const one = await agent.get(`/sandboxes/${id.slice(0, 12)}`);
    expect(one.status).toBe(200);
    expect(JSON.parse(one.body)).toMatchObject({ id, name: 'own', pause: { comm: 'pause', exe: '/pause' } });
    expect([await status('/sandboxes/ffffffffffff'), await status('/nothing')]).toEqual([404, 404]);
    const several = await agent.get('/sandboxes/');
    expect(several.status).toBeGreaterThanOrEqual(400);
    const wrong = await agent.get('/sandboxes?colour=red');
    expect([wrong.status, JSON.parse(wrong.body)]).toMatchObject([400, { error: { code: expect.any(String) } }]);
    expect(JSON.parse((await agent.get('/findings?severity=critical')).body)).toMatchObject({
      findings: [{ id: 'pause-dead-containers-running', confirmed: false, subject: { pod: 'deadpause' } }],
    });
    expect((await end(agent)).code).toBe(0);
  });

  test('tells apart several sandboxes that one prefix names', async () => {
    const twins = (recorded: ReturnType<typeof recordedAnswers>) => {
      const [first] = recorded.sandboxes;
      if (first === undefined) throw new Error('a sandbox');
      const twin = { ...first, id: `${first.id.slice(0, 60)}ffff` };
      return {
        sandboxes: [...recorded.sandboxes, twin],
        sandboxStatus: (id: string) => recorded.sandboxStatus(id === twin.id ? first.id : id),
      };
    };
    const node = await makeNode({ answers: twins });
    const agent = await startAgent(node.flags);
    await agent.until('/readyz', 200);
    const [first] = node.server.answers.sandboxes;
    const prefix = first?.id.slice(0, 12) ?? '';
    const both = await agent.get(`/sandboxes/${prefix}`);
    expect(both.status).toBe(409);
    expect(both.body).toContain(first?.id);
    expect((await agent.get(`/sandboxes/${first?.id}`)).status).toBe(200);
  });

  test('without a runtime is alive and ready, and says in its metrics what is wrong', async () => {
    const node = await makeNode();
    node.server.stop();
    const agent = await startAgent(node.flags);
    await agent.until('/readyz', 200);
    expect((await agent.get('/healthz')).status).toBe(200);
    const { body } = await agent.get('/metrics');
    expect(body).toMatch(/^pausewatch_source_up\{source="runtime",endpoint="[^"]+"\} 0$/m);
    expect(body).toMatch(/^pausewatch_source_up\{source="procfs",endpoint=""\} 1$/m);
    expect(JSON.parse((await agent.get('/sandboxes')).body)).toMatchObject({
      sandboxes: [],
      complete: false,
      nodeFindings: [{ id: 'runtime-unreachable', severity: 'critical' }],
    });
  });

  test('before the first audit says so, and a runtime that hangs holds up neither that nor its end', async () => {
    const node = await makeNode();
    node.server.treat = () => 'never';
    const agent = await startAgent(node.flags);
    expect((await agent.get('/healthz')).status).toBe(200);
    for (const path of ['/readyz', '/metrics', '/sandboxes', '/']) {
      const { status, headers } = await agent.get(path);
      expect([path, status]).toEqual([path, 503]);
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    }
    const { code, tookMs } = await end(agent);
    expect(code).toBe(0);
    expect(tookMs).toBeLessThan(QUICK_MS);
  });

  test('notices between two audits that a pause has died', async () => {
    const node = await makeNode({ without: BROKEN });
    const agent = await startAgent(['--audit.interval=1h', '--settle=1s', ...node.flags]);
    await agent.until('/readyz', 200);
    await poll(
      async () => ((await agent.get('/metrics')).body.includes('pausewatch_pod_zombies{') ? true : undefined),
      () => 'the second look never came',
    );
    const pause = 21_809;
    node.write(`proc/${pause}/stat`, `${pause} (pause) Z 21786 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 580684 0 0 0 \n`);
    await poll(
      async () => {
        const { body } = await agent.get('/sandboxes?pod=own');
        const [own] = (JSON.parse(body) as { sandboxes: { pause: { state: string } | null }[] }).sandboxes;
        return own?.pause?.state === 'Z' ? true : undefined;
      },
      () => `not noticed: ${agent.stderr()}`,
    );
    expect(agent.stderr()).toContain('a pause changed');
  });
});

describe('a /proc without any of the processes that the runtime names', () => {
  test('is another namespace’s in the first look, and a node on which all of them died where they once were', async () => {
    const node = await makeNode();
    const agent = await startAgent(['--audit.interval=1s', '--settle=500ms', ...node.flags]);
    await agent.until('/readyz', 200);
    for (const pid of readdirSync(join(node.root, 'proc'))) {
      if (/^\d+$/.test(pid) && pid !== '1') rmSync(join(node.root, 'proc', pid), { recursive: true });
    }
    const isDead = ({ body }: { body: string }) => body.includes('"pauseHealth":"dead"') || undefined;
    await poll(
      async () => isDead(await agent.get('/sandboxes')),
      () => `no pause died: ${agent.stderr()}`,
    );
    const late = await startAgent(['--audit.interval=1s', ...node.flags]);
    await late.until('/readyz', 200);
    expect((await late.get('/sandboxes')).body).toContain('it shows another PID namespace');
    expect((await agent.get('/sandboxes')).body).not.toContain('it shows another PID namespace');
  });
});

describe('the end of serve', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    'by %s is quick and is no failure, also while somebody is connected',
    async (signal) => {
      const node = await makeNode();
      const agent = await startAgent(node.flags);
      await agent.until('/readyz', 200);
      const { code, tookMs, stdout } = await end(agent, signal);
      expect(code).toBe(0);
      expect(tookMs).toBeLessThan(QUICK_MS);
      expect(stdout).toBe('');
    },
  );

  test.each(['while a runtime is asked', 'while a runtime is looked for'])('%s is quick as well', async (when) => {
    // More than are asked for at once: what is left must not be asked for after the signal.
    const more = Array.from({ length: 30 }, (_, i) => sandboxItem(i));
    const node = await makeNode({ answers: ({ sandboxes }) => ({ sandboxes: [...sandboxes, ...more] }) });
    const isDetecting = when.endsWith('looked for');
    node.server.treat = (call) => (isDetecting || call.includes(' ') ? 700 : 'usual');
    const run = socketDirectory();
    if (isDetecting) symlinkSync(node.server.socket, join(run, 'docker.sock'));
    if (isDetecting) symlinkSync(node.server.socket, join(run, 'cri-dockerd.sock'));
    const flags = node.flags.filter((flag) => !(isDetecting && flag.startsWith('--runtime-endpoint')));
    const agent = await startAgent([...flags, `--path.run=${run}`]);
    await poll(
      () => Promise.resolve(node.server.calls.some((call) => isDetecting || call.includes(' ')) || undefined),
      () => `nobody was asked: ${agent.stderr()}`,
    );
    const { code, tookMs } = await end(agent);
    expect(code).toBe(0);
    expect(tookMs).toBeLessThan(2 * QUICK_MS);
  });

  test('because the address is taken says so in one line, with code 2', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void taken.close());
    const address = taken.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const { code, stdout, stderr } = await runProgram([
      'serve',
      `--web.listen-address=127.0.0.1:${port}`,
      '--node-name=x',
    ]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toBe(
      `pausewatch: --web.listen-address "127.0.0.1:${port}": something else listens there already; stop it or choose another port.\n`,
    );
  });

  test('does not come because nobody reads its log any more', async () => {
    const node = await makeNode();
    const agent = await startAgent(node.flags);
    agent.child.stderr?.destroy();
    node.server.stop();
    await agent.until('/readyz', 200);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect((await agent.get('/healthz')).status).toBe(200);
  });
});

describe('the log', () => {
  const lines = (text: string) => text.trim().split('\n');

  test('is logfmt, on stderr, and says what came', async () => {
    const node = await makeNode();
    const agent = await startAgent(node.flags);
    await agent.until('/readyz', 200);
    const { stderr } = await end(agent);
    for (const line of lines(stderr))
      expect(line).toMatch(/^time=\S+ level=(info|warn) msg=("[^"]+"|\S+)( \w+=("([^"\\]|\\.)*"|\S+))*$/);
    expect(stderr).toMatch(/msg="first audit done" sandboxes=\d+ complete=(true|false)\n/);
    expect(stderr).toMatch(/msg=finding id=pause-dead-containers-running .*pod=deadpause/);
  });

  test('is JSON when asked for, one object a line, and quiet when told to be', async () => {
    const node = await makeNode();
    const agent = startProgram(['serve', '--web.listen-address=127.0.0.1:0', '--log.format=json', ...node.flags]);
    await poll(
      () => (agent.stderr().includes('"finding"') ? true : undefined),
      () => agent.stderr(),
    );
    const { stderr } = await end(agent);
    const entries = lines(stderr).map((line) => JSON.parse(line) as { level: string; msg: string; time: string });
    expect(entries[0]).toMatchObject({ level: 'info', msg: 'listening', node: 'worker-7' });
    const quiet = startProgram(['serve', '--web.listen-address=127.0.0.1:0', '--log.level=error', ...node.flags]);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect((await end(quiet)).stderr).toBe('');
  });
});
