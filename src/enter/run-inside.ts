/** Runs a command in namespaces that are held open, with nsenter(1) and unshare(1), and passes on its signals and its end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { constants as osConstants } from 'node:os';
import { delimiter, join } from 'node:path';
import { isatty } from 'node:tty';
import type { HeldNamespaces } from './namespaces.ts';

/** The programs of util-linux that do the entering. */
export interface Tools {
  readonly nsenter: string;
  readonly unshare: string;
}

/** What to run. */
export interface InsideRun {
  readonly tools: Tools;
  readonly namespaces: HeldNamespaces;
  readonly command: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
}

/** Signals that ask a program to do something; those a terminal sends reach every process of it anyway. */
const FORWARDED = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGCONT', 'SIGWINCH'] as const;
const FROM_TERMINAL = ['SIGINT', 'SIGQUIT'] as const;

/** Finds the programs on a PATH; a sentence when one is missing. */
export function findTools(path: string): Tools | { readonly refusal: string } {
  const [nsenter, unshare] = [findProgram('nsenter', path), findProgram('unshare', path)];
  if (nsenter !== undefined && unshare !== undefined) return { nsenter, unshare };
  const missing = nsenter === undefined ? 'nsenter' : 'unshare';
  return { refusal: `${missing} is not on the PATH; install util-linux.` };
}

/** Runs to the end; the exit code is that of the command, or 128 + n when signal n ended it. */
export function runInside(run: InsideRun): Promise<number> {
  const { nsenter, unshare } = run.tools;
  const { entered } = run.namespaces;
  // Paths of our own open files: nsenter opens them itself, and the command inherits none of ours.
  const flags = [...entered].map(([kind, file]) => `--${kind}=/proc/${process.pid}/fd/${file}`);
  // unshare forks, so that what it mounts is the /proc of the entered PID namespace, seen by nobody else; nsenter could
  // fork too, but dies of the Ctrl-C that its command survives.
  const inner = entered.has('pid') ? [unshare, '--fork', '--mount-proc', '--', ...run.command] : [...run.command];
  const options = entered.has('pid') ? [...flags, '--no-fork'] : flags;
  // Before there is a command: a signal in between would end us and leave it behind.
  const forwarding = forwardSignals(entered.has('pid'));
  const child = spawn(nsenter, [...options, '--', ...inner], { stdio: 'inherit', env: run.environment });
  forwarding.to(child);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      forwarding.stop();
      resolve(code ?? 128 + (signal === null ? 0 : osConstants.signals[signal]));
    });
  });
}

/** Behind unshare that forked, the command is its only child; unshare itself passes nothing on. */
function forwardSignals(forked: boolean): { to(child: ChildProcess): void; stop(): void } {
  let pid: number | undefined;
  const send = (signal: NodeJS.Signals): void => {
    if (pid === undefined) return;
    const receiver = forked ? onlyChildOf(pid) : pid;
    try {
      process.kill(receiver ?? pid, signal);
    } catch {
      // It has ended in this moment: its exit code is on its way.
    }
  };
  const ignore = (): void => undefined;
  // Not process.stdin: to look at it is to open it, and the terminal is the command's.
  const atTerminal = isatty(0);
  for (const signal of FORWARDED) process.on(signal, send);
  for (const signal of FROM_TERMINAL) process.on(signal, atTerminal ? ignore : send);
  return {
    to: (child) => void (pid = child.pid),
    stop: () => {
      for (const signal of [...FORWARDED, ...FROM_TERMINAL]) process.off(signal, send).off(signal, ignore);
    },
  };
}

function onlyChildOf(pid: number): number | undefined {
  try {
    const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
    return child === undefined || child === '' ? undefined : Number(child);
  } catch {
    return undefined;
  }
}

function findProgram(name: string, path: string): string | undefined {
  for (const directory of path.split(delimiter)) {
    const file = join(directory, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not in this directory.
    }
  }
  return undefined;
}
