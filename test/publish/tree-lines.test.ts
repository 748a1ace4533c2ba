/** The lines of a tree: every row hangs from the nearest row above it that is one level up. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ASCII_SIGNS, BOX_SIGNS, treeLines } from '../../src/publish/text/tree-lines.ts';

test('Branches, last children and what runs past them', () => {
  expect(treeLines([0, 1, 2, 2, 1, 2, 0, 1], BOX_SIGNS)).toEqual([
    '',
    '├─ ',
    '│  ├─ ',
    '│  └─ ',
    '└─ ',
    '   └─ ',
    '',
    '└─ ',
  ]);
  expect(treeLines([0, 1, 1], ASCII_SIGNS)).toEqual(['', '|- ', '`- ']);
});

test('A row is drawn as last exactly when no sibling follows, however the tree looks', () => {
  const steps = fc.array(fc.integer({ min: -3, max: 1 }), { maxLength: 60 });
  fc.assert(
    fc.property(steps, (changes) => {
      const levels = [0];
      for (const change of changes) levels.push(Math.max(0, (levels.at(-1) ?? 0) + change));
      const lines = treeLines(levels, ASCII_SIGNS);
      for (const [at, level] of levels.entries()) {
        const rest = levels.slice(at + 1);
        const end = rest.findIndex((it) => it < level);
        const hasSibling = (end < 0 ? rest : rest.slice(0, end)).includes(level);
        expect(lines[at]).toHaveLength(level * 3);
        if (level > 0) expect(lines[at]?.slice(-3)).toBe(hasSibling ? '|- ' : '`- ');
      }
    }),
  );
});
