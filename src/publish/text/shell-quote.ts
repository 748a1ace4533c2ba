/** Quotes words for a POSIX shell, so that a name somebody else chose can stand in a command that a person copies. */
import { visible } from './clean-text.ts';

/** Needs no quotes in any shell, and is no option. */
const SAFE = /^[A-Za-z0-9_./:@%+,][A-Za-z0-9_./:@%+,=-]*$/;

/**
 * One word of a command; undefined for text that cannot be shown as it is (control characters and the like), since
 * what a person then copies would be another word.
 */
export function shellWord(text: string): string | undefined {
  if (text === '' || visible(text) !== text) return undefined;
  return SAFE.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A command with words filled in; undefined when one of them cannot be. */
export function shellCommand(parts: TemplateStringsArray, ...words: readonly string[]): string | undefined {
  let command = parts[0] ?? '';
  for (const [index, word] of words.entries()) {
    const quoted = shellWord(word);
    if (quoted === undefined) return undefined;
    command += quoted + (parts[index + 1] ?? '');
  }
  return command;
}
