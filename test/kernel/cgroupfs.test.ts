/** The cgroupfs reader over v2, v1 and hybrid trees that a test made. */
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createCgroupfs } from '../../src/kernel/cgroups/cgroupfs.ts';
import { addNode, makeTree } from './fixture-tree.ts';

const A = 'a'.repeat(64);
const B = 'b'.repeat(64);
const C = 'c'.repeat(64);

function counters(path: string, current: number, limit = 'max', hits = 0): Record<string, string> {
  return {
    [`${path}/pids.current`]: `${current}\n`,
    [`${path}/pids.max`]: `${limit}\n`,
    [`${path}/pids.events`]: `max ${hits}\n`,
  };
}

const PODS = {
  ...counters('kubepods', 30, '1000'),
  ...counters('kubepods/pod1', 12, '100', 3),
  [`kubepods/pod1/${A}/cgroup.procs`]: '',
  ...counters(`kubepods/pod1/${A}`, 1, '0'),
  ...counters('kubepods/pod1/app', 11),
  ...counters(`kubepods/pod2/cri-containerd-${B}.scope`, 2, '1024'),
  ...counters('kubepods/pod2', 2),
};

function under(prefix: string, nodes: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(nodes).map(([path, node]) => [`${prefix}${path}`, node]));
}

const V2 = { 'cgroup.controllers': 'cpu io memory pids\n', ...PODS };
const V1 = { 'pids/cgroup.procs': '', ...under('pids/', PODS), 'memory/cgroup.procs': '' };

describe('a look at the cgroups', () => {
  test.each([
    ['v2', V2],
    ['v1', V1],
    ['hybrid', { ...V1, 'unified/cgroup.controllers': 'hugetlb\n', [`unified/kubepods/pod1/${A}/x`]: '' }],
    ['hybrid with pids on v2', { 'memory/x': '', 'unified/cgroup.controllers': 'pids\n', ...under('unified/', PODS) }],
  ])('finds containers and all their ancestors on %s', async (_generation, tree) => {
    const look = await createCgroupfs({ root: makeTree(tree) }).read([A, B, C]);
    expect(look).toMatchObject({ up: true, faults: [] });
    const [a, b] = [`/kubepods/pod1/${A}`, `/kubepods/pod2/cri-containerd-${B}.scope`];
    expect(look.cgroupOf).toEqual({ [A]: a, [B]: b });
    expect(look.cgroups).toEqual({
      '/': { path: '/', current: undefined, limit: undefined, limitHits: undefined },
      '/kubepods': { path: '/kubepods', current: 30, limit: 1000, limitHits: 0 },
      '/kubepods/pod1': { path: '/kubepods/pod1', current: 12, limit: 100, limitHits: 3 },
      '/kubepods/pod2': { path: '/kubepods/pod2', current: 2, limit: undefined, limitHits: 0 },
      [a]: { path: a, current: 1, limit: 0, limitHits: 0 },
      [b]: { path: b, current: 2, limit: 1024, limitHits: 0 },
    });
  });

  test('finds nothing under a name that every object has', async () => {
    const names = ['constructor', '__proto__', 'toString'];
    const look = await createCgroupfs({ root: makeTree(V2) }).read(names);
    expect(names.map((name) => look.cgroupOf[name] ?? look.cgroups[name])).toEqual(names.map(() => undefined));
  });

  test('is down, and names the flag, where there is no pids controller', async () => {
    for (const tree of [{}, { 'cgroup.controllers': 'cpu memory\n' }, { 'memory/x': '' }]) {
      const look = await createCgroupfs({ root: makeTree(tree) }).read([A]);
      expect(look).toMatchObject({ up: false, cgroups: {}, cgroupOf: {}, faults: [{ code: 'unsupported', count: 1 }] });
      expect(look.faults[0]?.message).toContain('--path.cgroupfs');
    }
  });

  test('tells of counters that cannot be read, and keeps the others', async () => {
    const broken = { ...V2, 'kubepods/pod1/pids.max': 'many\n', 'kubepods/pod2/pids.max': '-3\n' };
    const root = makeTree(broken);
    rmSync(join(root, `kubepods/pod1/${A}/pids.events`));
    const look = await createCgroupfs({ root }).read([A, B]);
    expect(look.cgroups['/kubepods/pod1']).toMatchObject({ current: 12, limit: undefined, limitHits: 3 });
    expect(look.cgroups[`/kubepods/pod1/${A}`]).toMatchObject({ current: 1, limit: 0, limitHits: undefined });
    expect(look.faults).toMatchObject([
      { code: 'unsupported', count: 1 },
      { code: 'malformed', count: 2 },
    ]);
  });
});

