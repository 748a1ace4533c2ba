/** Lists in parts: used where a runtime offers them, asked for once where it does not, bounded like whole ones. */
import { status as grpcStatus } from '@grpc/grpc-js';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createCriRuntime } from '../../src/runtime/cri/runtime.ts';
import { type CriServer, sandboxItem, startCriServer } from './cri-server.ts';

const TIMES = { listMs: 10_000, detailsMs: 10_000, roundMs: 15_000, keepAnswerMs: 60_000 };
const LISTS = ['ListContainers', 'ListImages', 'ListPodSandbox'];
const STREAMS = ['StreamContainers', 'StreamImages', 'StreamPodSandboxes'];

function runtimeAt(endpoint: string) {
  const runtime = createCriRuntime(endpoint, TIMES);
  onTestFinished(() => runtime.close());
  return runtime;
}

const listCalls = ({ calls }: CriServer) => calls.filter((call) => /^(List|Stream)/.test(call)).toSorted();

describe('lists in parts', () => {
  test('arrive whole and in order, and the whole lists are not asked for', async () => {
    const server = await startCriServer({ sandboxes: 25, answers: { partSize: 4 } });
    const { snapshot, faults } = await runtimeAt(server.endpoint).ask();
    expect(faults).toEqual([]);
    expect(snapshot.sandboxes.map(({ name }) => name)).toEqual(Array.from({ length: 25 }, (_, i) => `pod-${i + 1}`));
    expect([snapshot.containers.length, snapshot.images?.length]).toEqual([25, 1]);
    expect(listCalls(server)).toEqual(STREAMS);
  });

  test('of a node without pods are empty, not missing', async () => {
    const server = await startCriServer({ sandboxes: 0, answers: { partSize: 4 } });
    const { snapshot } = await runtimeAt(server.endpoint).ask();
    expect(snapshot).toMatchObject({ up: true, sandboxes: [], containers: [] });
  });

  test('that fail are a fault, and the whole list is not asked for in their stead', async () => {
    const server = await startCriServer({ sandboxes: 2, answers: { partSize: 4 } });
    server.treat = (call) =>
      call === 'StreamPodSandboxes' ? { code: grpcStatus.UNAVAILABLE, details: 'overloaded' } : 'usual';
    const { snapshot, faults } = await runtimeAt(server.endpoint).ask();
    expect(snapshot.up).toBe(false);
    expect(faults).toMatchObject([{ code: 'silent', subject: 'ListPodSandbox' }]);
    expect(listCalls(server)).toEqual(STREAMS);
  });

  test('of more than 16 MiB together are refused', async () => {
    const server = await startCriServer({ sandboxes: 0, answers: { partSize: 4 } });
    server.answers.sandboxes = Array.from({ length: 180 }, (_, i) =>
      sandboxItem(i, { runtimeHandler: 'x'.repeat(100_000) }),
    );
    const { snapshot, faults } = await runtimeAt(server.endpoint).ask();
    expect(snapshot.up).toBe(false);
    expect(faults).toMatchObject([{ code: 'malformed', message: expect.stringContaining('larger than') }]);
  });
});

describe('a runtime without them', () => {
  test('is asked for them once, and for whole lists from then on', async () => {
    const server = await startCriServer();
    let asked = 0;
    const runtime = runtimeAt(server.endpoint);
    for (let round = 0; round < 3; round++) asked += (await runtime.ask()).snapshot.sandboxes.length;
    expect(asked).toBe(6);
    expect(listCalls(server)).toEqual([...LISTS, ...LISTS, ...LISTS].toSorted());
  });

  test('is asked anew after a restart: a newer version may have come', async () => {
    const server = await startCriServer();
    const runtime = runtimeAt(server.endpoint);
    await runtime.ask();
    server.stop();
    server.answers.partSize = 4;
    await server.start();
    await expect.poll(async () => (await runtime.ask()).snapshot.up, { timeout: 10_000, interval: 100 }).toBe(true);
    server.calls.length = 0;
    await runtime.ask();
    expect(listCalls(server)).toEqual(STREAMS);
  });
});
