/** Makes text that others wrote (process names, pod names, error messages) safe to show: on a terminal, in HTML, as a label. */

/** Controls, invisible format characters (bidi overrides among them), lone surrogates, private use, line separators. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu;

/** Characters that take two columns of a terminal: East Asian wide forms and emoji. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

/** Nothing to clean: nearly every name there is, and twenty times quicker to tell than by the classes above. */
const PLAIN = /^[ -~]*$/;

/** Shows every character that could move the cursor, hide or reorder text as an escape: `\x1b`, `\u{202e}`. */
export function visible(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(UNSAFE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}

/** The same text for a terminal that knows ASCII only, column for column as far as that goes. */
export function asciiOnly(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replace(/[^\u0000-\u007f]/gu, (character) => ASCII_LIKENESS[character] ?? '?');
}

const ASCII_LIKENESS: Readonly<Record<string, string>> = { '…': '.', '’': "'", '–': '-', '×': 'x', '→': '>', '·': '-' };

/** Text for an HTML element or a quoted attribute. */
export function escapeHtml(text: string): string {
  return visible(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Columns of a terminal that cleaned text takes. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** Cuts cleaned text in its middle, where the names of pods say least: both the workload and the hash stay readable. */
export function shortenMiddle(text: string, width: number, ellipsis: string): string {
  if (textWidth(text) <= width) return text;
  const room = Math.max(0, width - ellipsis.length);
  const tail = takeWidth(Array.from(text).toReversed(), Math.floor(room / 3));
  const head = takeWidth(Array.from(text), room - Math.floor(room / 3));
  return `${head.join('')}${width > 0 ? ellipsis : ''}${tail.toReversed().join('')}`;
}

/** Cuts cleaned text at its end. */
export function shortenEnd(text: string, width: number, ellipsis: string): string {
  if (textWidth(text) <= width) return text;
  return takeWidth(Array.from(text), Math.max(0, width - ellipsis.length)).join('') + ellipsis;
}

function takeWidth(characters: readonly string[], width: number): string[] {
  const taken: string[] = [];
  let used = 0;
  for (const character of characters) {
    used += characterWidth(character);
    if (used > width) break;
    taken.push(character);
  }
  return taken;
}

function characterWidth(character: string): number {
  if (character >= ' ' && character <= '~') return 1;
  if (/\p{M}/u.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
