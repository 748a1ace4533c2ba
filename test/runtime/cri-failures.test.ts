/** The runtime over a CRI server that fails: half of it, all of it, slowly, wrongly; and comes back. */
import { once } from 'node:events';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { status as grpcStatus } from '@grpc/grpc-js';
import { describe, expect, onTestFinished, test } from 'vitest';
import { classifyCall } from '../../src/runtime/cri/errors.ts';
import { createCriRuntime } from '../../src/runtime/cri/runtime.ts';
import { detectEndpoint } from '../../src/runtime/detect.ts';
import { failureFault } from '../../src/runtime/faults.ts';
import type { RuntimeTimes } from '../../src/runtime/runtime-times.ts';
import { hexId, recordedAnswers, socketDirectory, startCriServer, startSocket } from './cri-server.ts';
import { readRecording } from './recording.ts';

const TIMES: RuntimeTimes = { listMs: 800, detailsMs: 300, roundMs: 600, keepAnswerMs: 60_000 };

/** A runtime with short times that is closed with the test. */
function runtimeAt(endpoint: string, times: Partial<RuntimeTimes> = {}) {
  const runtime = createCriRuntime(endpoint, { ...TIMES, ...times });
  onTestFinished(() => runtime.close());
  return runtime;
}

const UNAVAILABLE = { code: grpcStatus.UNAVAILABLE, details: 'overloaded' };
const gone = (id: string) => ({ code: grpcStatus.NOT_FOUND, details: `an error occurred: ${id}: not found` });

