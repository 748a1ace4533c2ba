/** The tally against the sweep: whatever happens on a node, the dead in pods are those that a sweep would find. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Process } from '../../src/core/model.ts';
import type { CgroupLook } from '../../src/kernel/cgroups/cgroupfs.ts';
import { createCgroupfs } from '../../src/kernel/cgroups/cgroupfs.ts';
import { countTasks } from '../../src/kernel/cgroups/count-tasks.ts';
import { createKernelLooks } from '../../src/kernel/kernel-looks.ts';
import { createProcfs } from '../../src/kernel/processes/procfs.ts';
import { createSweeper } from '../../src/kernel/processes/sweep.ts';
import { createBytesReader } from '../../src/kernel/reading/bytes-reader.ts';
import { createTally } from '../../src/kernel/tally.ts';
import { countSweeps } from './count-sweeps.ts';
import { makeTree, statLine } from './fixture-tree.ts';
import { createNodeModel, STEP_KINDS, type Step } from './node-model.ts';

const NEVER_DUE = { isDue: () => false, nextTurn: async () => undefined };

const aStep = fc.record({ kind: fc.constantFrom(...STEP_KINDS), at: fc.nat(1000) }) satisfies fc.Arbitrary<Step>;
const aHistory = fc.array(fc.array(aStep, { maxLength: 4 }), { minLength: 3, maxLength: 14 });

function createNode(version: 'v1' | 'v2') {
  const root = makeTree({ 'proc/self': { link: String(process.pid) }, 'cgroup/': '' });
  const model = createNodeModel(root, version);
  model.write();
  const { procfs, sweeps } = countSweeps(createProcfs({ root: join(root, 'proc') }));
  const looks = createKernelLooks({ procfs, cgroupfs: createCgroupfs({ root: join(root, 'cgroup') }) });
  const reference = createSweeper({ root: join(root, 'proc'), reader: createBytesReader() });
  const deadInPods = (processes: readonly Process[]) =>
    processes
      .filter(({ pid, state }) => state === 'Z' && model.isInPod(pid))
      .map(({ pid, ppid, startTicks, threads, cgroup }) => ({ pid, ppid, startTicks, threads, cgroup }))
      .sort((a, b) => a.pid - b.pid);
  return {
    root,
    model,
    apply: (...kinds: readonly (readonly [Step['kind'], number])[]) => {
      for (const [kind, at] of kinds) model.apply({ kind, at });
    },
    async look() {
      model.write();
      const before = sweeps();
      const { sweep } = await looks.look(model.named());
      const isSweep = sweeps() > before;
      const all = (await reference.sweep(NEVER_DUE)).processes;
      return { isSweep, dead: deadInPods(sweep.processes), expected: deadInPods(all), processes: sweep.processes };
    },
  };
}

/** On v1 a look that did not sweep never saw the path of a process that lived only between two sweeps. */
function withoutPaths(dead: readonly { readonly pid: number; readonly cgroup: string | undefined }[]) {
  return dead.map((process) => ({ ...process, cgroup: undefined }));
}

describe.each(['v1', 'v2'] as const)('the dead in pods, on cgroup %s', (version) => {
  test('are those of a sweep, in the same look, whatever happens', async () => {
    let refreshes = 0;
    await fc.assert(
      fc.asyncProperty(aHistory, async (history) => {
        const { model, look, root } = createNode(version);
        try {
          for (const steps of history) {
            for (const step of steps) model.apply(step);
            const { isSweep, dead, expected } = await look();
            if (!isSweep) refreshes++;
            if (version === 'v2') expect(dead).toEqual(expected);
            else expect(withoutPaths(dead)).toEqual(withoutPaths(expected));
          }
        } finally {
          rmSync(root, { recursive: true, force: true });
        }
      }),
      { numRuns: 30, endOnFailure: true },
    );
    // Were every look a sweep, this would prove nothing.
    expect(refreshes).toBeGreaterThan(10);
  }, 60_000);

  test('are found by a sweep every fourth look, and no more often while nothing happens', async () => {
    const { look, apply } = createNode(version);
    apply(['fork', 1], ['thread', 1]);
    // On v1 the path of a process that lived only between two looks is never known.
    if (version === 'v2') apply(['die', 6], ['brief', 4]);
    const kinds: boolean[] = [];
    for (let round = 0; round < 10; round++) kinds.push((await look()).isSweep);
    expect(kinds).toEqual([true, true, false, false, false, true, false, false, false, true]);
  });

  test('of no pod are found within four looks', async () => {
    const { look, apply, model } = createNode(version);
    for (let round = 0; round < 2; round++) await look();
    apply(['fork-host', 0]);
    await look();
    const host = (await look()).processes.find(({ cgroup }) => cgroup?.startsWith('/system.slice'));
    expect(host).toBeUndefined();
    for (let round = 0; round < 2; round++) await look();
    const { processes } = await look();
    expect(processes.some(({ pid }) => pid !== 1 && !model.isInPod(pid))).toBe(true);
  });
});

