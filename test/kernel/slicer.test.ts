/** The slicer, with a clock and an event loop of the test. */
import { expect, test } from 'vitest';
import { createSlicer, doInSlices } from '../../src/kernel/reading/slicer.ts';

test('a slice is used up when its time has passed, and the next one starts after the loop has turned', async () => {
  let nowMs = 100;
  let turns = 0;
  const yieldLoop = async () => {
    turns++;
    nowMs += 50;
  };
  const slicer = createSlicer({ sliceMs: 2, now: () => nowMs, yieldLoop });

  nowMs = 101.9;
  expect(slicer.isDue()).toBe(false);
  nowMs = 102;
  expect(slicer.isDue()).toBe(true);
  await slicer.nextTurn();
  expect(turns).toBe(1);
  expect(slicer.isDue()).toBe(false);
  nowMs = 154;
  expect(slicer.isDue()).toBe(true);
});

test('timers and sockets get their turn between two slices', async () => {
  const slicer = createSlicer({ sliceMs: 0 });
  const ran: string[] = [];
  setTimeout(() => ran.push('timer'), 0);
  for (let turn = 0; turn < 1000 && ran.length === 0; turn++) await slicer.nextTurn();
  expect(ran).toEqual(['timer']);
});

test('work in steps lets the loop turn whenever a slice is used up, and gives what the last step gives', async () => {
  let nowMs = 0;
  let turns = 0;
  const yieldLoop = async () => void turns++;
  function* work(): Generator<void, string> {
    for (let step = 0; step < 10; step++) {
      nowMs += 1;
      yield;
    }
    return 'done';
  }
  expect(await doInSlices(work(), createSlicer({ sliceMs: 2, now: () => nowMs, yieldLoop }))).toBe('done');
  expect(turns).toBe(5);
});