describe('a sandbox', () => {
  test('that vanished between the list and the question is left out, which is a fault of that name', async () => {
    const server = await startCriServer({ sandboxes: 3 });
    server.treat = (call) => (call.endsWith(hexId('a', 2)) || call.endsWith(hexId('c', 2)) ? gone(call) : 'usual');
    const { snapshot, faults } = await runtimeAt(server.endpoint).ask();
    expect(snapshot.sandboxes.map(({ name }) => name)).toEqual(['pod-1', 'pod-3']);
    expect(snapshot.containers.map(({ id }) => id)).toEqual([hexId('c', 1), hexId('c', 3)]);
    expect(faults.map(({ code, count }) => [code, count])).toEqual([
      ['vanished', 1],
      ['vanished', 1],
    ]);
    expect(snapshot.up).toBe(true);
  });

  test('that is listed again after it vanished is there, and what could not be read of it unknown', async () => {
    const server = await startCriServer({ sandboxes: 2 });
    server.treat = (call) => (call.endsWith(hexId('a', 2)) || call.endsWith(hexId('c', 2)) ? gone(call) : 'usual');
    const runtime = runtimeAt(server.endpoint);
    await runtime.ask();
    for (let again = 0; again < 2; again++) {
      const { snapshot } = await runtime.ask();
      expect(snapshot.sandboxes.find(({ name }) => name === 'pod-2')?.pause).toEqual({
        kind: 'unknown',
        reason: 'vanished',
      });
      expect(snapshot.containers.find(({ id }) => id === hexId('c', 2))?.pid).toEqual({ unknown: 'vanished' });
    }
    server.treat = () => 'usual';
    const { snapshot } = await runtime.ask();
    expect(snapshot.sandboxes.map(({ pause }) => pause.kind)).toEqual(['pid', 'pid']);
  });

  test('that vanished on cri-dockerd, whose code for it is UNKNOWN, is told from Docker being down', async () => {
    const recording = readRecording('cri-dockerd-0.4.3');
    const server = await startCriServer({ answers: recordedAnswers(recording) });
    const [own, cni] = ['own', 'cni'].map((kind) => recording.arranged.get(kind)?.sandbox ?? '');
    server.treat = (call) => {
      if (call === `PodSandboxStatus ${own}`)
        return { code: 2, details: `Error response from daemon: No such container: ${own}` };
      return call === `PodSandboxStatus ${cni}` ? { code: 2, details: 'Cannot connect to the Docker daemon' } : 'usual';
    };
    const { snapshot, faults } = await runtimeAt(server.endpoint).ask();
    expect(snapshot.sandboxes.map(({ id }) => id)).not.toContain(own);
    expect(snapshot.sandboxes.find(({ id }) => id === cni)?.pause).toEqual({ kind: 'unknown', reason: 'silent' });
    expect(faults.map(({ code }) => code).toSorted()).toEqual(['silent', 'vanished']);
  });

  test('that fails does not cost the others: half of them are known, and the fault is one with a count', async () => {
    const server = await startCriServer({ sandboxes: 20 });
    const odd = new Set(Array.from({ length: 10 }, (_, i) => `PodSandboxStatus ${hexId('a', 2 * i + 1)}`));
    server.treat = (call) => (odd.has(call) ? UNAVAILABLE : 'usual');
    const { snapshot, faults } = await runtimeAt(server.endpoint).ask();
    const kinds = snapshot.sandboxes.map(({ pause }) => pause.kind);
    expect(kinds.filter((kind) => kind === 'pid')).toHaveLength(10);
    expect(kinds.filter((kind) => kind === 'unknown')).toHaveLength(10);
    expect(snapshot.sandboxes[0]).toMatchObject({
      name: 'pod-1',
      state: 'ready',
      pause: { reason: 'silent' },
      pidMode: undefined,
    });
    expect(faults).toMatchObject([{ code: 'silent', count: 10 }]);
    expect(faults[0]?.message).toContain('overloaded');
  });

  test('behind a frozen shim waits no longer than its deadline, and the others do not wait for it', async () => {
    const server = await startCriServer({ sandboxes: 10 });
    server.treat = (call) => (call === `PodSandboxStatus ${hexId('a', 4)}` ? 'never' : 'usual');
    const startMs = performance.now();
    const { snapshot, faults } = await runtimeAt(server.endpoint).ask();
    expect(performance.now() - startMs).toBeLessThan(1500);
    expect(snapshot.sandboxes.map(({ pause }) => pause.kind).filter((kind) => kind === 'pid')).toHaveLength(9);
    expect(faults).toMatchObject([{ code: 'timeout', count: 1 }]);
  });

  test('beyond what a round has time for waits for the next one', async () => {
    const server = await startCriServer({ sandboxes: 40 });
    server.answers.containers = [];
    server.treat = (call) => (call.startsWith('Pod') ? 150 : 'usual');
    const runtime = runtimeAt(server.endpoint, { roundMs: 250 });
    const startMs = performance.now();
    const first = await runtime.ask();
    expect(performance.now() - startMs).toBeLessThan(1500);
    const known = (of: typeof first) => of.snapshot.sandboxes.filter(({ pause }) => pause.kind === 'pid').length;
    expect(known(first)).toBeGreaterThan(0);
    expect(known(first)).toBeLessThan(40);
    expect(first.faults).toMatchObject([{ code: 'timeout', count: 40 - known(first) }]);
    const rounds = [first];
    for (let round = 0; round < 6; round++) rounds.push(await runtime.ask());
    expect(rounds.map(known).at(-1)).toBe(40);
    expect(server.calls.filter((call) => call.startsWith('Pod'))).toHaveLength(40);
  });
});

