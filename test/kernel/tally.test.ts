/** The tally against the sweep: whatever happens on a node, the dead in pods are those that a sweep would find. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Process } from '../../src/core/model.ts';
import { createBytesReader } from '../../src/kernel/bytes-reader.ts';
import { createCgroupfs } from '../../src/kernel/cgroupfs.ts';
import { createKernelLooks } from '../../src/kernel/kernel-looks.ts';
import { createProcfs } from '../../src/kernel/procfs.ts';
import { createSweeper } from '../../src/kernel/sweep.ts';
import { makeTree } from './fixture-tree.ts';
import { createNodeModel, STEP_KINDS, type Step } from './node-model.ts';

const NEVER_DUE = { isDue: () => false, nextTurn: async () => undefined };

const aStep = fc.record({ kind: fc.constantFrom(...STEP_KINDS), at: fc.nat(1000) }) satisfies fc.Arbitrary<Step>;
const aHistory = fc.array(fc.array(aStep, { maxLength: 4 }), { minLength: 3, maxLength: 14 });

function createNode(version: 'v1' | 'v2') {
  const root = makeTree({ 'proc/': '', 'cgroup/': '' });
  const model = createNodeModel(root, version);
  model.write();
  const procfs = createProcfs({ root: join(root, 'proc') });
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
      const { sweep, isSweep } = await looks.look(model.named());
      const all = (await reference.sweep(NEVER_DUE)).processes;
      return { isSweep, dead: deadInPods(sweep.processes), expected: deadInPods(all), processes: sweep.processes };
    },
  };
}

/** On v1 a look that did not sweep never saw the path of a process that lived only between two sweeps. */
function withoutPaths(dead: readonly { readonly pid: number; readonly cgroup: string | undefined }[]) {
  return dead.map(({ cgroup: _, ...rest }) => rest);
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
      { numRuns: 60 },
    );
    // Were every look a sweep, this would prove nothing.
    expect(refreshes).toBeGreaterThan(50);
  }, 60_000);

  test('are found by a sweep every fourth look, and no more often while nothing happens', async () => {
    const { look, apply } = createNode(version);
    apply(['fork', 1], ['die', 6], ['brief', 4], ['thread', 1]);
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
