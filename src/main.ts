/** argv, environment and signals in, exit code out. The only file that ends the process. */
import { constants } from 'node:os';
import { createLogger } from './agent/log.ts';
import { inspect } from './commands/inspect.ts';
import { record } from './commands/record.ts';
import { scan } from './commands/scan.ts';
import { serve } from './commands/serve.ts';
import { renderHelp } from './config/help.ts';
import { type Config, parseRequest } from './config/parse.ts';
import { ListenError } from './publish/http/listen-address.ts';
import { visible } from './publish/text/clean-text.ts';
import { speaksUtf8 } from './screen/locale.ts';
import { openScreen } from './screen/screen.ts';
import { AgentError } from './sources/ask-agent.ts';
import { RecordingFileError } from './sources/recording-file.ts';
import { REVISION, VERSION } from './version.ts';

const COULD_NOT = 2;
const WRONG_USE = 64;

async function main(): Promise<number> {
  const request = parseRequest(process.argv.slice(2), process.env);
  switch (request.kind) {
    case 'version':
      process.stdout.write(`pausewatch ${REVISION === '' ? VERSION : `${VERSION} (${REVISION})`}\n`);
      return 0;
    case 'help':
      process.stdout.write(renderHelp(request.command));
      return 0;
    case 'mistakes':
      for (const mistake of request.mistakes) say(mistake);
      say('see pausewatch --help');
      return WRONG_USE;
    case 'run':
      return await runCommand(request.config);
    default:
      return request satisfies never;
  }
}

/** Errors that the person at the keyboard can mend are one line; anything else is a bug. */
async function runCommand(config: Config): Promise<number> {
  try {
    switch (config.command) {
      case 'scan':
        return await runScan(config);
      case 'inspect':
        return await inspect(config, printer(config));
      case 'record':
        await record(config, { write: (text) => void process.stdout.write(text), say });
        return 0;
      case 'serve':
        await runServe(config);
        return 0;
      default:
        return config.command satisfies never;
    }
  } catch (error) {
    if (!isForPeople(error)) throw error;
    say(error.message);
    return COULD_NOT;
  }
}

function isForPeople(error: unknown): error is Error {
  return error instanceof ListenError || error instanceof AgentError || error instanceof RecordingFileError;
}

function runServe(config: Config): Promise<void> {
  const { logLevel: level, logFormat: format } = config;
  const log = createLogger({ level, format, write: (line) => void process.stderr.write(line) });
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
  return serve(config, log, stopped);
}

/** How everything that is printed once looks. */
function printer({ noColor, ascii }: Config) {
  const { stdout } = process;
  const isPlain = noColor || (process.env['NO_COLOR'] ?? '') !== '' || process.env['TERM'] === 'dumb';
  return {
    write: (text: string) => void stdout.write(text),
    say,
    columns: () => stdout.columns || Number(process.env['COLUMNS']) || 80,
    colour: stdout.isTTY && !isPlain,
    ascii: ascii || !speaksUtf8(process.env),
  };
}

function runScan(config: Config): Promise<number> {
  const { stdout } = process;
  const isScreen = stdout.isTTY && process.env['TERM'] !== 'dumb';
  return scan(config, {
    ...printer(config),
    openScreen: isScreen ? () => openScreen(stdout) : undefined,
    stopped: config.watch ? stopSignal() : new AbortController().signal,
  });
}

/** Fires at the first signal that asks to end, or when nobody reads any more; a second signal ends the process at once. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  process.stdout.once('error', () => controller.abort());
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(128 + constants.signals[signal]);
      controller.abort();
    });
  }
  return controller.signal;
}

/** One line for a person. */
function say(message: string): void {
  process.stderr.write(`pausewatch: ${visible(message)}\n`);
}

/** A reader that closed our output early (`| head`) is not an error of ours, and takes nothing from the exit code. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') return;
  say(`cannot write to standard output: ${error.message}`);
  process.exit(COULD_NOT);
});

function reportBug(error: unknown): void {
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const where = error instanceof Error ? (error.stack?.split('\n')[1]?.trim() ?? '') : '';
  say(`this is a bug in pausewatch, please report it: ${what} (${where})`);
}

process.on('uncaughtException', (error) => {
  reportBug(error);
  process.exit(COULD_NOT);
});

/** Nobody reads the log any more: the agent goes on. */
process.stderr.on('error', () => undefined);

try {
  process.exitCode = await main();
} catch (error) {
  reportBug(error);
  process.exitCode = COULD_NOT;
}
