/** The reader of lists: every line once, however the pieces fall. */
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_LIST_BYTES, readList } from '../../src/kernel/reading/list-reader.ts';
import { addNode, makeTree } from './fixture-tree.ts';

const PIECE_BYTES = 64 * 1024;

async function readLines(path: string, isDue = false) {
  const pieces: string[] = [];
  let turns = 0;
  const slicer = { isDue: () => isDue, nextTurn: async () => void turns++ };
  const isWhole = await readList(path, slicer, (lines) => pieces.push(lines.toString('latin1')));
  return { isWhole, pieces, turns };
}

test('A list is given in whole lines, and all of it, whatever lines it has', async () => {
  const root = makeTree({ 'list/': '' });
  const lengths = fc.array(fc.nat(30_000), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(lengths, fc.boolean(), async (lines, hasEnd) => {
      const text = lines.map((length) => 'x'.repeat(length)).join('\n') + (hasEnd ? '\n' : '');
      addNode(root, 'text', text);
      const { isWhole, pieces } = await readLines(join(root, 'text'));
      expect(isWhole).toBe(true);
      expect(pieces.join('') === text).toBe(true);
      expect(pieces.slice(0, -1).every((piece) => piece.endsWith('\n'))).toBe(true);
    }),
  );
});

test('A line that fills the buffer comes in pieces', async () => {
  const text = `${'x'.repeat(3 * PIECE_BYTES)}\ny\n`;
  const { isWhole, pieces } = await readLines(join(makeTree({ text }), 'text'));
  expect(isWhole).toBe(true);
  expect(pieces.join('') === text).toBe(true);
});

test('A list of exactly as many bytes as are read is whole; with one more it is not, and no part of a line is given', async () => {
  const line = `${'x'.repeat(127)}\n`;
  const text = line.repeat(MAX_LIST_BYTES / line.length);
  const root = makeTree({ text, longer: `${text}x` });
  const [exact, longer] = [await readLines(join(root, 'text')), await readLines(join(root, 'longer'))];
  expect([exact.isWhole, longer.isWhole]).toEqual([true, false]);
  expect(exact.pieces.join('').length).toBe(MAX_LIST_BYTES);
  expect(longer.pieces.every((piece) => piece.endsWith('\n'))).toBe(true);
});

test('The loop turns between two pieces when a slice is used up', async () => {
  const path = join(makeTree({ text: 'x\n'.repeat(2 * PIECE_BYTES) }), 'text');
  expect((await readLines(path, true)).turns).toBe(4);
  expect((await readLines(path)).turns).toBe(0);
});

test('What cannot be opened is an error of the system', async () => {
  await expect(readLines(join(makeTree({}), 'missing'))).rejects.toThrow('ENOENT');
});
