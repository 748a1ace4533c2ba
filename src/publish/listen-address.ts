/** Reads `--web.listen-address`. */
import { isIP } from 'node:net';
import { isLoopbackAddress } from './access.ts';

/** Where to listen. */
export interface ListenAddress {
  /** Undefined: every address of the machine. */
  readonly host: string | undefined;
  /** 0 to 65535; 0 lets the kernel choose. */
  readonly port: number;
}

/** The server cannot listen; the message names the flag and says what to do. */
export class ListenError extends Error {
  /** `invalid`, or the code of the system: EADDRINUSE, EACCES, EADDRNOTAVAIL, ENOTFOUND. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ListenError';
    this.code = code;
  }
}

/** Reads ":10961", "127.0.0.1:0", "[::1]:10961", "localhost:10961"; throws a ListenError for anything else. */
export function parseListenAddress(text: string): ListenAddress {
  const parts = /^(?:\[([^\]]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text);
  const [, bracketed, plain, digits] = parts ?? [];
  const port = Number(digits);
  if (parts === null || port > 65_535 || (bracketed !== undefined && isIP(bracketed) !== 6)) {
    throw new ListenError(
      'invalid',
      `--web.listen-address ${JSON.stringify(text)} is not an address: write ":10961", "127.0.0.1:10961" or "[::1]:10961".`,
    );
  }
  return { host: bracketed ?? (plain === '' ? undefined : plain), port };
}

/** True when only this machine can reach the address. */
export function isLoopbackOnly({ host }: ListenAddress): boolean {
  return host !== undefined && (host.toLowerCase() === 'localhost' || isLoopbackAddress(host));
}

/** Puts a failure to listen into words. */
export function describeListenFailure(text: string, code: string | undefined, cause: unknown): ListenError {
  const known: Readonly<Record<string, string>> = {
    EADDRINUSE: 'something else listens there already; stop it or choose another port',
    EACCES: 'no permission for this port; choose one above 1023',
    EADDRNOTAVAIL: 'this machine has no such address',
    ENOTFOUND: 'this host name does not resolve',
  };
  const reason = known[code ?? ''] ?? (cause instanceof Error ? cause.message : String(cause));
  return new ListenError(code ?? 'unknown', `--web.listen-address ${JSON.stringify(text)}: ${reason}.`, { cause });
}
