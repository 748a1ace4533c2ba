/** What stays of the last answer of a runtime that is silent: pods of which something is left, whatever died. */
import { expect, test } from 'vitest';
import type { RuntimeSnapshot } from '../../src/core/model.ts';
import { dropEnded } from '../../src/core/silent-runtime.ts';
import { idOf, node, pod } from './snapshot-builder.ts';

const pods = [pod('whole', { base: 1000 }), pod('headless', { base: 2000 }), pod('gone', { base: 3000 })];
const snapshot = node({ pods, runtime: { up: false } });
const [runtime] = snapshot.runtimes;
if (runtime === undefined) throw new Error('a node has a runtime');

const cgroupOf: Record<string, string> = { ...snapshot.kernel.cgroupOf };
// Whose pause was killed: the runtime removed the sandbox's cgroup, the app has its own.
delete cgroupOf[idOf('headless')];
for (const { sandbox, containers } of pods.slice(2)) for (const { id } of [sandbox, ...containers]) delete cgroupOf[id];

const namesIn = ({ sandboxes, containers }: RuntimeSnapshot) => [
  sandboxes.map(({ name }) => name),
  containers.map(({ sandboxId }) => pods.find(({ sandbox }) => sandbox.id === sandboxId)?.sandbox.name),
];

test('a pod that ended while the runtime was silent is gone, one whose pause died is not', () => {
  expect(namesIn(dropEnded(runtime, cgroupOf))).toEqual([
    ['whole', 'headless'],
    ['whole', 'headless'],
  ]);
});

test('a runtime that answers knows best', () => {
  const answering = { ...runtime, up: true };
  expect(dropEnded(answering, {})).toBe(answering);
});

test('where cgroups cannot be read, nothing is dropped', () => {
  expect(dropEnded(runtime, undefined)).toBe(runtime);
});
