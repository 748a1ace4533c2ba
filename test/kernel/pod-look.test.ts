/** A closer look at a real process: what it holds is found, and another process under the same PID is never shown. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { LookAspect, LookTarget, NetworkLook, PodLook, PodLookRequest } from '../../src/core/pod-look.ts';
import { createPodLooks } from '../../src/kernel/closer/pod-look.ts';
import { readProcessState } from '../../src/kernel/processes/process-state.ts';
import { createBytesReader } from '../../src/kernel/reading/bytes-reader.ts';
import { MAX_LIST_BYTES } from '../../src/kernel/reading/list-reader.ts';
import { makeTree, statLine } from './fixture-tree.ts';

const ROOT = '/proc';

function self(): LookTarget {
  const now = readProcessState(ROOT, createBytesReader(), process.pid);
  if ('unknown' in now) throw new Error(now.unknown);
  return { pid: process.pid, startTicks: now.value.startTicks };
}

function linesOf(path: string): readonly string[] {
  return readFileSync(path, 'utf8').trimEnd().split('\n');
}

function requestFor(target: LookTarget, ...aspects: LookAspect[]): PodLookRequest {
  const roots = [{ ...target, container: 'app' }];
  return { processes: [target], holder: target, roots, aspects: new Set(aspects) };
}

function look(target: LookTarget, ...aspects: LookAspect[]) {
  return createPodLooks({ root: ROOT })(requestFor(target, ...aspects));
}

async function listen(): Promise<number> {
  const server = createServer();
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}

async function networkOf(answer: Promise<PodLook>): Promise<NetworkLook> {
  const { network } = await answer;
  if (network === undefined || 'unknown' in network) throw new Error('the network of this process');
  return network.value;
}

test('A listening socket is found with its port and the process that holds it', async () => {
  const port = await listen();
  const answer = look(self(), 'network');
  const network = await networkOf(answer);
  const socket = network.sockets.find(({ local }) => local.port === port);
  expect(socket).toMatchObject({ protocol: 'tcp', state: 'LISTEN', owners: [process.pid] });
  expect(network.interfaces.map(({ name }) => name)).toContain('lo');
  expect(network.unread).toEqual([]);
  const nsPids = /^NSpid:\t(.*)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]?.split('\t').map(Number);
  expect((await answer).inner.get(process.pid)?.nsPids).toEqual(nsPids);
});

test('All of 200 listening sockets are found, though the kernel gives 26 of them at a time', async () => {
  const ports = await Promise.all(Array.from({ length: 200 }, listen));
  const { sockets, omittedSockets, unread } = await networkOf(look(self(), 'network'));
  const own = sockets.filter(({ owners }) => owners.includes(process.pid)).map(({ local }) => local.port);
  expect(own).toEqual(expect.arrayContaining(ports));
  const lines = ['tcp', 'tcp6', 'udp', 'udp6'].map((file) => linesOf(`/proc/self/net/${file}`).length - 1);
  // Others on this machine open and close sockets meanwhile.
  expect(sockets.length + omittedSockets).toBeGreaterThanOrEqual(ports.length);
  expect(Math.abs(sockets.length + omittedSockets - lines.reduce((a, b) => a + b))).toBeLessThan(50);
  expect(unread).toEqual([]);
});

test('Nothing below net and no mounts are read unless asked for', async () => {
  expect(await look(self())).toMatchObject({ network: undefined, mounts: undefined });
  const { mounts, network } = await look(self(), 'mounts');
  expect(network).toBeUndefined();
  expect(mounts).toMatchObject([{ container: 'app', pid: process.pid }]);
});

test('Every line of mountinfo is a mount that is shown or counted', async () => {
  const before = linesOf('/proc/self/mountinfo').length;
  const { mounts } = await look(self(), 'mounts');
  const known = mounts?.[0]?.mounts;
  if (known === undefined || 'unknown' in known) throw new Error('the mounts of this process');
  // Somebody may mount or unmount meanwhile.
  const after = linesOf('/proc/self/mountinfo').length;
  expect([before, after]).toContain(known.value.list.length + known.value.omitted);
});

describe('of lists that are longer than anybody reads', () => {
  const socket = (port: number) =>
    `${port}: 0100007F:${port.toString(16).toUpperCase().padStart(4, '0')} 00000000:0000 0A 0:0 0:0 0 0 0 7 1\n`;
  const mount = (at: number) => `${at} 1 0:1 / /data/${at} rw - ext4 /dev/vda rw\n`;

  function crowdedTree(bytes: number): string {
    let [tcp, mountinfo] = ['', ''];
    for (let at = 0; tcp.length < bytes; at++) tcp += socket(at % 65_536);
    for (let at = 0; mountinfo.length < bytes; at++) mountinfo += mount(at);
    const none = { '7/net/udp': '', '7/net/unix': '', '7/net/route': '', '7/net/dev': '', '7/net/fib_trie': '' };
    return makeTree({
      '7/stat': statLine({ pid: 7 }),
      '7/net/tcp': tcp,
      '7/mountinfo': mountinfo,
      '7/fd/': '',
      ...none,
    });
  }

  const lookIn = (root: string) =>
    createPodLooks({ root })(requestFor({ pid: 7, startTicks: 1000 }, 'network', 'mounts'));

  test('the sockets are shown as far as they were read, and the rest is said to be unread', async () => {
    const answer = lookIn(crowdedTree(MAX_LIST_BYTES + 1));
    const { sockets, omittedSockets, unread } = await networkOf(answer);
    expect(sockets).toHaveLength(500);
    expect(omittedSockets).toBeGreaterThan(50_000);
    expect(unread).toEqual([{ file: 'tcp after 4 MiB', reason: 'silent' }]);
    expect((await answer).mounts).toMatchObject([{ mounts: { unknown: 'silent' } }]);
  });

  test('and of shorter ones the lowest ports are shown and all others counted', async () => {
    const root = crowdedTree(1_000_000);
    const answer = lookIn(root);
    const { sockets, omittedSockets, unread } = await networkOf(answer);
    expect(sockets.map(({ local }) => local.port)).toEqual(Array.from({ length: 500 }, (_, port) => port));
    expect(sockets.length + omittedSockets).toBe(linesOf(`${root}/7/net/tcp`).length);
    expect(unread).toEqual([]);
    const omitted = linesOf(`${root}/7/mountinfo`).length - 300;
    expect((await answer).mounts).toMatchObject([{ mounts: { value: { omitted } } }]);
  });
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
  const request = requestFor(self(), 'network', 'mounts');
  const answers = await Promise.all(Array.from({ length: 20 }, () => looks(request)));
  const refused = answers.filter(({ network }) => network !== undefined && 'unknown' in network);
  expect(refused.length).toBe(12);
  const mounts = [{ container: 'app', pid: process.pid, mounts: { unknown: 'timeout' } }];
  for (const answer of refused) expect(answer).toEqual({ inner: new Map(), network: { unknown: 'timeout' }, mounts });
  expect((await looks(request)).inner.size).toBe(1);
});