describe('the search for a container', () => {
  async function placeOf(id: string, nodes: Record<string, string | { link: string }>) {
    const root = makeTree({ 'cgroup.controllers': 'pids\n', ...nodes });
    return (await createCgroupfs({ root }).read([A, id])).cgroupOf[id];
  }

  test.each([
    B,
    `cri-containerd-${B}.scope`,
    `docker-${B}.scope`,
    `crio-${B}.scope`,
    `crio-${B}`,
    `pod.slice:cri-containerd:${B}`,
  ])('knows the name %s', async (name) => {
    expect(await placeOf(B, counters(`kubepods/${name}`, 1))).toBe(`/kubepods/${name}`);
  });

  test('never takes the monitor for the container', async () => {
    const monitor = counters(`kubepods/crio-conmon-${B}.scope`, 1);
    expect(await placeOf(B, monitor)).toBeUndefined();
    expect(await placeOf(B, { ...monitor, ...counters(`kubepods/pod/crio-${B}.scope`, 1) })).toBe(
      `/kubepods/pod/crio-${B}.scope`,
    );
  });

  test('prefers the shallowest place, and of equals the plainest name', async () => {
    expect(await placeOf(B, { ...counters(`x/y/${B}`, 1), ...counters(`z/crio-${B}.scope`, 1) })).toBe(
      `/z/crio-${B}.scope`,
    );
    expect(await placeOf(B, { ...counters(`k/crio-${B}.scope`, 1), ...counters(`k/${B}`, 1) })).toBe(`/k/${B}`);
  });

  test('takes a place inside another container only when there is no other', async () => {
    const inside = counters(`kubepods/${A}/${B}`, 1);
    expect(await placeOf(B, inside)).toBe(`/kubepods/${A}/${B}`);
    expect(await placeOf(B, { ...inside, ...counters(`kubepods/burstable/pod2/x/${B}`, 1) })).toBe(
      `/kubepods/burstable/pod2/x/${B}`,
    );
  });

  test('knows ids of any shape, but only as a whole word', async () => {
    expect(await placeOf('abc', { ...counters('xabc', 1), ...counters('docker-abc.scope', 1) })).toBe(
      '/docker-abc.scope',
    );
  });

  test('follows no symbolic link', async () => {
    expect(await placeOf(B, { ...under('elsewhere-', {}), [`kubepods/${B}`]: { link: '/' } })).toBeUndefined();
  });
});

describe('the memory of places', () => {
  test('finds a new container at the next read, and a moved or removed one too', async () => {
    const root = makeTree(V2);
    const cgroupfs = createCgroupfs({ root });
    await cgroupfs.read([A]);
    addNode(root, `kubepods/pod1/${C}/pids.current`, '1\n');
    expect((await cgroupfs.read([A, C])).cgroupOf[C]).toBe(`/kubepods/pod1/${C}`);
    renameSync(join(root, `kubepods/pod1/${C}`), join(root, `kubepods/pod2/${C}`));
    expect((await cgroupfs.read([A, C])).cgroupOf[C]).toBe(`/kubepods/pod2/${C}`);
    rmSync(join(root, `kubepods/pod2/${C}`), { recursive: true });
    const look = await cgroupfs.read([A, C]);
    expect(Object.keys(look.cgroupOf)).toEqual([A]);
    expect(look.cgroups).not.toHaveProperty([`/kubepods/pod2/${C}`]);
  });

  test('finds a container that starts long after it was made, within four reads', async () => {
    const root = makeTree(V2);
    const cgroupfs = createCgroupfs({ root });
    for (let round = 0; round < 20; round++) expect((await cgroupfs.read([C])).cgroupOf).toEqual({});
    addNode(root, `kubepods/pod1/${C}/pids.current`, '1\n');
    for (let round = 0; round < 3; round++) await cgroupfs.read([C]);
    expect((await cgroupfs.read([C])).cgroupOf).toEqual({ [C]: `/kubepods/pod1/${C}` });
  });
});

describe('the limits of a cgroup', () => {
  async function limitsAfter(reads: number, limit: string) {
    const root = makeTree({ 'cgroup.controllers': 'pids\n', ...counters(`kubepods/${A}`, 1, limit, 1) });
    const cgroupfs = createCgroupfs({ root });
    await cgroupfs.read([A]);
    for (const [name, node] of Object.entries(counters(`kubepods/${A}`, 2, '70', 9))) addNode(root, name, node);
    for (let round = 1; round < reads; round++) await cgroupfs.read([A]);
    return (await cgroupfs.read([A])).cgroups[`/kubepods/${A}`];
  }

  test('are read in turn, while tasks, and refusals where there is a limit, are read each time', async () => {
    expect(await limitsAfter(1, '50')).toMatchObject({ current: 2, limitHits: 9 });
    expect(await limitsAfter(8, '50')).toMatchObject({ current: 2, limit: 70, limitHits: 9 });
    expect(await limitsAfter(8, 'max')).toMatchObject({ current: 2, limit: 70, limitHits: 9 });
  });

  test('above count as well: a refusal is counted where the process is', async () => {
    const tree = { ...counters('kubepods', 1, '50'), ...counters(`kubepods/${A}`, 1) };
    const root = makeTree({ 'cgroup.controllers': 'pids\n', ...tree });
    const cgroupfs = createCgroupfs({ root });
    for (let hits = 0; hits < 10; hits++) {
      addNode(root, `kubepods/${A}/pids.events`, `max ${hits}\n`);
      expect((await cgroupfs.read([A])).cgroups[`/kubepods/${A}`]?.limitHits).toBe(hits);
    }
  });
});
