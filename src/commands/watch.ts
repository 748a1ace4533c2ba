/** `scan --watch`: the result again and again, in place on a terminal, one after the other anywhere else. */

import type { Config } from '../config/parse.ts';
import type { AuditReport } from '../core/report.ts';
import { describeDuration } from '../publish/pods/summary.ts';
import { visible } from '../publish/text/clean-text.ts';
import type { Screen } from '../screen/screen.ts';
import { AgentError } from '../sources/ask-agent.ts';
import type { ScanTerminal } from './scan.ts';
import { pause, type Scanned, type Scanner } from './scanner.ts';

/** What is repeated, and how. */
export interface WatchParts {
  readonly config: Config;
  readonly terminal: ScanTerminal;
  readonly scanner: Scanner;
  readonly show: (scanned: Scanned, config: Config, terminal: ScanTerminal) => Promise<string>;
  readonly exitCode: (report: AuditReport, config: Config) => number;
  readonly complain: (report: AuditReport, config: Config, terminal: ScanTerminal) => void;
}

const COULD_NOT_LOOK = 2;

/** Watches until a person stops it; the exit code is that of what was shown last. Rejects when the first look fails. */
export async function watch(parts: WatchParts): Promise<number> {
  const { config, terminal } = parts;
  // A document is for a program to read, line by line, wherever it goes.
  const open = config.output === 'json' ? undefined : terminal.openScreen;
  return open === undefined ? await watchPlain(parts) : await watchOnScreen(parts, open());
}

async function watchPlain({ config, terminal, scanner, show, exitCode, complain }: WatchParts): Promise<number> {
  let code = COULD_NOT_LOOK;
  for await (const round of rounds(scanner, config, terminal.stopped)) {
    // A document that is filtered is asked for by itself, and may fail by itself.
    const shown =
      'failure' in round ? round : await show(round, config, terminal).then((text) => ({ ...round, text }), failureOf);
    code = 'failure' in shown ? COULD_NOT_LOOK : exitCode(shown.report, config);
    if ('failure' in shown) {
      terminal.say(shown.failure);
      continue;
    }
    terminal.write(shown.text + (config.output === 'table' ? '\n' : ''));
    complain(shown.report, config, terminal);
  }
  return code;
}

async function watchOnScreen(parts: WatchParts, screen: Screen): Promise<number> {
  const { config, terminal, scanner, show, exitCode } = parts;
  const rhythm = `every ${describeDuration(config.intervalMs)}; Ctrl-C ends`;
  let last: Scanned | undefined;
  let note = rhythm;
  const draw = async (): Promise<void> => {
    if (last !== undefined) screen.draw(`${await show(last, config, terminal)}\n${note}`);
  };
  let code = COULD_NOT_LOOK;
  try {
    screen.onRedraw(draw);
    for await (const round of rounds(scanner, config, terminal.stopped)) {
      if (!('failure' in round)) last = round;
      note = 'failure' in round ? visible(`${round.failure}; ${rhythm}`) : rhythm;
      code = 'failure' in round ? COULD_NOT_LOOK : exitCode(round.report, config);
      await draw();
    }
  } finally {
    screen.close();
  }
  // What was seen last stays in the scrollback.
  if (last !== undefined) terminal.write(await show(last, config, terminal));
  return code;
}

/** Why there is nothing to show this time. */
interface Failure {
  readonly failure: string;
}

/** An agent that does not answer may do so the next time; anything else ends the watch. */
function failureOf(error: unknown): Failure {
  if (error instanceof AgentError) return { failure: error.message };
  throw error;
}

/** Reports until the signal. An agent that stops answering is told and asked again; one that never did is an error. */
async function* rounds(
  scanner: Scanner,
  { intervalMs }: Config,
  stopped: AbortSignal,
): AsyncGenerator<Scanned | Failure> {
  for (let first = true; !stopped.aborted; first = false) {
    const startMs = performance.now();
    const round = await scanner.next(stopped).catch((error: unknown) => {
      if (first) throw error;
      return failureOf(error);
    });
    // A look that was cut short sees less than there is.
    if (stopped.aborted) return;
    yield round;
    await pause(Math.max(0, startMs + intervalMs - performance.now()), stopped);
  }
}
