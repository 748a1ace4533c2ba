/** A Docker Engine without CRI: which of its containers are pods, how they share PIDs, and what became of a dead pause. */
import * as fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { negotiate } from '../../src/runtime/docker/api-version.ts';
import { decodeInspect } from '../../src/runtime/docker/decode-inspect.ts';
import { decodeList } from '../../src/runtime/docker/decode-list.ts';
import { decodeImages, decodeInfo } from '../../src/runtime/docker/decode-node.ts';
import { createEngineClient } from '../../src/runtime/docker/engine-client.ts';
import { parseKubeletName } from '../../src/runtime/docker/kubelet-name.ts';
import { createDockerRuntime } from '../../src/runtime/docker/runtime.ts';
import { type EngineAnswers, type Json, readEngineRecording, startEngine } from './engine-server.ts';

const TIMES = { listMs: 5000, detailsMs: 5000, roundMs: 10_000, keepAnswerMs: 60_000 };
const RECORDING = readEngineRecording();

/** Asks an Engine once. */
async function askOnce(answers: Partial<EngineAnswers> = {}) {
  const engine = await startEngine({ answers });
  const runtime = createDockerRuntime(engine.endpoint, TIMES);
  onTestFinished(() => runtime.close());
  return { engine, runtime, ...(await runtime.ask()) };
}

const idOf = (kind: string) => RECORDING.arranged.get(kind)?.sandbox ?? '';

describe('the pods of Docker Engine 28.5', () => {
  test('are told with their pause, image, PID mode and containers', async () => {
    const { snapshot, faults } = await askOnce();
    expect(faults).toEqual([]);
    expect(snapshot).toMatchObject({ name: 'docker', version: '28.5.2+dfsg4', flavour: 'docker', up: true });
    const modes = Object.fromEntries(snapshot.sandboxes.map(({ name, pidMode }) => [name, pidMode]));
    expect(modes).toEqual({
      own: 'container',
      shared: 'pod',
      hostpid: 'node',
      deadpause: 'container',
      bare: undefined,
    });
    const shared = snapshot.sandboxes.find(({ name }) => name === 'shared');
    expect(shared).toMatchObject({
      id: idOf('shared'),
      namespace: 'default',
      uid: 'uid-shared',
      attempt: 0,
      state: 'ready',
      networkMode: 'node',
      ipcMode: 'pod',
      pause: { kind: 'pid', pid: 29_017 },
      pauseEnd: undefined,
      imageRef: 'registry.k8s.io/pause:3.10',
      isolation: 'shared-kernel',
    });
    const app = snapshot.containers.find(({ sandboxId }) => sandboxId === idOf('shared'));
    expect(app).toMatchObject({ name: 'app', state: 'running', pid: { value: 29_067 }, imageRef: 'busybox:latest' });
    expect(snapshot.containers).toHaveLength(4);
  });

  test('tell what a killed pause died of', async () => {
    const { snapshot } = await askOnce();
    expect(snapshot.sandboxes.find(({ name }) => name === 'deadpause')).toMatchObject({
      state: 'notready',
      pause: { kind: 'none', reason: 'exited' },
      pauseEnd: { exitCode: 137, oomKilled: false },
    });
  });

  test('end with dockerd, unless it is set to let them live: that is shown', async () => {
    const { snapshot } = await askOnce();
    expect(snapshot.conditions).toMatchObject([{ type: 'LiveRestoreEnabled', status: false }]);
    const restoring = await askOnce({ info: { LiveRestoreEnabled: true } });
    expect(restoring.snapshot.conditions).toMatchObject([{ type: 'LiveRestoreEnabled', status: true, message: '' }]);
  });

  test('are asked for by GET and in the newest version that both sides know', async () => {
    const { engine } = await askOnce();
    const lists = engine.calls.filter((call) => !call.startsWith('Inspect'));
    expect(lists).toEqual([
      'GET /version',
      'GET /v1.51/containers/json?all=1',
      'GET /v1.51/images/json',
      'GET /v1.51/info',
    ]);
  });

  test('are asked for their details once, and for the daemon’s settings once', async () => {
    const { engine, runtime } = await askOnce();
    engine.calls.length = 0;
    await runtime.ask();
    expect(engine.calls).toHaveLength(3);
  });
});

