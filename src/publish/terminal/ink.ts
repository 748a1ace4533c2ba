/** Colours and signs of the terminal output. */
import type { Severity } from '../../core/finding.ts';

/** How things are drawn. */
export interface Ink {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly severity: (severity: Severity, text: string) => string;
  readonly good: (text: string) => string;
  readonly arrow: string;
  readonly dot: string;
  readonly ellipsis: string;
}

/** What the parts of one output are drawn on. */
export interface Canvas {
  /** Width of the terminal. */
  readonly columns: number;
  readonly ink: Ink;
  /** No sign beyond ASCII. */
  readonly ascii: boolean;
}

const SGR = { bold: 1, dim: 2, green: 32 } as const;
const SEVERITY_SGR: Readonly<Record<Severity, string>> = { critical: '1;31', warning: '33', info: '36' };

/** Ink with or without colours, with or without signs beyond ASCII. */
export function createInk(options: { readonly colour: boolean; readonly ascii: boolean }): Ink {
  const paint = (code: string | number, text: string) =>
    options.colour && text !== '' ? `\x1b[${code}m${text}\x1b[0m` : text;
  return {
    bold: (text) => paint(SGR.bold, text),
    dim: (text) => paint(SGR.dim, text),
    severity: (severity, text) => paint(SEVERITY_SGR[severity], text),
    good: (text) => paint(SGR.green, text),
    ...(options.ascii ? { arrow: '->', dot: '-', ellipsis: '...' } : { arrow: '→', dot: '·', ellipsis: '…' }),
  };
}
