/** Where the server listens (`--web.listen-address`), and what a failure to do so means. */
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
  /** Code of the system: EADDRINUSE, EACCES, EADDRNOTAVAIL, ENOTFOUND. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ListenError';
    this.code = code;
  }
}

/** The address as it would be typed: ":10961", "127.0.0.1:10961", "[::1]:10961". */
function formatListenAddress({ host, port }: ListenAddress): string {
  return `${host !== undefined && isIP(host) === 6 ? `[${host}]` : (host ?? '')}:${port}`;
}

/** True when only this machine can reach the address. */
export function isLoopbackOnly({ host }: ListenAddress): boolean {
  return host !== undefined && (host.toLowerCase() === 'localhost' || isLoopbackAddress(host));
}

/** Puts a failure to listen into words. */
export function describeListenFailure(address: ListenAddress, code: string | undefined, cause: unknown): ListenError {
  const known: Readonly<Record<string, string>> = {
    EADDRINUSE: 'something else listens there already; stop it or choose another port',
    EACCES: 'no permission for this port; choose one above 1023',
    EADDRNOTAVAIL: 'this machine has no such address',
    ENOTFOUND: 'this host name does not resolve',
  };
  const text = formatListenAddress(address);
  const reason = known[code ?? ''] ?? (cause instanceof Error ? cause.message : String(cause));
  return new ListenError(code ?? 'unknown', `--web.listen-address ${JSON.stringify(text)}: ${reason}.`, { cause });
}