describe('a node of the dockershim', () => {
  /** Without labels, with a custom image and a name that had to be changed after a conflict. */
  const id = 'd'.repeat(64);
  const appId = 'e'.repeat(64);
  const item = (Id: string, name: string, host: string): Json => ({
    Id,
    Names: [name],
    Image: 'cfe-pause:5.9.4',
    Created: 1_600_000_000,
    State: 'running',
    HostConfig: { NetworkMode: host },
  });
  const containers = [
    item(id, '/k8s_POD_web_shop_uid-1_2_a1b2c3d4', 'none'),
    item(appId, '/k8s_app_web_shop_uid-1_0', `container:${id}`),
    item('c'.repeat(64), '/registry', 'bridge'),
  ];
  const inspect = (asked: string): Json => ({
    State: { Status: 'running', Pid: asked === id ? 100 : 101, ExitCode: 0 },
    Config: { Image: asked === id ? 'cfe-pause:5.9.4' : 'shop/app:1', Env: ['PASSWORD=secret'] },
    HostConfig: { PidMode: asked === id ? '' : `container:${id}`, NetworkMode: 'none', Runtime: 'runc' },
  });

  test('is read by its names alone', async () => {
    const { snapshot } = await askOnce({ containers, inspect });
    expect(snapshot.sandboxes).toMatchObject([
      { id, namespace: 'shop', name: 'web', uid: 'uid-1', attempt: 2, pidMode: 'pod', imageRef: 'cfe-pause:5.9.4' },
    ]);
    expect(snapshot.containers).toMatchObject([{ id: appId, sandboxId: id, name: 'app', pid: { value: 101 } }]);
  });

  test('gives away nothing of environments', async () => {
    const { snapshot } = await askOnce({ containers, inspect });
    expect(JSON.stringify(snapshot)).not.toContain('secret');
  });

  test('gives them away no more when its answer makes no sense', async () => {
    const garbled = (): never => '{"Config":{"Env":["PASSWORD=secret", oops]}}' as never;
    const { snapshot, faults } = await askOnce({ containers, inspect: garbled });
    expect(faults).toContainEqual(expect.objectContaining({ code: 'malformed' }));
    expect(JSON.stringify([snapshot, faults])).not.toContain('secret');
  });

  test('may be too old to be asked, and says so', async () => {
    const { snapshot, faults } = await askOnce({ version: { Version: '1.11.2', ApiVersion: '1.23' } });
    expect(snapshot.up).toBe(false);
    expect(faults).toMatchObject([{ code: 'unsupported', message: expect.stringContaining('1.23') }]);
  });
});

describe('a kubelet’s name', () => {
  test.each([
    ['/k8s_POD_web-0_shop_0f-1_0', { container: 'POD', pod: 'web-0', namespace: 'shop', uid: '0f-1', attempt: 0 }],
    ['k8s_app_web_shop_u_12', { container: 'app', pod: 'web', namespace: 'shop', uid: 'u', attempt: 12 }],
    ['/k8s_POD_web_shop_u_1_deadbeef', { container: 'POD', pod: 'web', namespace: 'shop', uid: 'u', attempt: 1 }],
    [
      '/k8s_POD.d8dbe16c_web_shop_u_d0c2f5b4',
      { container: 'POD', pod: 'web', namespace: 'shop', uid: 'u', attempt: 0 },
    ],
  ])('%s is taken apart', (name, parts) => {
    expect(parseKubeletName(name)).toEqual(parts);
  });

  test.each(['', '/', '/registry', '/k8s_POD_web_shop', '/k8s_POD_web_shop_u_1_x_y', '/K8S_POD_a_b_c_0', '/k8s_____'])(
    '%s is none',
    (name) => {
      expect(parseKubeletName(name)).toBeUndefined();
    },
  );
});

describe('the version of the API', () => {
  test.each([
    ['1.51', '1.24', '1.51'],
    ['1.41', '1.12', '1.41'],
    ['1.24', undefined, '1.24'],
    ['1.60', '1.44', '1.51'],
    ['1.70', '1.60', '1.60'],
  ])('of an Engine with %s (oldest %s) is %s', (ApiVersion, MinAPIVersion, api) => {
    expect(negotiate({ Version: 'x', ApiVersion, MinAPIVersion })).toEqual({ version: 'x', api });
  });

  test.each([{}, null, [], { Version: 'x' }, { Version: 'x', ApiVersion: '../images' }, { Version: 1, ApiVersion: 1 }])(
    'is not made up from %j',
    (answer) => {
      expect(negotiate(answer)).toMatchObject({ code: 'malformed' });
    },
  );
});

describe('a connection that is closed', () => {
  test('fails what is under way and what waits for its turn', async () => {
    const engine = await startEngine();
    engine.treat = () => 'never';
    const client = createEngineClient(engine.endpoint);
    const calls = Promise.allSettled([client.get('/version', 60_000), client.get('/info', 60_000)]);
    await expect.poll(() => engine.calls).toEqual(['GET /version']);
    client.close();
    for (const call of await calls) expect(call).toMatchObject({ reason: { failure: { code: 'silent' } } });
    expect(engine.calls).toEqual(['GET /version']);
  });

  test('makes no other, whoever asks', async () => {
    const engine = await startEngine();
    const client = createEngineClient(engine.endpoint);
    await client.get('/version', 5000);
    client.close();
    await expect(client.get('/version', 5000)).rejects.toThrow('closed');
    client.close();
    await expect(client.get('/version', 5000)).rejects.toThrow('closed');
    expect(engine.calls).toHaveLength(1);
  });
});

describe('an answer of any kind at all', () => {
  test('does not make a decoder throw', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (answer) => {
        const list = decodeList([answer, { Id: 'a'.repeat(64), Names: answer, Labels: answer, HostConfig: answer }]);
        expect(list?.sandboxes.every(({ id }) => /^[0-9a-f]{64}$/.test(id))).toBe(true);
        decodeInspect(answer);
        decodeInspect({ State: answer, HostConfig: answer, Config: answer });
        decodeImages(answer);
        decodeInfo(answer);
        negotiate(answer);
      }),
    );
  });

  test('that is no list of containers is not an empty node', async () => {
    const { snapshot, faults } = await askOnce({ containers: { message: 'odd' } as never });
    expect(snapshot.up).toBe(false);
    expect(faults).toMatchObject([{ code: 'malformed', subject: 'GET /containers/json' }]);
  });
});
