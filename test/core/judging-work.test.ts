/** What judging costs, counted and not timed: how often a process is looked at, however busy the machine is. */
import { expect, test } from 'vitest';
import { auditSteps } from '../../src/core/audit.ts';
import { EMPTY_MEMORY } from '../../src/core/memory.ts';
import type { NodeSnapshot } from '../../src/core/model.ts';
import { DEFAULT_POLICY } from '../../src/core/policy.ts';
import { busyNode } from './busy-node.ts';
import { NOW_MS } from './snapshot-builder.ts';

/** Facts read of each process, sandbox and container in one audit that has others before it, and the largest share of one step. */
function readsPerThing(sandboxes: number): Record<'process' | 'sandbox' | 'container' | 'largestStep', number> {
  const reads = { process: 0, sandbox: 0, container: 0 };
  const counted = <T extends object>(kind: keyof typeof reads, things: readonly T[]): T[] =>
    things.map(
      (thing) =>
        new Proxy(thing, {
          get(target, key) {
            reads[kind]++;
            return Reflect.get(target, key) as unknown;
          },
        }),
    );
  const plain = busyNode(sandboxes);
  const snapshot: NodeSnapshot = {
    ...plain,
    runtimes: plain.runtimes.map((it) => ({
      ...it,
      sandboxes: counted('sandbox', it.sandboxes),
      containers: counted('container', it.containers),
    })),
    kernel: { ...plain.kernel, processes: counted('process', plain.kernel.processes) },
  };
  let memory = EMPTY_MEMORY;
  let largest = 0;
  for (let audit = 0; audit < 3; audit++) {
    Object.assign(reads, { process: 0, sandbox: 0, container: 0 });
    largest = 0;
    const steps = auditSteps({ ...snapshot, takenAtMs: NOW_MS + audit * 15_000 }, memory, DEFAULT_POLICY);
    for (let isDone = false; !isDone; ) {
      const before = sumOf(reads);
      const step = steps.next();
      largest = Math.max(largest, sumOf(reads) - before);
      if (step.done === true) memory = step.value.memory;
      isDone = step.done === true;
    }
  }
  return {
    largestStep: largest / sumOf(reads),
    process: reads.process / plain.kernel.processes.length,
    sandbox: reads.sandbox / sandboxes,
    container: reads.container / plain.runtimes.flatMap(({ containers }) => containers).length,
  };
}

const sumOf = (reads: Record<string, number>): number => Object.values(reads).reduce((sum, it) => sum + it, 0);

/** Measured: 15, 142 and 51. A rule that begins to walk over all processes adds one or two for each. */
const AT_MOST = { process: 17, sandbox: 170, container: 60 };

test('The work of an audit grows with the node and no faster: twice the pods, the same reads for each, and few', () => {
  const [few, many] = [readsPerThing(200), readsPerThing(400)];
  for (const kind of ['process', 'sandbox', 'container'] as const) {
    expect(few[kind]).toBeGreaterThan(1);
    expect(few[kind]).toBeLessThan(AT_MOST[kind]);
    expect(many[kind] / few[kind]).toBeLessThan(1.02);
  }
});

test('An audit is taken in steps, none of which is a sixth of it: between them the agent answers', () => {
  expect(readsPerThing(200).largestStep).toBeLessThan(0.15);
});
