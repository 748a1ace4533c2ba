/** `pausewatch-enter`: a person's shell in a pod. A program of its own: the agent starts no processes. */
import { visible } from '../publish/text/clean-text.ts';
import { wrapText } from '../publish/text/wrap.ts';
import { VERSION } from '../version.ts';
import { parseEnter, renderEnterHelp } from './command-line.ts';
import { EnterError, enter } from './enter.ts';

/** As env(1) and chroot(1): the program itself failed, not what it ran. */
const COULD_NOT = 125;
const WRONG_USE = 64;

async function main(): Promise<number> {
  const asked = parseEnter(process.argv.slice(2), process.env);
  switch (asked.kind) {
    case 'version':
      process.stdout.write(`pausewatch-enter ${VERSION}\n`);
      return 0;
    case 'help':
      process.stdout.write(renderEnterHelp());
      return 0;
    case 'mistakes':
      for (const mistake of [...asked.mistakes, 'see pausewatch-enter --help']) say(mistake);
      return WRONG_USE;
    case 'enter':
      return await enter(asked.request, process.env, say);
    default:
      return asked satisfies never;
  }
}

const PREFIX = 'pausewatch-enter: ';
/** Narrower than this, words are broken by the terminal. */
const MIN_COLUMNS = 40;

/** One message for a person, a line where it fits the terminal; stdout is the command's. */
function say(message: string): void {
  const columns = process.stderr.isTTY ? Math.max(MIN_COLUMNS, process.stderr.columns || 80) : Number.POSITIVE_INFINITY;
  const lines = wrapText(visible(message), columns - PREFIX.length);
  process.stderr.write(lines.map((line, at) => `${at === 0 ? PREFIX : ' '.repeat(PREFIX.length)}${line}\n`).join(''));
}

try {
  process.exitCode = await main();
} catch (error) {
  const isExpected = error instanceof EnterError;
  const what = error instanceof Error ? error.message : String(error);
  say(isExpected ? what : `this is a bug in pausewatch-enter, please report it: ${what}`);
  process.exitCode = COULD_NOT;
}
