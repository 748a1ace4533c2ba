/** The runtime over a CRI server that behaves well: what is asked, how often, and what comes of it. */
import { createConnection, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ContainerState, PodSandboxState } from '../../src/runtime/cri/generated/runtime/v1/cri.ts';
import { createCriRuntime } from '../../src/runtime/cri/runtime.ts';
import type { RuntimeTimes } from '../../src/runtime/runtime-times.ts';
import { containerItem, hexId, recordedAnswers, sandboxItem, socketDirectory, startCriServer } from './cri-server.ts';
import { RECORDINGS, readRecording } from './recording.ts';

const TIMES: RuntimeTimes = { listMs: 10_000, detailsMs: 10_000, roundMs: 15_000, keepAnswerMs: 60_000 };

/** A runtime that is closed with the test. */
function runtimeAt(endpoint: string, times: Partial<RuntimeTimes> = {}) {
  const runtime = createCriRuntime(endpoint, { ...TIMES, ...times });
  onTestFinished(() => runtime.close());
  return runtime;
}

/** Calls for details in a list of calls. */
const details = (calls: readonly string[]) => calls.filter((call) => call.includes(' ')).toSorted();

describe('an answer', () => {
  test('holds the runtime, its sandboxes and containers with PIDs, and its images', async () => {
    const server = await startCriServer();
    const { snapshot, faults } = await runtimeAt(server.endpoint).ask();
    expect(faults).toEqual([]);
    expect(snapshot).toMatchObject({
      endpoint: server.endpoint,
      name: 'containerd',
      version: '1.7.24',
      flavour: 'containerd',
      up: true,
      answeredAtMs: expect.any(Number),
      configuredPauseImage: 'registry.k8s.io/pause:3.9',
      images: [{ tags: ['registry.k8s.io/pause:3.9'], pinned: true }],
    });
    const shared = {
      namespace: 'default',
      state: 'ready',
      pidMode: 'container',
      imageRef: 'registry.k8s.io/pause:3.9',
    };
    expect(snapshot.sandboxes).toMatchObject([
      { ...shared, name: 'pod-1', pause: { kind: 'pid', pid: 1001 } },
      { ...shared, name: 'pod-2', pause: { kind: 'pid', pid: 1002 } },
    ]);
    expect(snapshot.containers.map(({ pid }) => pid)).toEqual([{ value: 6001 }, { value: 6002 }]);
    expect(snapshot.sandboxes[0]?.createdAtMs).toBe(1_795_396_152_717);
  });

  test.each(RECORDINGS)('of %s arrives whole and without a fault', async (name) => {
    const recording = readRecording(name);
    const server = await startCriServer({ answers: recordedAnswers(recording) });
    const { snapshot, faults } = await runtimeAt(server.endpoint).ask();
    expect(faults).toEqual([]);
    expect(snapshot.sandboxes).toHaveLength(8);
    expect(snapshot.containers.filter(({ pid }) => pid !== undefined && 'value' in pid)).toHaveLength(5);
    const pauses = snapshot.sandboxes.map(({ pause }) => (pause.kind === 'none' ? pause.reason : pause.kind));
    const count = (kind: string) => pauses.filter((it) => it === kind).length;
    const expected = name === 'cri-o-1.36.3' ? [1, 7, 0] : [6, 0, 2];
    expect([count('pid'), count('infra-dropped'), count('exited')]).toEqual(expected);
  });

  test('asks for containers by the id of the sandbox on cri-dockerd alone', async () => {
    for (const name of ['cri-dockerd-0.4.3', 'containerd-2.1.9'] as const) {
      const recording = readRecording(name);
      const server = await startCriServer({ answers: recordedAnswers(recording) });
      await runtimeAt(server.endpoint).ask();
      const ids = new Set(recording.sandboxes.map(({ id }) => `ContainerStatus ${id}`));
      expect(server.calls.filter((call) => ids.has(call))).toHaveLength(name === 'cri-dockerd-0.4.3' ? 8 : 0);
    }
  });

  test('nothing is sent before the first question, and nothing but the seven calls that read after it', async () => {
    const server = await startCriServer();
    const runtime = runtimeAt(server.endpoint);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(server.calls).toEqual([]);
    await runtime.ask();
    const names = new Set(server.calls.map((call) => call.split(' ')[0] ?? ''));
    expect([...names].toSorted()).toEqual([
      'ContainerStatus',
      'ListContainers',
      'ListImages',
      'ListPodSandbox',
      'PodSandboxStatus',
      'Status',
      'Version',
    ]);
  });
});

