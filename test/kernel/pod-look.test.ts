/** A closer look at a real process: what it holds is found, and another process under the same PID is never shown. */

import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { LookAspect, LookTarget } from '../../src/core/pod-look.ts';
import { createPodLooks } from '../../src/kernel/closer/pod-look.ts';
import { readProcessState } from '../../src/kernel/processes/process-state.ts';
import { createBytesReader } from '../../src/kernel/reading/bytes-reader.ts';

const ROOT = '/proc';

function self(): LookTarget {
  const now = readProcessState(ROOT, createBytesReader(), process.pid);
  if ('unknown' in now) throw new Error(now.unknown);
  return { pid: process.pid, startTicks: now.value.startTicks };
}

function look(target: LookTarget, ...aspects: LookAspect[]) {
  const request = {
    processes: [target],
    holder: target,
    roots: [{ ...target, container: 'app' }],
    aspects: new Set(aspects),
  };
  return createPodLooks({ root: ROOT })(request);
}

test('A listening socket is found with its port and the process that holds it', async () => {
  const server = createServer();
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const { network, inner } = await look(self(), 'network');
  if (network === undefined || 'unknown' in network) throw new Error('the network of this process');
  const socket = network.value.sockets.find(({ local }) => local.port === port);
  expect(socket).toMatchObject({ protocol: 'tcp', state: 'LISTEN', owners: [process.pid] });
  expect(network.value.interfaces.map(({ name }) => name)).toContain('lo');
  expect(network.value.unread).toEqual([]);
  const nsPids = /^NSpid:\t(.*)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]?.split('\t').map(Number);
  expect(inner.get(process.pid)?.nsPids).toEqual(nsPids);
});

test('Nothing below net and no mounts are read unless asked for', async () => {
  expect(await look(self())).toMatchObject({ network: undefined, mounts: undefined });
  const { mounts } = await look(self(), 'mounts');
  expect(mounts?.[0]).toMatchObject({ container: 'app', pid: process.pid, mounts: { value: { omitted: 0 } } });
});

test('A PID that is another process now tells nothing of itself', async () => {
  const { pid, startTicks } = self();
  const { inner, network, mounts } = await look({ pid, startTicks: startTicks + 1 }, 'network', 'mounts');
  expect(inner.size).toBe(0);
  expect(network).toEqual({ unknown: 'vanished' });
  expect(mounts).toMatchObject([{ mounts: { unknown: 'vanished' } }]);
});

test('A crowd that looks at once is answered one by one, and beyond a few refused', async () => {
  const looks = createPodLooks({ root: ROOT });
  const request = { processes: [self()], holder: self(), roots: [], aspects: new Set<LookAspect>(['network']) };
  const answers = await Promise.all(Array.from({ length: 20 }, () => looks(request)));
  const refused = answers.filter(({ network }) => network !== undefined && 'unknown' in network);
  expect(refused.length).toBe(12);
  expect((await looks(request)).inner.size).toBe(1);
});
