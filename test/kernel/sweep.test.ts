/** The sweep over trees that a test made. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createProcfs } from '../../src/kernel/processes/procfs.ts';
import { createSweeper } from '../../src/kernel/processes/sweep.ts';
import { createBytesReader } from '../../src/kernel/reading/bytes-reader.ts';
import { addNode, makeTree, statLine } from './fixture-tree.ts';

const ID = 'dac01292273eb9459989df8cdc76c71241af4e78bab0d3879fe4c4cc1e5d58fc';
const POD = `/kubepods/own/${ID}`;

function nodeTree(nodes: Parameters<typeof makeTree>[0] = {}): string {
  return makeTree({
    '1/stat': statLine({ pid: 1, comm: 'init', ppid: 0, startTicks: 5 }),
    '1/cgroup': '0::/init.scope\n',
    stat: 'cpu 1 2\nbtime 1795408844\n',
    'sys/kernel/threads-max': '192730\n',
    'sys/kernel/pid_max': '32768\n',
    'sys/kernel/osrelease': '6.1.0-9-amd64\n',
    'sys/kernel/hostname': 'node-1\n',
    ...nodes,
  });
}

async function cgroupOf(root: string, pid: number, procfs = createProcfs({ root })) {
  return (await procfs.sweep()).processes.find((process) => process.pid === pid)?.cgroup;
}

describe('a sweep', () => {
  test('finds every process with its cgroup, and what concerns the node', async () => {
    const root = nodeTree({ '7/stat': statLine({ pid: 7, comm: 'pause' }), '7/cgroup': `8:pids:${POD}\n0::/\n` });
    const sweep = await createProcfs({ root }).sweep();
    expect(sweep).toMatchObject({ up: true, faults: [], unreadablePids: [] });
    expect(sweep).toMatchObject({ bootTimeMs: 1795408844000, pidMax: 32768, threadsMax: 192730 });
    expect(new Set(sweep.processes.map(({ pid }) => pid))).toEqual(new Set([1, 7]));
    const pause = {
      pid: 7,
      ppid: 1,
      sessionId: 7,
      startTicks: 1000,
      comm: 'pause',
      state: 'S',
      threads: 1,
      cpuTicks: 7,
    };
    expect(sweep.processes).toContainEqual({ ...pause, cgroup: POD, probe: undefined });
  });

  test('passes over a process that vanished, without a fault', async () => {
    const sweep = await createProcfs({ root: nodeTree({ '7/': '', '8/stat': { link: 'gone' } }) }).sweep();
    expect(sweep.processes).toHaveLength(1);
    expect(sweep).toMatchObject({ up: true, faults: [], unreadablePids: [] });
  });

  test('tells of malformed and unreadable processes once per cause, and goes on', async () => {
    const root = nodeTree({ '7/stat': 'nonsense\n', '8/stat': '', '9/stat/': '', '10/stat': { link: 'stat' } });
    const sweep = await createProcfs({ root }).sweep();
    expect(sweep.up).toBe(true);
    expect(sweep.processes.map(({ pid }) => pid)).toEqual([1]);
    expect(new Set(sweep.unreadablePids)).toEqual(new Set([7, 8, 9, 10]));
    const faults = sweep.faults.map(({ code, count }) => ({ code, count }));
    expect(faults).toHaveLength(3);
    expect(faults).toEqual(
      expect.arrayContaining([
        { code: 'malformed', count: 2 },
        { code: 'unsupported', count: 1 },
        { code: 'silent', count: 1 },
      ]),
    );
  });

  test('is down, and names the flag, where there is no procfs', async () => {
    const root = makeTree({ file: '', 'empty/': '', 'hidden/7/stat': statLine({ pid: 7 }) });
    for (const [path, code] of [
      ['missing', 'silent'],
      ['file', 'unsupported'],
      ['empty', 'unsupported'],
      ['hidden', 'denied'],
    ] as const) {
      const sweep = await createProcfs({ root: join(root, path) }).sweep();
      expect(sweep).toMatchObject({ up: false, processes: [], faults: [{ code, count: 1, source: 'procfs' }] });
      expect(sweep.faults[0]?.message).toContain(join(root, path));
      expect(sweep.faults[0]?.message).toContain('--path.procfs');
    }
  });

  test('lets the event loop turn whenever a slice is used up', async () => {
    const processes = Array.from({ length: 30 }, (_, i) => [`${i + 2}/stat`, statLine({ pid: i + 2 })] as const);
    const root = nodeTree(Object.fromEntries(processes));
    let asked = 0;
    let turns = 0;
    const nextTurn = async () => {
      turns++;
    };
    const slicer = { isDue: () => ++asked % 10 === 0, nextTurn };
    await createSweeper({ root, reader: createBytesReader() }).sweep(slicer);
    expect({ asked, turns }).toEqual({ asked: 31, turns: 3 });
  });
});

describe('the memory of a sweep', () => {
  test('hands out the same object while nothing of a process changed', async () => {
    const procfs = createProcfs({ root: nodeTree() });
    const [first, second] = [await procfs.sweep(), await procfs.sweep()];
    expect(second.processes[0]).toBe(first.processes[0]);
  });

  test('keeps the cgroup of a process that died, which cgroup v1 shows no more', async () => {
    const root = nodeTree({ '7/stat': statLine({ pid: 7 }), '7/cgroup': `8:pids:${POD}\n` });
    const procfs = createProcfs({ root });
    await procfs.sweep();
    addNode(root, '7/stat', statLine({ pid: 7, state: 'Z' }));
    addNode(root, '7/cgroup', '8:pids:/\n');
    for (let round = 0; round < 50; round++) expect(await cgroupOf(root, 7, procfs)).toBe(POD);
  });

  test('never takes the root that a zombie shows for its cgroup', async () => {
    const zombie = { '7/stat': statLine({ pid: 7, state: 'Z' }), '7/cgroup': '8:pids:/\n0::/\n' };
    expect(await cgroupOf(nodeTree(zombie), 7)).toBeUndefined();
    const onV2 = { '7/stat': statLine({ pid: 7, state: 'Z' }), '7/cgroup': `0::${POD} (deleted)\n` };
    expect(await cgroupOf(nodeTree(onV2), 7)).toBe(POD);
  });

  test('does not give the cgroup of a process to the next one with its PID', async () => {
    const root = nodeTree({ '7/stat': statLine({ pid: 7 }), '7/cgroup': `8:pids:${POD}\n` });
    const procfs = createProcfs({ root });
    await procfs.sweep();
    addNode(root, '7/stat', statLine({ pid: 7, state: 'Z', startTicks: 2000 }));
    addNode(root, '7/cgroup', '8:pids:/\n');
    expect(await cgroupOf(root, 7, procfs)).toBeUndefined();
  });

  test('sees a process move: at its second look, when it changes its name, and within twenty sweeps', async () => {
    const root = nodeTree({ '7/stat': statLine({ pid: 7, comm: 'runc' }), '7/cgroup': '0::/a\n' });
    const procfs = createProcfs({ root });
    await procfs.sweep();
    addNode(root, '7/cgroup', '0::/b\n');
    expect(await cgroupOf(root, 7, procfs)).toBe('/b');
    addNode(root, '7/cgroup', '0::/c\n');
    addNode(root, '7/stat', statLine({ pid: 7, comm: 'pause' }));
    expect(await cgroupOf(root, 7, procfs)).toBe('/c');
    addNode(root, '7/cgroup', '0::/d\n');
    for (let round = 0; round < 19; round++) await procfs.sweep();
    expect(await cgroupOf(root, 7, procfs)).toBe('/d');
  });

  test('survives a sweep in which the process could not be read', async () => {
    const root = nodeTree({ '7/stat': statLine({ pid: 7 }), '7/cgroup': `8:pids:${POD}\n` });
    const procfs = createProcfs({ root });
    await procfs.sweep();
    addNode(root, '7/stat', 'nonsense');
    await procfs.sweep();
    addNode(root, '7/stat', statLine({ pid: 7, state: 'Z' }));
    addNode(root, '7/cgroup', '8:pids:/\n');
    expect(await cgroupOf(root, 7, procfs)).toBe(POD);
  });

  test('forgets a process that is gone', async () => {
    const root = nodeTree({ '7/stat': statLine({ pid: 7 }) });
    const reader = createBytesReader();
    const sweeper = createSweeper({ root, reader });
    const slicer = { isDue: () => false, nextTurn: async () => {} };
    await sweeper.sweep(slicer);
    expect(sweeper.startTicksOf(7)).toBe(1000);
    rmSync(join(root, '7'), { recursive: true });
    await sweeper.sweep(slicer);
    expect(sweeper.startTicksOf(7)).toBeUndefined();
  });
});

describe('pid_max', () => {
  const since614 = { 'sys/kernel/osrelease': '6.18.0\n', self: { link: '4711' } };
  const initial = { ...since614, '4711/ns/pid': { link: 'pid:[4026531836]' } };

  test('is believed before Linux 6.14, and later by a reader in the PID namespace of the node', async () => {
    expect(await createProcfs({ root: nodeTree(), ownPid: 1 }).sweep()).toMatchObject({ pidMax: 32768, faults: [] });
    const sweep = await createProcfs({ root: nodeTree(initial), ownPid: 4711 }).sweep();
    expect(sweep).toMatchObject({ pidMax: 32768, faults: [] });
  });

  test('is not believed by a reader in another PID namespace, who is told the flag', async () => {
    const nested = { ...since614, '4711/ns/pid': { link: 'pid:[4026532000]' } };
    for (const [tree, ownPid] of [
      [initial, 12],
      [nested, 4711],
      [{ 'sys/kernel/osrelease': '6.14.0\n' }, 12],
    ] as const) {
      const sweep = await createProcfs({ root: nodeTree(tree), ownPid }).sweep();
      expect(sweep).toMatchObject({ up: true, pidMax: undefined, faults: [{ code: 'unsupported', count: 1 }] });
      expect(sweep.faults[0]?.message).toContain('--node.pid-max');
    }
  });

  test('is what the operator says, where he says it', async () => {
    const sweep = await createProcfs({ root: nodeTree(initial), ownPid: 12, pidMax: 65536 }).sweep();
    expect(sweep).toMatchObject({ pidMax: 65536, faults: [] });
  });
});