describe('a call that fails alone', () => {
  test('takes only its own facts: the images', async () => {
    const server = await startCriServer();
    server.treat = (call) =>
      call === 'ListImages' ? { code: grpcStatus.UNIMPLEMENTED, details: 'no images' } : 'usual';
    const { snapshot, faults } = await runtimeAt(server.endpoint).ask();
    expect(snapshot).toMatchObject({ up: true, images: undefined });
    expect(snapshot.sandboxes).toHaveLength(2);
    expect(faults).toMatchObject([
      { code: 'unsupported', subject: 'ListImages', source: 'runtime', endpoint: server.endpoint },
    ]);
  });

  test('takes only its own facts: what was known of version and configuration stays', async () => {
    const server = await startCriServer();
    const runtime = runtimeAt(server.endpoint);
    await runtime.ask();
    server.treat = (call) => (call === 'Version' || call === 'Status' ? UNAVAILABLE : 'usual');
    const { snapshot } = await runtime.ask();
    expect(snapshot).toMatchObject({ up: true, version: '1.7.24', configuredPauseImage: 'registry.k8s.io/pause:3.9' });
  });

  test.each(['ListPodSandbox', 'ListContainers'])('and is %s makes the whole look an old one', async (failing) => {
    const server = await startCriServer();
    const runtime = runtimeAt(server.endpoint);
    const before = await runtime.ask();
    server.treat = (call) => (call === failing ? { code: 2, details: 'Cannot connect to the Docker daemon' } : 'usual');
    server.answers.sandboxes = [];
    const { snapshot, faults } = await runtime.ask();
    expect(snapshot).toMatchObject({ up: false, answeredAtMs: before.snapshot.answeredAtMs });
    expect(snapshot.sandboxes).toEqual(before.snapshot.sandboxes);
    expect(faults).toMatchObject([{ subject: failing, code: 'silent' }]);
  });
});

