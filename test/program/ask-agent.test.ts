/** `pausewatch scan --agent`: the verdicts of a running agent, shown as if they were our own. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { makeNode } from './fixture-node.ts';
import { ensureBuilt, runProgram, startAgent } from './program.ts';

beforeAll(ensureBuilt, 60_000);

/** An HTTP server that answers everything alike. */
async function serveText(status: number, body: string): Promise<string> {
  const server = createServer((_, response) => response.writeHead(status).end(body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}

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
  ['is another API', 200, '{"sandboxes":[{"id":7}]}', /does not answer like pausewatch: sandboxes\[0\]\.\w+ is not/],
])('An agent that %s is told in one line, with exit code 2', async (_, status, body, message) => {
  const { code, stdout, stderr } = await runProgram(['scan', '--agent', await serveText(status, body)]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(message);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
});

test('An agent that nobody runs is told with the reason', async () => {
  const { code, stderr } = await runProgram(['scan', '--agent', 'http://127.0.0.1:2']);
  expect([code, stderr]).toEqual([2, expect.stringContaining('cannot reach the agent')]);
});
