/** The columns of a pod in the table: name, pause, zombies, PIDs, pause image. */
import type { ImageRef } from '../core/image-ref.ts';
import { shortenEnd, shortenMiddle, textWidth, visible } from './clean-text.ts';
import type { Ink } from './ink.ts';
import type { PodView } from './pods.ts';
import { padEnd, padStart } from './wrap.ts';

/** The cells of one row, cleaned. */
export interface PodCells {
  readonly pod: string;
  readonly pause: string;
  readonly zombies: string;
  readonly pids: string;
  readonly image: string;
}

/** Columns of each cell; `pids` is 0 where there is no room for it. */
export interface ColumnWidths {
  readonly pod: number;
  readonly pids: number;
  readonly image: number;
}

/** Heads of the columns. */
export const HEAD: PodCells = { pod: 'POD', pause: 'PAUSE', zombies: 'ZOMBIES', pids: 'PIDS', image: 'IMAGE' };

const GAP = 2;
const PAUSE_WIDTH = 8;
const ZOMBIES_WIDTH = 7;
const MIN_POD_WIDTH = 20;
const MAX_IMAGE_WIDTH = 40;
/** From here on PIDs have their place. */
const WIDE_COLUMNS = 96;

/** Cells of a pod. */
export function podCells(pod: PodView): PodCells {
  const view = pod.shown ?? pod.sandboxes[0];
  const { current, limit } = { current: pod.pids, limit: pod.tightest?.limit };
  return {
    pod: `${pod.namespace}/${pod.name}`,
    pause: pod.shown === undefined ? 'ended' : (view?.pauseHealth ?? 'unknown'),
    zombies: pod.zombies === undefined ? '?' : String(pod.zombies),
    pids: current === undefined ? '?' : limit === undefined ? String(current) : `${current}/${limit}`,
    image: view?.image === undefined ? '?' : shortImage(view.image),
  };
}

/** Fits the columns to their contents and to the terminal. */
export function fitColumns(rows: readonly PodCells[], columns: number): ColumnWidths {
  const widest = (cell: keyof PodCells) => Math.max(0, ...rows.map((row) => textWidth(row[cell])));
  const pids = columns >= WIDE_COLUMNS ? widest('pids') : 0;
  const fixed = GAP + PAUSE_WIDTH + 1 + ZOMBIES_WIDTH + (pids > 0 ? GAP + pids : 0) + GAP;
  const shared = Math.max(MIN_POD_WIDTH, columns - fixed);
  const image = Math.min(widest('image'), MAX_IMAGE_WIDTH, Math.max(8, shared - Math.min(widest('pod'), 45)));
  return { pod: Math.max(MIN_POD_WIDTH, Math.min(widest('pod'), shared - image)), pids, image };
}

/** One line; `strong` paints the name. */
export function renderPodRow(
  cells: PodCells,
  widths: ColumnWidths,
  ink: Ink,
  strong: (text: string) => string,
): string {
  const pod = shortenMiddle(cells.pod, widths.pod, ink.ellipsis);
  const parts = [
    strong(pod) + ' '.repeat(Math.max(0, widths.pod - textWidth(pod)) + GAP),
    padEnd(cells.pause, PAUSE_WIDTH),
    ` ${padStart(cells.zombies, ZOMBIES_WIDTH)}`,
    widths.pids > 0 ? ' '.repeat(GAP) + padStart(cells.pids, widths.pids) : '',
    ' '.repeat(GAP) + shortenEnd(cells.image, widths.image, ink.ellipsis),
  ];
  return parts.join('').trimEnd();
}

/** "pause:3.9": the last segment of the repository and the tag, which is what people compare. */
function shortImage({ ref, repository, tag, digest }: ImageRef): string {
  const name = repository.slice(repository.lastIndexOf('/') + 1);
  if (name === '') return visible(ref);
  return visible(tag !== undefined ? `${name}:${tag}` : digest !== undefined ? `${name}@${digest.slice(0, 15)}` : name);
}
