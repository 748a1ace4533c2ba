/** Prints what was measured against its limits. */

/** One measured value. Small is good. */
export interface Line {
  readonly what: string;
  readonly value: number;
  /** The most it may be. */
  readonly limit: number;
  readonly note: string;
}

/** Prints all lines; true when every value keeps its limit. */
export function printTable(lines: readonly Line[]): boolean {
  const width = Math.max(...lines.map(({ what }) => what.length));
  for (const { what, value, limit, note } of lines) {
    const verdict = value <= limit ? 'pass' : 'FAIL';
    const figures = `${round(value).padStart(8)}  at most ${round(limit).padStart(6)}`;
    process.stdout.write(`${verdict}  ${what.padEnd(width)} ${figures}   ${note}\n`);
  }
  return lines.every(({ value, limit }) => value <= limit);
}

function round(value: number): string {
  return value >= 20 ? value.toFixed(0) : value.toFixed(2);
}
