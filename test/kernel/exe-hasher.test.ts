/** The hasher: each file once, never more than one that hangs. */
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createExeHasher } from '../../src/kernel/processes/exe-hasher.ts';
import { makeTree } from './fixture-tree.ts';

test('the same file has the same hash, a rewritten one another', async () => {
  const root = makeTree({ a: 'one', b: 'a'.repeat(200_000) });
  const hasher = createExeHasher();
  const first = await hasher.hash(join(root, 'a'));
  expect(await hasher.hash(join(root, 'a'))).toEqual(first);
  writeFileSync(join(root, 'a'), 'two');
  const second = await hasher.hash(join(root, 'a'));
  expect(second).not.toEqual(first);
  expect(await hasher.hash(join(root, 'b'))).toHaveProperty('value.sha256');
  expect(await hasher.hash(join(root, 'none'))).toEqual({ unknown: 'vanished' });
});

test('a file that does not answer is given up, and no second one is begun meanwhile', async () => {
  const root = makeTree({ quick: 'quick' });
  const hanging = join(root, 'hanging');
  execFileSync('sh', ['-c', 'mkfifo "$0"', hanging]);
  const hasher = createExeHasher({ deadlineMs: 20 });
  expect(await hasher.hash(hanging)).toEqual({ unknown: 'timeout' });
  expect(hasher.isBusy()).toBe(true);
  expect(await hasher.hash(join(root, 'quick'))).toEqual({ unknown: 'timeout' });

  closeSync(openSync(hanging, constants.O_WRONLY | constants.O_NONBLOCK));
  while (hasher.isBusy()) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(await hasher.hash(join(root, 'quick'))).toHaveProperty('value.sha256');
});
