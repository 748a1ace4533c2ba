/** `pausewatch scan --agent`: the verdicts of a running agent, shown as if they were our own. */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { makeNode } from './fixture-node.ts';
import { ensureBuilt, poll, runProgram, startAgent, startProgram } from './program.ts';

beforeAll(ensureBuilt, 60_000);

/** An HTTP server; its URL. */
async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => server.close().closeAllConnections());
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}

/** One that answers everything alike. */
function serveText(status: number, body: string): Promise<string> {
  return serve((_, response) => response.writeHead(status).end(body));
}

/** Promises more than it sends, and hangs up. */
const hangUp: RequestListener = (_, response) => {
  response.writeHead(200, { 'content-length': '1000' }).write('{"a"', () => response.destroy());
};

/** Sends zeros, zipped, until nobody listens: 100 MiB are 100 kB on the wire. */
const neverEnd: RequestListener = (_, response) => {
  const mebibyte = gzipSync(Buffer.alloc(2 ** 20));
  response.writeHead(200, { 'content-encoding': 'gzip' });
  Readable.from(Array.from({ length: 100 }, () => mebibyte)).pipe(response);
};

/** What stays of a table when its time is taken out. */
function withoutTimes(table: string): string {
  return table.replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/, 'TIME').replaceAll(/ · (new|for .*)$/gm, '');
}

test('The table, the line, the exit code and the documents are those of the agent', async () => {
  const node = await makeNode();
  const agent = await startAgent(node.flags);
  await expect
    .poll(async () => JSON.parse((await agent.get('/sandboxes')).body).complete, { timeout: 5000 })
    .toBe(true);
  const own = await runProgram(['scan', ...node.flags, '--settle', '100ms']);
  const asked = await runProgram(['scan', '--agent', agent.url]);
  expect(withoutTimes(asked.stdout)).toBe(withoutTimes(own.stdout));
  expect(asked.code).toBe(own.code);
  const line = await runProgram(['scan', '--agent', agent.url, '-o', 'line']);
  expect(line.stdout).toBe((await runProgram(['scan', ...node.flags, '--settle', '100ms', '-o', 'line'])).stdout);
  const json = await runProgram(['scan', '--agent', agent.url, '-o', 'json', '--fail-on', 'never']);
  expect([json.code, JSON.parse(json.stdout).sandboxes.length]).toEqual([0, node.server.answers.sandboxes.length]);
  const metrics = await runProgram(['scan', '--agent', agent.url, '-o', 'prometheus', '--fail-on', 'never']);
  expect(metrics.stdout).toMatch(/^pausewatch_build_info\{/m);
});

test.each([
  ['refuses details', 403, 'Details are shown to loopback peers only', /answers 403: Details are shown/],
  ['is something else', 200, '<html>hello</html>', /does not answer like pausewatch: the document is not JSON/],
  [
    'is another API',
    200,
    '{"schemaVersion":1,"sandboxes":[{"id":7}]}',
    /does not answer like pausewatch: sandboxes\[0\]\.\w+ is not/,
  ],
])('An agent that %s is told in one line, with exit code 2', async (_, status, body, message) => {
  const { code, stdout, stderr } = await runProgram(['scan', '--agent', await serveText(status, body)]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(message);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
});

test.each([
  ['hangs up in the middle', hangUp, /was not read to its end: other side closed$/],
  ['does not end', neverEnd, /was not read to its end: it is longer than 64 MiB$/],
])('An answer that %s is told in one line, with exit code 2', async (_, answer, message) => {
  const { code, stdout, stderr } = await runProgram(['scan', '--agent', await serve(answer)]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr.trimEnd()).toMatch(message);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
});

test.each([
  ['the report', [], '/sandboxes'],
  ['a filtered document', ['-o', 'json', '-n', 'default'], '/sandboxes?namespace=default'],
])('Watching goes on after %s was cut short', async (_, flags, path) => {
  const node = await makeNode();
  const agent = await startAgent(node.flags);
  await agent.until('/readyz', 200);
  let asked = 0;
  const url = await serve(async (request, response) => {
    if (request.url === path && ++asked === 2) hangUp(request, response);
    else response.end((await agent.get(request.url ?? '')).body);
  });
  const watching = startProgram(['scan', '--watch', '--audit.interval=1s', ...flags, '--agent', url]);
  // When it asks for the fourth, the third is shown.
  await poll(
    () => (asked >= 4 ? true : undefined),
    () => `ended: ${watching.stderr()}`,
  );
  watching.child.kill('SIGINT');
  const { code, stderr } = await watching.finished;
  expect([code, stderr]).toEqual([1, expect.stringContaining('was not read to its end')]);
});

test('An agent that nobody runs is told with the reason', async () => {
  const { code, stderr } = await runProgram(['scan', '--agent', 'http://127.0.0.1:2']);
  expect([code, stderr]).toEqual([2, expect.stringContaining('cannot reach the agent')]);
});