describe('details', () => {
  test('are asked once per id, the lists in every round', async () => {
    const server = await startCriServer({ sandboxes: 3 });
    const runtime = runtimeAt(server.endpoint);
    const first = await runtime.ask();
    for (let round = 0; round < 4; round++) {
      expect((await runtime.ask()).snapshot.sandboxes).toEqual(first.snapshot.sandboxes);
    }
    expect(details(server.calls)).toHaveLength(6);
    expect(server.calls.filter((call) => call === 'ListPodSandbox')).toHaveLength(5);
  });

  test('are asked again when the listed state changes', async () => {
    const server = await startCriServer({ sandboxes: 2 });
    const runtime = runtimeAt(server.endpoint);
    await runtime.ask();
    server.calls.length = 0;
    server.answers.sandboxes = [sandboxItem(1, { state: PodSandboxState.SANDBOX_NOTREADY }), sandboxItem(2)];
    await runtime.ask();
    expect(details(server.calls)).toEqual([`PodSandboxStatus ${hexId('a', 1)}`]);
  });

  test('are asked again after forget(), of that id alone', async () => {
    const server = await startCriServer({ sandboxes: 2 });
    const runtime = runtimeAt(server.endpoint);
    await runtime.ask();
    server.calls.length = 0;
    runtime.forget([hexId('a', 2), hexId('c', 1), 'nobody']);
    await runtime.ask();
    expect(details(server.calls)).toEqual([`ContainerStatus ${hexId('c', 1)}`, `PodSandboxStatus ${hexId('a', 2)}`]);
  });

  test('of containers that do not run are not asked for', async () => {
    const server = await startCriServer({ sandboxes: 1 });
    server.answers.containers = [
      containerItem(1, { state: ContainerState.CONTAINER_EXITED }),
      containerItem(2, { podSandboxId: hexId('a', 1), state: ContainerState.CONTAINER_CREATED }),
    ];
    const { snapshot } = await runtimeAt(server.endpoint).ask();
    expect(snapshot.containers.map(({ state, pid }) => [state, pid])).toEqual([
      ['exited', undefined],
      ['created', undefined],
    ]);
    expect(details(server.calls)).toHaveLength(1);
  });

  test('of what is gone from the list are forgotten: an id that comes back is asked anew', async () => {
    const server = await startCriServer({ sandboxes: 1 });
    const runtime = runtimeAt(server.endpoint);
    await runtime.ask();
    const { sandboxes } = server.answers;
    server.answers.sandboxes = [];
    await runtime.ask();
    server.answers.sandboxes = sandboxes;
    server.calls.length = 0;
    await runtime.ask();
    expect(details(server.calls)).toEqual([`PodSandboxStatus ${hexId('a', 1)}`]);
  });

  test('are asked for at most eight at a time of sandboxes and of containers', async () => {
    const server = await startCriServer({ sandboxes: 60 });
    server.treat = (call) => (call.startsWith('PodSandboxStatus') ? 20 : 'usual');
    server.answers.containers = [];
    const { snapshot } = await runtimeAt(server.endpoint).ask();
    expect(snapshot.sandboxes.every(({ pause }) => pause.kind === 'pid')).toBe(true);
    expect(server.mostAtOnce).toBe(8);
  });

  test('with a problem in them are used as far as they go, reported, and asked for again', async () => {
    const server = await startCriServer({ sandboxes: 1 });
    const { sandboxStatus } = server.answers;
    server.answers.sandboxStatus = (id) => ({ ...sandboxStatus(id), info: { info: '{"pid":' } });
    const runtime = runtimeAt(server.endpoint);
    const { snapshot, faults } = await runtime.ask();
    expect(snapshot.sandboxes).toMatchObject([
      { pidMode: 'container', pause: { kind: 'unknown', reason: 'malformed' } },
    ]);
    expect(faults).toMatchObject([
      { code: 'malformed', count: 1, subject: `PodSandboxStatus of sandbox ${hexId('a', 1)}` },
    ]);
    server.answers.sandboxStatus = sandboxStatus;
    expect((await runtime.ask()).snapshot.sandboxes).toMatchObject([{ pause: { kind: 'pid', pid: 1001 } }]);
  });
});

describe('the connection', () => {
  test('is one, however many calls there are', async () => {
    const server = await startCriServer({ sandboxes: 30 });
    const path = join(socketDirectory(), 'counted.sock');
    let connections = 0;
    const proxy = createServer((from) => {
      connections++;
      const to = createConnection(server.socket);
      from.pipe(to).pipe(from);
      for (const end of [from, to]) end.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => proxy.listen(path, resolve));
    onTestFinished(() => void proxy.close());
    const runtime = runtimeAt(`unix://${path}`);
    for (let round = 0; round < 3; round++) await runtime.ask();
    runtime.close();
    expect(server.calls.length).toBe(15 + 60);
    expect(connections).toBe(1);
  });

  test('carries lists of more than 4 MiB, gRPC’s own limit, and refuses more than 16', async () => {
    const server = await startCriServer({ sandboxes: 0 });
    const long = (count: number) =>
      Array.from({ length: count }, (_, i) => sandboxItem(i, { runtimeHandler: 'x'.repeat(100_000) }));
    server.answers.sandboxes = long(80);
    const runtime = runtimeAt(server.endpoint);
    const { snapshot, faults } = await runtime.ask();
    expect([snapshot.sandboxes.length, faults]).toEqual([80, []]);
    server.answers.sandboxes = long(180);
    const refused = await runtime.ask();
    expect(refused.snapshot).toMatchObject({ up: false });
    expect(refused.faults).toMatchObject([{ code: 'malformed', subject: 'ListPodSandbox' }]);
  });
});
