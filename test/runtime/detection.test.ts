/** Which runtime a node has, and what is spoken at a socket that was named: found by asking. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { detectEndpoint } from '../../src/runtime/detect.ts';
import { openRuntime } from '../../src/runtime/open-runtime.ts';
import { recordedAnswers, socketDirectory, startCriServer } from './cri-server.ts';
import { startEngine } from './engine-server.ts';
import { readRecording } from './recording.ts';

/** A /run with directories for every well-known socket. */
function runDirectory(): string {
  const run = socketDirectory();
  for (const name of ['containerd', 'k3s/containerd', 'crio', 'host-containerd', 'podman'])
    mkdirSync(join(run, name), { recursive: true });
  return run;
}

const DOCKER_IS_DOWN = { code: 2, details: 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock.' };

describe('detection', () => {
  test.each(['containerd/containerd.sock', 'k3s/containerd/containerd.sock', 'crio/crio.sock', 'cri-dockerd.sock'])(
    'finds CRI at %s',
    async (socket) => {
      const run = runDirectory();
      await startCriServer({ socket: join(run, socket) });
      expect(await detectEndpoint(run)).toEqual({ endpoint: `unix://${run}/${socket}` });
    },
  );

  test('finds a Docker Engine, and prefers a CRI beside it that has pods', async () => {
    const run = runDirectory();
    await startEngine({ socket: join(run, 'docker.sock') });
    expect(await detectEndpoint(run)).toEqual({ endpoint: `unix://${run}/docker.sock` });
    await startCriServer({ socket: join(run, 'cri-dockerd.sock') });
    expect(await detectEndpoint(run)).toEqual({ endpoint: `unix://${run}/cri-dockerd.sock` });
  });

  test('does not take the idle containerd of a Docker node for the node’s runtime', async () => {
    const run = runDirectory();
    await startCriServer({ socket: join(run, 'containerd/containerd.sock'), sandboxes: 0 });
    await startEngine({ socket: join(run, 'docker.sock') });
    expect(await detectEndpoint(run)).toEqual({ endpoint: `unix://${run}/docker.sock` });
  });

  test('takes what answers on a node that has no pods yet', async () => {
    const run = runDirectory();
    await startCriServer({ socket: join(run, 'crio/crio.sock'), sandboxes: 0 });
    expect(await detectEndpoint(run)).toEqual({ endpoint: `unix://${run}/crio/crio.sock` });
  });

  test('does not take a cri-dockerd for alive whose Docker is down, though it tells its version', async () => {
    const run = runDirectory();
    const server = await startCriServer({ socket: join(run, 'cri-dockerd.sock') });
    server.treat = (call) => (call.startsWith('List') ? DOCKER_IS_DOWN : 'usual');
    const detection = await detectEndpoint(run);
    expect('fault' in detection ? detection.fault.message : '').toContain('the Docker daemon behind it');
  });

  test('leaves the host containers of Bottlerocket and podman alone', async () => {
    const run = runDirectory();
    await startCriServer({ socket: join(run, 'host-containerd/containerd.sock') });
    await startEngine({ socket: join(run, 'podman/podman.sock') });
    expect(await detectEndpoint(run)).toMatchObject({ fault: { message: expect.stringContaining('exists') } });
  });
});

describe('an endpoint that was named', () => {
  const open = (endpoint: string) => {
    const runtime = openRuntime(endpoint);
    onTestFinished(() => runtime.close());
    return runtime;
  };

  test('is spoken to with CRI when it answers that, whatever it is called', async () => {
    const server = await startCriServer({ socket: join(socketDirectory(), 'docker.sock') });
    const { snapshot } = await open(server.endpoint).ask();
    expect(snapshot).toMatchObject({ flavour: 'containerd', up: true });
  });

  test('is spoken to with the Engine API when it answers that, whatever it is called', async () => {
    const engine = await startEngine({ socket: join(socketDirectory(), 'containerd.sock') });
    const { snapshot, faults } = await open(engine.endpoint).ask();
    expect(faults).toEqual([]);
    expect(snapshot).toMatchObject({ flavour: 'docker', up: true });
    expect(snapshot.sandboxes).toHaveLength(5);
    expect(engine.calls.every((call) => /^(GET|Inspect)/.test(call))).toBe(true);
  });

  test('at which nobody is yet is found to be a Docker Engine when that comes', async () => {
    const socket = join(socketDirectory(), 'docker.sock');
    const runtime = open(`unix://${socket}`);
    expect((await runtime.ask()).snapshot.up).toBe(false);
    await startEngine({ socket });
    expect((await runtime.ask()).snapshot).toMatchObject({ flavour: 'docker', up: true });
  });

  test.each(['GET /version', 'GET /v1.51/containers/json?all=1'])(
    'and closed while it is asked for the first time (%s) is asked for nothing more, and ends at once',
    async (during) => {
      const engine = await startEngine();
      const runtime = open(engine.endpoint);
      let closedAtMs = Number.NaN;
      engine.treat = (call) => {
        if (call !== during) return 'usual';
        closedAtMs = performance.now();
        runtime.close();
        return 1000;
      };
      expect((await runtime.ask()).snapshot.up).toBe(false);
      expect(performance.now() - closedAtMs).toBeLessThan(800);
      expect(engine.calls.at(-1)).toBe(during);
      engine.calls.length = 0;
      expect((await runtime.ask()).snapshot.up).toBe(false);
      expect(engine.calls).toEqual([]);
    },
  );

  test('and closed is asked for nothing more, whichever protocol it spoke', async () => {
    for (const server of [await startCriServer(), await startEngine()]) {
      const runtime = open(server.endpoint);
      expect((await runtime.ask()).snapshot.up).toBe(true);
      runtime.close();
      server.calls.length = 0;
      expect((await runtime.ask()).snapshot.up).toBe(false);
      expect(server.calls).toEqual([]);
    }
  });

  test('at which only a file is has the faults of CRI', async () => {
    const socket = join(socketDirectory(), 'x.sock');
    writeFileSync(socket, '');
    const { faults } = await open(`unix://${socket}`).ask();
    expect(faults[0]?.message).toContain('that is no socket');
  });

  test('is cri-dockerd also while Docker is down: its faults say so, and it is up when Docker is back', async () => {
    const server = await startCriServer({ answers: recordedAnswers(readRecording('cri-dockerd-0.4.3')) });
    server.treat = (call) => (call.startsWith('List') || call.includes(' ') ? DOCKER_IS_DOWN : 'usual');
    const runtime = open(server.endpoint);
    const { snapshot, faults } = await runtime.ask();
    expect(snapshot).toMatchObject({ up: false, flavour: 'cri-dockerd', sandboxes: [] });
    expect(faults.map(({ code }) => code)).toEqual(['silent', 'silent', 'silent']);
    expect(faults[0]?.message).toContain('the Docker daemon behind it does not answer');
    server.treat = () => 'usual';
    expect((await runtime.ask()).snapshot).toMatchObject({ up: true, flavour: 'cri-dockerd' });
  });
});
