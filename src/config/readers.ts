/** Reads the text of an option as a value, or says what is wrong with it. */
import { isIPv6 } from 'node:net';

/** A value, or a sentence about the mistake that reads on from the flag's name; of a file there may be several. */
export type Reading<T> =
  | { readonly value: T }
  | { readonly mistake: string }
  | { readonly mistakes: readonly string[] };

/** Reads one text. */
export type Reader<T> = (text: string) => Reading<T>;

/** Any text but the empty one. */
export const text: Reader<string> = (it) => (it.trim() === '' ? { mistake: 'must not be empty' } : { value: it });

/** An absolute path. */
export const path: Reader<string> = (it) =>
  it.startsWith('/') ? { value: it } : { mistake: `must be an absolute path, not "${it}"` };

/** Paths that answer something else: publish/http has them. */
const TAKEN_PATHS = /^\/(healthz|readyz|findings|(sandboxes|pods|runbooks)(\/.*)?)?$/;

/** The path of the metrics: absolute, as a request would spell it, and nobody else's. */
export const telemetryPath: Reader<string> = (it) => {
  if (TAKEN_PATHS.test(it)) return { mistake: `must not be "${it}", where something else is served` };
  const asked = URL.canParse(it, 'http://node') ? new URL(it, 'http://node').pathname : undefined;
  return asked === it
    ? { value: it }
    : { mistake: `must be an absolute path without query, spelt as in a URL ("/metrics"), not "${it}"` };
};

/** An http(s) URL, without a slash at its end. */
export const url: Reader<string> = (it) =>
  URL.canParse(it) && /^https?:$/.test(new URL(it).protocol)
    ? { value: it.replace(/\/+$/, '') }
    : { mistake: `must be an http or https URL, not "${it}"` };

/** A whole number of at least 1. */
export const positiveInteger: Reader<number> = (it) => {
  const value = /^\d{1,15}$/.test(it) ? Number(it) : 0;
  return value >= 1 ? { value } : { mistake: `must be a whole number of at least 1, not "${it}"` };
};

/** A unix socket: `unix:///run/x.sock` or its bare path. Given back in the first form. */
export const endpoint: Reader<string> = (it) => {
  const socket = it.replace(/^unix:(\/\/)?(?=\/)/, '');
  return /^\/[^\0]+$/.test(socket)
    ? { value: `unix://${socket}` }
    : { mistake: `must be a unix socket ("unix:///run/containerd/containerd.sock"), not "${it}"` };
};

/** Host and port to listen on. */
export interface ListenAddress {
  /** Undefined for every address of the host. */
  readonly host: string | undefined;
  /** 0 to 65535; 0 lets the system choose. */
  readonly port: number;
}

/** ":10961", "127.0.0.1:10961", "[::1]:10961". */
export const listenAddress: Reader<ListenAddress> = (it) => {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]*)):(\d{1,5})$/.exec(it);
  const port = Number(match?.[3] ?? Number.NaN);
  const isAddress = match?.[1] === undefined || isIPv6(match[1]);
  if (match === null || !isAddress || port > 65_535) return { mistake: `must be "host:port" or ":port", not "${it}"` };
  return { value: { host: match[1] ?? (match[2] || undefined), port } };
};

/** One of a few words. */
export function oneOf<const W extends string>(words: readonly W[]): Reader<W> {
  return (it) => {
    const value = words.find((word) => word === it);
    return value === undefined ? { mistake: `must be one of ${words.join(', ')}, not "${it}"` } : { value };
  };
}

const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/** A duration with its unit ("500ms", "15s", "2m"), read as milliseconds. */
export function duration(minimumMs: number, maximumMs: number): Reader<number> {
  return (it) => {
    const match = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h)$/.exec(it);
    if (match === null) return { mistake: `must be a duration with its unit ("500ms", "15s", "2m"), not "${it}"` };
    const unit = match[2] as keyof typeof UNIT_MS;
    const value = Number(match[1]) * UNIT_MS[unit];
    const fits = value >= minimumMs && value <= maximumMs;
    return fits ? { value } : { mistake: `must be between ${minimumMs}ms and ${maximumMs / 1000}s, not "${it}"` };
  };
}