test('a look on v1 is a sweep when one dead process without a path took the place of another', async () => {
  const { look, apply } = createNode('v1');
  apply(['brief', 2]);
  for (let round = 0; round < 3; round++) await look();
  apply(['reap', 0], ['brief', 2]);
  const { isSweep, dead, expected } = await look();
  expect(isSweep).toBe(true);
  expect(dead).toEqual(expected);
});

test('tasks listed by other PIDs than those of the procfs place nobody', async () => {
  const node = { '1/stat': statLine({ pid: 1 }), '1/cgroup': '0::/right\n' };
  const places = new Map([[1, '/listed']]);
  const placed = async (self: number) =>
    (await createProcfs({ root: makeTree({ ...node, self: { link: `${self}` } }), ownPid: 5 }).sweep({ places }))
      .processes;
  expect((await placed(5))[0]?.cgroup).toBe('/listed');
  expect((await placed(6))[0]?.cgroup).toBe('/right');
});

describe('a look is a sweep every time', () => {
  test.each([
    ['the pids controller is missing', () => 'cgroup.controllers'],
    ['a list of tasks cannot be read', (id: string) => `kubepods/pod0/${id}/cgroup.threads`],
    ['a container that runs has no cgroup', (id: string) => `kubepods/pod0/${id}`],
  ])('where %s', async (_, pathOf) => {
    const { look, model, root } = createNode('v2');
    model.write();
    const [id = ''] = model.named().running;
    rmSync(join(root, 'cgroup', pathOf(id)), { recursive: true });
    for (let round = 0; round < 6; round++) expect((await look()).isSweep).toBe(true);
  });
});

describe('what a sweep could not explain', () => {
  const id = 'a'.repeat(64);
  const path = `/pod/${id}`;
  const named = { sandboxOf: new Map([[id, id]]), running: new Set([id]), pids: new Set<number>() };
  const lookWith = (unreaped: number): CgroupLook => ({
    up: true,
    cgroups: { [path]: { path, current: 1, limit: undefined, limitHits: undefined } },
    cgroupOf: { [id]: path },
    unreaped: new Map([[path, unreaped]]),
    faults: [],
  });
  const zombie = (pid: number): Process => {
    const facts = { pid, ppid: 1, sessionId: 1, startTicks: 1, comm: 'x', state: 'Z', threads: 1, cpuTicks: 0 };
    return { ...facts, cgroup: undefined, probe: undefined };
  };
  const tallyThatReads = (recount: () => number) =>
    createTally({ recount, current: () => undefined, wait: async () => undefined });

  test('makes every look a sweep while one of the dead has no path', async () => {
    const tally = tallyThatReads(() => 1);
    for (let round = 0; round < 3; round++) tally.settle([zombie(7)], lookWith(1), named);
    expect(await tally.agrees([zombie(7)], lookWith(1), named)).toBe(false);
  });

  test('is nothing when the counter is right at a second reading: a process was just ending', async () => {
    const tally = tallyThatReads(() => 0);
    tally.settle([], lookWith(0), named);
    expect(await tally.agrees([], lookWith(1), named)).toBe(true);
  });
});

test('tasks are counted in files longer than the buffer', () => {
  const lines = Array.from({ length: 10_000 }, (_, i) => `${i}\n`).join('');
  const root = makeTree({ tasks: lines, none: '' });
  expect(countTasks(join(root, 'tasks'), Buffer.alloc(4096))).toBe(10_000);
  expect(countTasks(join(root, 'none'), Buffer.alloc(4096))).toBe(0);
});