describe('a runtime that does not answer', () => {
  test('keeps its last answer for a time and no longer', async () => {
    const server = await startCriServer();
    const runtime = runtimeAt(server.endpoint, { keepAnswerMs: 2500 });
    const before = await runtime.ask();
    server.treat = () => 'never';
    const during = await runtime.ask();
    expect(during.snapshot).toMatchObject({ up: false, answeredAtMs: before.snapshot.answeredAtMs, images: undefined });
    expect(during.snapshot.sandboxes).toEqual(before.snapshot.sandboxes);
    expect(during.faults.map(({ code }) => code)).toEqual(Array.from({ length: 5 }, () => 'timeout'));
    await new Promise((resolve) => setTimeout(resolve, 2000));
    const after = await runtime.ask();
    expect(after.snapshot).toMatchObject({ up: false, sandboxes: [], containers: [] });
  });

  test('and never did has an empty answer and says what is the matter', async () => {
    const runtime = runtimeAt(`unix://${join(socketDirectory(), 'none.sock')}`);
    const { snapshot, faults } = await runtime.ask();
    expect(snapshot).toMatchObject({ up: false, answeredAtMs: undefined, sandboxes: [], name: '' });
    expect(faults).toHaveLength(5);
    expect(faults[0]).toMatchObject({ code: 'silent', message: expect.stringContaining('there is no such socket') });
  });

  test('whose socket file is left over from a killed daemon is told from one that is not there', async () => {
    const path = join(socketDirectory(), 'dead.sock');
    const live = join(socketDirectory(), 'live.sock');
    const daemon = createServer().listen(live);
    await once(daemon, 'listening');
    // A server that ends in order takes the name along that it was given, which this is no more.
    renameSync(live, path);
    daemon.close();
    const { faults } = await runtimeAt(`unix://${path}`).ask();
    expect(faults[0]).toMatchObject({
      code: 'silent',
      message: expect.stringContaining('nobody listens on the socket'),
    });
  });

  test.each([
    ['accepts and says nothing', () => undefined],
    ['hangs up at once', (it: { destroy(): void }) => it.destroy()],
    ['speaks HTTP/1.1', (it: { end(text: string): void }) => it.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['sends garbage', (it: { write(bytes: Buffer): void }) => it.write(Buffer.alloc(4096, 0xa5))],
  ])('because something else %s is down within its deadline', async (_, behave) => {
    const endpoint = await startSocket((connection) => behave(connection));
    const startMs = performance.now();
    const { snapshot, faults } = await runtimeAt(endpoint).ask();
    expect(performance.now() - startMs).toBeLessThan(2000);
    expect(snapshot.up).toBe(false);
    expect(faults).toHaveLength(5);
  });

  test('is found again after a restart, on a new socket file', async () => {
    const server = await startCriServer();
    const runtime = runtimeAt(server.endpoint, { listMs: 1000 });
    await runtime.ask();
    server.stop();
    expect((await runtime.ask()).snapshot).toMatchObject({
      up: false,
      sandboxes: [{ name: 'pod-1' }, { name: 'pod-2' }],
    });
    await server.start();
    await expect.poll(async () => (await runtime.ask()).snapshot.up, { timeout: 10_000, interval: 200 }).toBe(true);
  });
});

describe('a fault', () => {
  test.each([
    [{ code: 4 }, 'timeout', 'the runtime hangs'],
    [{ code: 5, details: 'x' }, 'vanished', 'normal while pods end'],
    [{ code: 12 }, 'unsupported', 'does not offer this call'],
    [{ code: 7, details: 'no' }, 'denied', 'run as root'],
    [{ code: 14, details: 'connect EACCES /run/x.sock' }, 'denied', 'run as root'],
    [{ code: 8, details: 'too large' }, 'malformed', 'too large'],
    [{ code: 13, details: 'bad wire type' }, 'malformed', 'bad wire type'],
    [{ code: 14, details: 'connect ENOENT /run/x.sock' }, 'silent', 'no such socket'],
    [{ code: 14, details: 'connect ECONNREFUSED' }, 'silent', 'nobody listens'],
    [{ code: 2, details: 'Cannot connect to the Docker daemon' }, 'silent', 'Docker daemon'],
    [new Error('odd'), 'silent', 'odd'],
    [undefined, 'silent', 'no answer'],
  ])('for %j is %s and says: %s', (error, code, words) => {
    const fault = failureFault('unix:///run/x.sock', 'ListPodSandbox', classifyCall(error));
    expect(fault).toMatchObject({ source: 'runtime', endpoint: 'unix:///run/x.sock', code, count: 1 });
    expect(fault.message).toMatch(/^ListPodSandbox at unix:\/\/\/run\/x\.sock: .*\.$/);
    expect(fault.message).toContain(words);
  });
});

describe('an endpoint', () => {
  test('that is a file or a directory is told as no socket', () => {
    const directory = socketDirectory();
    writeFileSync(join(directory, 'file'), '');
    const refused = { code: 14, details: 'connect ECONNREFUSED' };
    for (const path of [directory, join(directory, 'file')]) {
      const { message } = failureFault(`unix://${path}`, 'Version', classifyCall(refused));
      expect(message).toBe(
        `Version at unix://${path}: that is no socket; name the socket of the runtime with --runtime-endpoint.`,
      );
    }
  });
});

describe('detection', () => {
  test('passes over a dead socket file and takes the first that answers', async () => {
    const run = socketDirectory();
    mkdirSync(join(run, 'containerd'));
    mkdirSync(join(run, 'crio'));
    writeFileSync(join(run, 'containerd/containerd.sock'), '');
    await startCriServer({ socket: join(run, 'crio/crio.sock') });
    await startCriServer({ socket: join(run, 'cri-dockerd.sock') });
    expect(await detectEndpoint(run)).toEqual({ endpoint: `unix://${run}/crio/crio.sock` });
  });

  test('lists what was tried when none answers, each with its reason', async () => {
    const run = socketDirectory();
    mkdirSync(join(run, 'containerd'));
    writeFileSync(join(run, 'containerd/containerd.sock'), '');
    writeFileSync(join(run, 'cri-dockerd.sock'), '');
    const detection = await detectEndpoint(run);
    const message = 'fault' in detection ? detection.fault.message : '';
    expect(detection).toMatchObject({ fault: { code: 'silent', source: 'runtime', endpoint: undefined, count: 1 } });
    for (const socket of ['containerd/containerd.sock', 'cri-dockerd.sock'])
      expect(message).toContain(`${run}/${socket}: that is no socket`);
    expect(message).not.toContain('crio.sock');
  });

  test('says that there is not one well-known socket', async () => {
    const run = socketDirectory();
    const detection = await detectEndpoint(run);
    expect('fault' in detection ? detection.fault.message : '').toContain(
      `None of the 5 well-known sockets below ${run} exists`,
    );
  });
});
