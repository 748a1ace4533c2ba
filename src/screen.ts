/** The whole window of a terminal, drawn again in place, and given back as it was however the program ends. */
import type { WriteStream } from 'node:tty';
import { textWidth } from './publish/clean-text.ts';

/** A window that is drawn in. */
export interface Screen {
  /** Shows this instead of what was there; what does not fit is left out and said so. */
  draw(text: string): void;
  /** Calls back when the window has another size. */
  onResize(redraw: () => Promise<void>): void;
  /** Gives the window back with what was in it before. May be called again. */
  close(): void;
}

/** Alternate screen and cursor (xterm's control sequences; every terminal of today knows them). */
const ESCAPE = '\u001b';
const ENTER = `${ESCAPE}[?1049h${ESCAPE}[?25l`;
const LEAVE = `${ESCAPE}[?25h${ESCAPE}[?1049l`;
const HOME = `${ESCAPE}[H`;
const CLEAR_LINE = `${ESCAPE}[K`;
const CLEAR_BELOW = `${ESCAPE}[J`;
const COLOURS = new RegExp(`${ESCAPE}\\[[\\d;]*m`, 'g');

/** Takes the window. Writes to a terminal are synchronous: even the exit of the process comes after them. */
export function openScreen(stdout: Pick<WriteStream, 'rows' | 'columns' | 'write' | 'on' | 'off'>): Screen {
  let open = true;
  let resized: (() => void) | undefined;
  const close = (): void => {
    if (!open) return;
    open = false;
    if (resized !== undefined) stdout.off('resize', resized);
    process.off('exit', close);
    stdout.write(LEAVE);
  };
  process.once('exit', close);
  stdout.write(ENTER);
  return {
    close,
    draw(text) {
      if (!open) return;
      const lines = fitRows(text.trimEnd().split('\n'), stdout.rows, stdout.columns);
      stdout.write(HOME + lines.map((line) => line + CLEAR_LINE).join('\r\n') + CLEAR_BELOW);
    },
    onResize(redraw) {
      resized = () => void redraw();
      stdout.on('resize', resized);
    },
  };
}

/** As many lines as there are rows; the last one, which tells how to end, always stays. */
export function fitRows(lines: readonly string[], rows: number, columns: number): readonly string[] {
  const shown: string[] = [];
  const last = lines.at(-1) ?? '';
  let left = Math.max(2, rows) - rowsOf(last, columns);
  for (const line of lines.slice(0, -1)) {
    left -= rowsOf(line, columns);
    if (left < 0) break;
    shown.push(line);
  }
  // The line that says how many are left out takes the place of one more.
  if (shown.length < lines.length - 1) {
    shown.pop();
    const hidden = lines.length - 1 - shown.length;
    shown.push(`… ${hidden} more lines: a larger window, --namespace or --severity show them`);
  }
  return [...shown, last];
}

function rowsOf(line: string, columns: number): number {
  return Math.max(1, Math.ceil(textWidth(line.replaceAll(COLOURS, '')) / Math.max(1, columns)));
}
