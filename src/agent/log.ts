/** The log: to stderr, as JSON or logfmt, with nothing in it that could move a terminal's cursor. */
import { type Logger, pino } from 'pino';
import { visible } from '../publish/text/clean-text.ts';

/** How to log. */
export interface LogOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly format: 'json' | 'logfmt';
  /** Writes one line, its newline included. */
  readonly write: (line: string) => void;
}

/** Makes a logger. Lines of `warn` and above have a fixed message; what varies is in fields. */
export function createLogger({ level, format, write }: LogOptions): Logger {
  const stream = { write: (line: string) => write(format === 'json' ? line : toLogfmt(line)) };
  const options = {
    level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    messageKey: 'msg',
  };
  return pino(options, stream);
}

/** `time=… level=info msg="listening" url=http://…`; values that are not plain words are quoted. */
function toLogfmt(json: string): string {
  const { time, level, msg, ...fields } = JSON.parse(json) as Record<string, unknown>;
  const pairs = Object.entries({ time, level, msg, ...fields }).filter(([, value]) => value !== undefined);
  return `${pairs.map(([name, value]) => `${name}=${quote(value)}`).join(' ')}\n`;
}

function quote(value: unknown): string {
  const text = visible(typeof value === 'string' ? value : JSON.stringify(value));
  return /^[\w./:@+-]+$/.test(text) ? text : `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
}
