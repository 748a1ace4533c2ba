/** The probe over trees that a test made. */
import { createHash } from 'node:crypto';
import { rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { attempt, type Refusals } from '../../src/kernel/processes/fixed-facts.ts';
import { createProcfs } from '../../src/kernel/processes/procfs.ts';
import { addNode, makeTree, statLine, statusText } from './fixture-tree.ts';

const KINDS = ['net', 'ipc', 'uts', 'pid', 'mnt', 'cgroup', 'user'];

function processTree(state = 'S'): string {
  const links = KINDS.map((kind, i) => [`7/ns/${kind}`, { link: `${kind}:[${4026532000 + i}]` }] as const);
  return makeTree({
    '1/stat': statLine({ pid: 1 }),
    '7/stat': statLine({ pid: 7, state }),
    '7/status': statusText(7, [7, 1]),
    '7/oom_score_adj': '-998\n',
    '7/exe': { link: '../pause' },
    pause: 'a program',
    ...Object.fromEntries(links),
  });
}

async function createProbing(root: string) {
  const procfs = createProcfs({ root });
  const { processes } = await procfs.sweep();
  const probe = async (hashed: readonly number[] = []) =>
    (await procfs.probe(processes, { pausePids: new Set(hashed) })).get(7);
  return { procfs, probe };
}

describe('a probe', () => {
  test('reads everything a living process has', async () => {
    const { probe } = await createProbing(processTree());
    expect(await probe([7])).toEqual({
      nsPids: [7, 1],
      uid: 65535,
      signalsCaught: '0000000000014002',
      signalsIgnored: '0000000000000000',
      namespaces: Object.fromEntries(KINDS.map((kind, i) => [kind, 4026532000 + i])),
      exe: '../pause',
      exeSha256: createHash('sha256').update('a program').digest('hex'),
      oomScoreAdj: -998,
      rssBytes: 28672,
      unknown: {},
    });
  });

  test('hashes no program that it was not asked to hash', async () => {
    const { probe } = await createProbing(processTree());
    expect(await probe()).toMatchObject({ exeSha256: undefined, unknown: {} });
  });

  test('asks a zombie only for what the kernel keeps of the dead', async () => {
    const { probe } = await createProbing(processTree('Z'));
    const facts = await probe([7]);
    expect(facts?.namespaces).toMatchObject({ pid: 4026532003, user: 4026532006, net: undefined, mnt: undefined });
    expect(facts).toMatchObject({ nsPids: [7, 1], exe: undefined, exeSha256: undefined, oomScoreAdj: -998 });
    expect(Object.keys(facts?.unknown ?? {}).sort()).toEqual([
      'exe',
      'exeSha256',
      'namespaces.cgroup',
      'namespaces.ipc',
      'namespaces.mnt',
      'namespaces.net',
      'namespaces.uts',
    ]);
    expect(new Set(Object.values(facts?.unknown ?? {}))).toEqual(new Set(['unsupported']));
  });

  test('leaves out a process whose PID belongs to another one by now, or to none', async () => {
    const root = processTree();
    const { probe } = await createProbing(root);
    addNode(root, '7/stat', statLine({ pid: 7, startTicks: 2000 }));
    expect(await probe()).toBeUndefined();
    rmSync(join(root, '7'), { recursive: true });
    expect(await probe()).toBeUndefined();
  });

  test('reads signals and memory of a pause each time, namespaces and program again within twenty probes', async () => {
    const root = processTree();
    const { probe } = await createProbing(root);
    await probe([7]);
    rmSync(join(root, '7/ns/net'));
    addNode(root, '7/ns/net', { link: 'net:[5]' });
    addNode(root, '7/status', statusText(7).replace('14002', '04002'));
    expect(await probe([7])).toMatchObject({ signalsCaught: '0000000000004002', namespaces: { net: 4026532000 } });
    for (let round = 0; round < 19; round++) await probe([7]);
    expect(await probe([7])).toMatchObject({ namespaces: { net: 5 } });
  });

  test('reads signals and memory of others within four probes', async () => {
    const root = processTree();
    const { probe } = await createProbing(root);
    await probe();
    addNode(root, '7/status', statusText(7).replace('14002', '04002'));
    const seen = new Set<string | undefined>();
    for (let round = 0; round < 4; round++) seen.add((await probe())?.signalsCaught);
    expect(seen).toContain('0000000000004002');
  });

  test('reads again who traces the dead, until nobody does', async () => {
    const root = processTree();
    const { procfs, probe } = await createProbing(root);
    addNode(root, '7/stat', statLine({ pid: 7, state: 'Z' }));
    const { processes } = await procfs.sweep();
    const tracerOf = async (status: string) => {
      addNode(root, '7/status', status);
      return (await procfs.probe(processes, { pausePids: new Set() })).get(7)?.tracerPid;
    };
    const traced = `${statusText(7)}TracerPid:\t815\n`;
    expect([await tracerOf(traced), await tracerOf(traced), await tracerOf(`${statusText(7)}TracerPid:\t0\n`)]).toEqual(
      [815, 815, 0],
    );
    expect(await probe([7])).toBeDefined();
  });

  test('does not read what it remembers of the living into the dead', async () => {
    const root = processTree();
    const { procfs, probe } = await createProbing(root);
    await probe([7]);
    addNode(root, '7/stat', statLine({ pid: 7, state: 'Z' }));
    const { processes } = await procfs.sweep();
    const dead = (await procfs.probe(processes, { pausePids: new Set([7]) })).get(7);
    expect(dead).toMatchObject({ exe: undefined, exeSha256: undefined, namespaces: { net: undefined } });
  });

  test('does not hash a program of more than 8 MiB', async () => {
    const root = processTree();
    truncateSync(join(root, 'pause'), 8 * 1024 * 1024 + 1);
    const { probe } = await createProbing(root);
    expect(await probe([7])).toMatchObject({ exeSha256: undefined, unknown: { exeSha256: 'unsupported' } });
  });

  test('gives a reason for every field that is missing', async () => {
    const root = makeTree({ '1/stat': statLine({ pid: 1 }), '7/stat': statLine({ pid: 7 }), '7/oom_score_adj': 'x' });
    const { probe } = await createProbing(root);
    const fields = ['nsPids', 'uid', 'signalsCaught', 'signalsIgnored', 'exe', 'oomScoreAdj', 'rssBytes'];
    const namespaces = KINDS.map((kind) => `namespaces.${kind}`);
    const facts = await probe();
    expect(Object.keys(facts?.unknown ?? {}).sort()).toEqual([...fields, ...namespaces].sort());
    expect(facts?.unknown).toMatchObject({ oomScoreAdj: 'malformed', exe: 'unsupported' });
  });
});

test('a field that was denied is not asked for again', () => {
  const refusals: Refusals = new Map();
  let asked = 0;
  const read = () => {
    asked++;
    throw Object.assign(new Error('no'), { code: 'EACCES' });
  };
  expect(attempt('exe', refusals, read)).toEqual({ unknown: 'denied' });
  expect(attempt('exe', refusals, read)).toEqual({ unknown: 'denied' });
  expect(asked).toBe(1);
});

describe('readState', () => {
  test('tells a process from one that is gone and from one that cannot be read', () => {
    const root = makeTree({ '7/stat': statLine({ pid: 7, state: 'T' }), '8/stat': 'nonsense', '9/stat/': '' });
    const procfs = createProcfs({ root });
    expect(procfs.readState(7)).toEqual({ value: { startTicks: 1000, state: 'T' } });
    expect(procfs.readState(6)).toEqual({ unknown: 'vanished' });
    expect(procfs.readState(8)).toEqual({ unknown: 'malformed' });
    expect(procfs.readState(9)).toEqual({ unknown: 'unsupported' });
  });
});
