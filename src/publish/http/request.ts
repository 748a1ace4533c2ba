/** A request as far as it is looked at: its target taken apart, and whether its peer may read details. */
import { type AccessPolicy, refuseDetails } from './access.ts';
import { headerOf, type RequestHeaders } from './answer.ts';

/** A request. */
export interface Request {
  readonly method: string;
  /** Request target: path and query. */
  readonly url: string;
  readonly headers: RequestHeaders;
  readonly remoteAddress: string | undefined;
}

/** Path and query of a request target. */
export interface Target {
  readonly path: string;
  readonly query: URLSearchParams;
}

/** Reads "/path?query" or "http://host/path?query"; undefined for anything else. */
export function parseTarget(target: string): Target | undefined {
  const absolute = target.startsWith('/') ? `http://node${target}` : target;
  if (!/^https?:\/\//i.test(absolute) || !URL.canParse(absolute)) return undefined;
  const { pathname, searchParams } = new URL(absolute);
  return { path: pathname, query: searchParams };
}

/** One line that says why this peer may not read details; undefined when it may. */
export function refusePeer({ headers, remoteAddress }: Request, access: AccessPolicy): string | undefined {
  const forwarded = ['forwarded', 'x-forwarded-for', 'via'].some((name) => headers[name] !== undefined);
  return refuseDetails(access, { address: remoteAddress, host: headerOf(headers, 'host'), forwarded });
}
