/** The whole window of a terminal, drawn again in place, and given back as it was however the program ends. */
import { readFileSync } from 'node:fs';
import type { WriteStream } from 'node:tty';
import { shortenEnd, textWidth } from '../publish/text/clean-text.ts';

/** A window that is drawn in. */
export interface Screen {
  /** Shows this instead of what was there; what does not fit is left out and said so. */
  draw(text: string): void;
  /** Calls back when what is in the window is to be drawn again: another size, or a window that was given back for a while. */
  onRedraw(redraw: () => Promise<void>): void;
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

/**
 * Takes the window, and gives it back while the program is stopped (Ctrl-Z) or goes on in the background.
 * Writes to a terminal are synchronous: even the exit of the process comes after them.
 */
export function openScreen(stdout: Pick<WriteStream, 'rows' | 'columns' | 'write'>): Screen {
  let isTaken = false;
  let redraw = (): void => undefined;

  function take(): void {
    if (isTaken || !isInForeground()) return;
    isTaken = true;
    stdout.write(ENTER);
  }

  function giveBack(): void {
    if (!isTaken) return;
    isTaken = false;
    stdout.write(LEAVE);
  }

  /** Without our handler the signal does what it always does; what follows it happens when the program goes on. */
  function stop(): void {
    giveBack();
    process.off('SIGTSTP', stop);
    process.kill(process.pid, 'SIGTSTP');
    process.on('SIGTSTP', stop);
    goOn();
  }

  function goOn(): void {
    take();
    // Who was not in the foreground was not told that the window has another size: this asks for it, and draws.
    process.kill(process.pid, 'SIGWINCH');
  }

  // Node's own listener, which learns the size, was there first.
  const onWindow = (): void => redraw();

  function close(): void {
    giveBack();
    process.off('SIGTSTP', stop).off('SIGCONT', goOn).off('SIGWINCH', onWindow).off('exit', close);
  }

  process.on('SIGTSTP', stop).on('SIGCONT', goOn).on('SIGWINCH', onWindow).once('exit', close);
  take();
  return {
    close,
    draw(text) {
      // A shell that brings a running program to the foreground sends it no signal.
      take();
      if (!isTaken) return;
      const lines = fitRows(text.trimEnd().split('\n'), stdout.rows, stdout.columns);
      stdout.write(HOME + lines.map((line) => line + CLEAR_LINE).join('\r\n') + CLEAR_BELOW);
    },
    onRedraw(again) {
      redraw = () => void again();
    },
  };
}

/** False while another process group, such as that of a shell at its prompt, has the terminal (proc_pid_stat(5), fields 5 and 8). */
function isInForeground(): boolean {
  try {
    const stat = readFileSync('/proc/self/stat', 'latin1');
    const [, , group, , , foregroundGroup] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    // 0 or -1: nobody that can be seen from here.
    return foregroundGroup === undefined || foregroundGroup <= 0 || foregroundGroup === group;
  } catch {
    return true;
  }
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
    const more = `and ${hidden} more lines: a larger window, --namespace or --severity show them`;
    shown.push(shortenEnd(more, columns, ''));
  }
  return [...shown, last];
}

function rowsOf(line: string, columns: number): number {
  return Math.max(1, Math.ceil(textWidth(line.replaceAll(COLOURS, '')) / Math.max(1, columns)));
}
