/** Tables of the terminal whose cells others wrote: as wide as they need to be, and never wider than there is room. */
import { shortenEnd, shortenMiddle, textWidth, visible } from '../text/clean-text.ts';
import { padEnd } from '../text/wrap.ts';
import type { Canvas } from './ink.ts';

const GAP = '  ';
/** No column is made narrower than this for the sake of another. */
const MIN_WIDTH = 8;

/** A heading and rows as lines; where there is no room the widest columns give way first. */
export function drawColumns(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  { columns, ink }: Canvas,
): string[] {
  const cells = [head, ...rows].map((row) => row.map(visible));
  const widths = fitWidths(
    head.map((_, at) => Math.max(...cells.map((row) => textWidth(row[at] ?? '')))),
    columns - GAP.length * (head.length - 1),
  );
  return cells.map((row, at) => {
    const fitted = row.map((it, column) => {
      const width = widths[column] ?? 0;
      return padEnd(shortenMiddle(it, width, ink.ellipsis), width);
    });
    const line = shortenEnd(fitted.join(GAP).trimEnd(), columns, ink.ellipsis);
    return at === 0 ? ink.dim(line) : line;
  });
}

/** The natural widths, cut to the largest measure with which all fit. */
function fitWidths(wanted: readonly number[], room: number): readonly number[] {
  let most = Math.max(...wanted);
  const sum = (): number => wanted.reduce((total, width) => total + Math.min(width, most), 0);
  while (most > MIN_WIDTH && sum() > room) most--;
  return wanted.map((width) => Math.min(width, most));
}
