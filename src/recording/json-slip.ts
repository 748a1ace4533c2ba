/** Finds the place at which a text stops being JSON. The parser itself tells it for some mistakes only. */

/** ": it ends in the middle, …" or " at line 3, column 7"; to be called with text that is not JSON. */
export function describeSlip(text: string): string {
  if (couldGoOn(text)) return `: it ends in the middle, after ${text.length} characters (was it cut off?)`;
  const before = text.slice(0, findSlip(text)).split('\n');
  return ` at line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}

/** Index of the first character that cannot stand there: all shorter beginnings could still become JSON. */
function findSlip(text: string): number {
  let [good, bad] = [0, text.length];
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (couldGoOn(text.slice(0, middle))) good = middle;
    else bad = middle;
  }
  return good;
}

/** The beginning of JSON, or all of it: where there is a mistake, it is the end of the text. */
function couldGoOn(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    const said = error instanceof Error ? error.message : '';
    const at = /at position (\d+)/.exec(said)?.[1];
    return /end of JSON input|unterminated/i.test(said) || Number(at) >= text.trimEnd().length;
  }
}
