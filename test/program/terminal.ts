/** Runs a program on a terminal of its own (script(1) of util-linux makes one), as a person would. */
import { spawn } from 'node:child_process';
import { onTestFinished } from 'vitest';

/** A program on a terminal. */
export interface OnTerminal {
  /** Everything it drew so far, control sequences included. */
  drawn(): string;
  /** Types these characters. */
  type(keys: string): void;
  /** Its exit code. */
  readonly finished: Promise<number | null>;
}

/** Starts a command line on a terminal of that size; it is killed with the test if it still runs. */
export function startOnTerminal(
  command: readonly string[],
  size: { readonly columns: number; readonly rows: number },
  environment: Readonly<Record<string, string>> = {},
): OnTerminal {
  const quoted = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  const line = `stty cols ${size.columns} rows ${size.rows}; exec ${quoted}`;
  const env = { PATH: process.env['PATH'] ?? '', TERM: 'xterm', SHELL: '/bin/sh', ...environment };
  const child = spawn('script', ['-qefc', line, '/dev/null'], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let drawn = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (drawn += text));
  return {
    drawn: () => drawn,
    type: (keys) => void child.stdin.write(keys),
    finished: new Promise((resolve) => child.once('close', resolve)),
  };
}
