/** The columns of a pod in the table: name, pause, zombies, PIDs, age, pause image, as many as the terminal has room for. */
import type { ImageRef } from '../../core/image-ref.ts';
import type { PodView } from '../pods/pods.ts';
import { describeDuration } from '../pods/summary.ts';
import { shortenEnd, shortenMiddle, textWidth, visible } from '../text/clean-text.ts';
import { padEnd, padStart } from '../text/wrap.ts';
import type { Ink } from './ink.ts';

/** The cells of one row, cleaned. */
export interface PodCells {
  readonly pod: string;
  readonly pause: string;
  readonly zombies: string;
  readonly pids: string;
  readonly age: string;
  readonly image: string;
  /** The whole reference, where there is room for it. */
  readonly wholeImage: string;
}

/** Columns of each cell; 0 where there is no room for it. */
export interface ColumnWidths {
  readonly pod: number;
  readonly zombies: number;
  readonly pids: number;
  readonly age: number;
  readonly image: number;
  readonly wholeImages: boolean;
}

const GAP = 2;
const PAUSE_WIDTH = 8;
const ZOMBIES_WIDTH = 7;
const MIN_POD_WIDTH = 20;
const MAX_IMAGE_WIDTH = 40;
/** From here on zombies have their place, … */
const ZOMBIES_COLUMNS = 40;
/** … the image, … */
const IMAGE_COLUMNS = 60;
/** … PIDs, … */
const PIDS_COLUMNS = 96;
/** … age and the whole reference of the image. */
const WIDE_COLUMNS = 120;

/** Heads of the columns. */
export function headCells(): PodCells {
  const image = 'IMAGE';
  return { pod: 'POD', pause: 'PAUSE', zombies: 'ZOMBIES', pids: 'PIDS', age: 'AGE', image, wholeImage: image };
}

/** Cells of a pod; its age is that of the sandbox shown, up to `nowMs`. */
export function podCells(pod: PodView, nowMs: number): PodCells {
  const view = pod.shown ?? pod.sandboxes[0];
  const { current, limit } = { current: pod.pids, limit: pod.tightest?.limit };
  return {
    pod: `${pod.namespace}/${pod.name}`,
    pause: pod.shown === undefined ? 'ended' : (view?.pauseHealth ?? 'unknown'),
    zombies: pod.zombies === undefined ? '?' : String(pod.zombies),
    pids: current === undefined ? '?' : limit === undefined ? String(current) : `${current}/${limit}`,
    age: view === undefined ? '?' : describeDuration(nowMs - view.createdAtMs),
    image: view?.image === undefined ? '?' : shortImage(view.image),
    wholeImage: view?.image === undefined ? '?' : visible(view.image.ref),
  };
}

/** Fits the columns to their contents and to the terminal. */
export function fitColumns(rows: readonly PodCells[], columns: number): ColumnWidths {
  const widest = (cell: keyof PodCells) => Math.max(0, ...rows.map((row) => textWidth(row[cell])));
  const from = (least: number, width: () => number) => (columns >= least ? width() : 0);
  const zombies = from(ZOMBIES_COLUMNS, () => ZOMBIES_WIDTH);
  const pids = from(PIDS_COLUMNS, () => widest('pids'));
  const age = from(WIDE_COLUMNS, () => widest('age'));
  const taken = (width: number) => (width > 0 ? GAP + width : 0);
  const fixed = GAP + PAUSE_WIDTH + (zombies > 0 ? 1 + zombies : 0) + taken(pids) + taken(age);
  const wholeImages = columns >= WIDE_COLUMNS;
  const image = from(IMAGE_COLUMNS, () => {
    const shared = Math.max(MIN_POD_WIDTH, columns - fixed - GAP);
    const cell = wholeImages ? 'wholeImage' : 'image';
    return Math.min(widest(cell), MAX_IMAGE_WIDTH, Math.max(8, shared - Math.min(widest('pod'), 45)));
  });
  const room = Math.max(1, columns - fixed - taken(image));
  const least = Math.min(MIN_POD_WIDTH, room);
  return { pod: Math.max(least, Math.min(widest('pod'), room)), zombies, pids, age, image, wholeImages };
}

/** One line; `strong` paints the name. */
export function renderPodRow(
  cells: PodCells,
  widths: ColumnWidths,
  ink: Ink,
  strong: (text: string) => string,
): string {
  const pod = shortenMiddle(cells.pod, widths.pod, ink.ellipsis);
  const gap = ' '.repeat(GAP);
  const image = widths.wholeImages ? cells.wholeImage : cells.image;
  const parts = [
    strong(pod) + ' '.repeat(Math.max(0, widths.pod - textWidth(pod)) + GAP),
    padEnd(cells.pause, PAUSE_WIDTH),
    widths.zombies > 0 ? ` ${padStart(cells.zombies, widths.zombies)}` : '',
    widths.pids > 0 ? gap + padStart(cells.pids, widths.pids) : '',
    widths.age > 0 ? gap + padStart(cells.age, widths.age) : '',
    widths.image > 0 ? gap + shortenEnd(image, widths.image, ink.ellipsis) : '',
  ];
  return parts.join('').trimEnd();
}

/** "pause:3.9": the last segment of the repository and the tag, which is what people compare. */
function shortImage({ ref, repository, tag, digest }: ImageRef): string {
  const name = repository.slice(repository.lastIndexOf('/') + 1);
  if (name === '') return visible(ref);
  return visible(tag !== undefined ? `${name}:${tag}` : digest !== undefined ? `${name}@${digest.slice(0, 15)}` : name);
}
