/** What the server promises on real sockets: it listens, says why it cannot, survives bad clients and ends quickly. */
import { Agent, get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createPodLooks } from '../../src/kernel/closer/pod-look.ts';
import { createPublisher, type Publisher } from '../../src/publish/http/publication.ts';
import { createServer, type WebServer } from '../../src/publish/http/server.ts';
import { createLedger } from '../../src/publish/metrics/ledger.ts';
import { BUSY_NODE } from './busy-node.ts';
import { METRICS_OPTIONS, STATS } from './metrics-builder.ts';

const running: WebServer[] = [];
let nowMs = 0;

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});

function publisher(): Publisher {
  nowMs = 0;
  return createPublisher({
    ...METRICS_OPTIONS,
    ledger: createLedger(),
    processMetrics: undefined,
    intervalMs: 1000,
    monotonicMs: () => nowMs,
  });
}

function serverOn(port: number, board = publisher(), errors: unknown[] = [], host = '127.0.0.1'): WebServer {
  const server = createServer({
    listenAddress: { host, port },
    publisher: board,
    onError: (error) => errors.push(error),
    telemetryPath: '/metrics',
    runbookBase: '/runbooks',
    intervalMs: 1000,
    runbooks: {},
    version: '0.1.0',
    lookAtPod: createPodLooks({ root: '/proc' }),
    access: { details: 'auto', nodeName: 'worker-7', externalUrl: undefined },
  });
  running.push(server);
  return server;
}

function fetchText(url: string, agent?: Agent): Promise<{ status: number | undefined; text: string }> {
  return new Promise((resolve, reject) => {
    const read = (response: IncomingMessage) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode, text }));
    };
    get(url, agent === undefined ? {} : { agent }, read).on('error', reject);
  });
}

test('It answers 503 until the first audit, then 200, then 503 once three intervals have passed', async () => {
  const board = publisher();
  const url = await serverOn(0, board).listen();
  expect((await fetchText(`${url}/readyz`)).status).toBe(503);
  await board.publish(BUSY_NODE, STATS);
  expect((await fetchText(`${url}/readyz`)).status).toBe(200);
  expect((await fetchText(`${url}/sandboxes`)).status).toBe(200);
  nowMs = 3001;
  expect((await fetchText(`${url}/readyz`)).status).toBe(503);
  expect((await fetchText(`${url}/metrics`)).text).not.toContain('pausewatch_pod_');
});

test('It is alive while audits come, however rarely, and is not once the loop has been silent for ten minutes more', async () => {
  const board = publisher();
  const url = await serverOn(0, board).listen();
  const health = async (ms: number) => {
    nowMs = ms;
    return (await fetchText(`${url}/healthz`)).status;
  };
  const LIMIT_MS = 3000 + 600_000;
  expect([await health(0), await health(LIMIT_MS), await health(LIMIT_MS + 1)]).toEqual([200, 200, 503]);
  await board.publish(BUSY_NODE, STATS);
  expect([await health(LIMIT_MS + 5000), await health(3 * LIMIT_MS)]).toEqual([200, 503]);
  await board.publish(BUSY_NODE, STATS);
  expect(await health(3 * LIMIT_MS)).toBe(200);
});

test('It ends quickly although connections are kept open', async () => {
  const server = serverOn(0);
  const url = await server.listen();
  const agent = new Agent({ keepAlive: true });
  await fetchText(`${url}/healthz`, agent);
  const silent = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => {});
  await new Promise((resolve) => silent.once('connect', resolve));
  const started = performance.now();
  await server.close();
  expect(performance.now() - started).toBeLessThan(1500);
  agent.destroy();
});

test('A crowd that connects and asks nothing does not keep out a probe', async () => {
  const url = await serverOn(0).listen();
  const port = Number(new URL(url).port);
  const crowd = Array.from({ length: 600 }, () => {
    const socket = connect(port, '127.0.0.1', () => socket.write('GET /healthz HTTP/1.1\r\n'));
    return socket.on('error', () => undefined);
  });
  const agent = new Agent({ keepAlive: true });
  for (let probe = 0; probe < 20; probe++) expect((await fetchText(`${url}/healthz`, agent)).status).toBe(200);
  expect((await fetchText(`${url}/healthz`)).status).toBe(200);
  await expect.poll(() => crowd.filter(({ destroyed, readable }) => destroyed || !readable).length).toBeGreaterThan(80);
  agent.destroy();
  for (const socket of crowd) socket.destroy();
});

test('It answers rubbish with 400 and lives on', async () => {
  const url = await serverOn(0).listen();
  const answered = await new Promise<string>((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.end('\u0000\u0001 rubbish\r\n\r\n'));
    socket.once('data', (data) => resolve(data.toString()));
  });
  expect(answered).toMatch(/^HTTP\/1\.1 400/);
  expect((await fetchText(`${url}/healthz`)).status).toBe(200);
});

test('A fault of its own is answered with 500 and reported', async () => {
  const errors: unknown[] = [];
  const board = publisher();
  const broken = { ...BUSY_NODE, takenAtMs: Number.NaN };
  await board.publish(broken, STATS);
  const url = await serverOn(0, board, errors).listen();
  expect((await fetchText(`${url}/`)).status).toBe(500);
  expect(errors).toHaveLength(1);
  expect((await fetchText(`${url}/healthz`)).status).toBe(200);
});

test('An address in use is an error that names the flag', async () => {
  const url = await serverOn(0).listen();
  const taken = serverOn(Number(new URL(url).port));
  await expect(taken.listen()).rejects.toMatchObject({
    code: 'EADDRINUSE',
    message: expect.stringMatching(/^--web\.listen-address "127\.0\.0\.1:\d+": something else listens/),
  });
});

test('An address that is not ours is an error that names the flag', async () => {
  await expect(serverOn(0, publisher(), [], '192.0.2.1').listen()).rejects.toMatchObject({
    code: 'EADDRNOTAVAIL',
    message: expect.stringContaining('--web.listen-address'),
  });
});
