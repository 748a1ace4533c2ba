/** Draws the lines of a tree from the depths of its rows. */

/** The four pieces a tree is drawn with, all of one width. */
export interface TreeSigns {
  readonly branch: string;
  readonly last: string;
  readonly through: string;
  readonly gap: string;
}

/** Box drawing. */
export const BOX_SIGNS: TreeSigns = { branch: '├─ ', last: '└─ ', through: '│  ', gap: '   ' };
/** Plain ASCII. */
export const ASCII_SIGNS: TreeSigns = { branch: '|- ', last: '`- ', through: '|  ', gap: '   ' };

/** What stands before each row; `levels` in the order of the tree, roots at 0. */
export function treeLines(levels: readonly number[], signs: TreeSigns): readonly string[] {
  const lines: string[] = [];
  // Read from below: whether a row has a younger sibling is known when it is reached.
  const isOpen: boolean[] = [];
  for (let at = levels.length - 1; at >= 0; at--) {
    const level = Math.max(0, levels[at] ?? 0);
    let line = '';
    for (let above = 1; above < level; above++) line += isOpen[above] === true ? signs.through : signs.gap;
    if (level > 0) line += isOpen[level] === true ? signs.branch : signs.last;
    lines.push(line);
    isOpen.length = level + 1;
    isOpen[level] = true;
  }
  return lines.toReversed();
}
