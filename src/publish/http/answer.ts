/** What the server sends back, and the headers every answer carries. */
import type { QueryError } from '../documents/filter.ts';
import { renderError } from '../documents/json.ts';
import { PAGE_CSP } from '../page/html.ts';
import { acceptsGzip, matchesTag } from './negotiate.ts';
import { type Body, createBody } from './publication.ts';

/** A whole HTTP answer. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Empty for HEAD and 304. */
  readonly body: Buffer;
}

/** Request headers as node:http gives them. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Types of bodies beside the metrics. */
export const JSON_TYPE = 'application/json; charset=utf-8';
const TEXT_TYPE = 'text/plain; charset=utf-8';
export const HTML_TYPE = 'text/html; charset=utf-8';

/** A body on its way out. */
export interface Content {
  readonly status: number;
  readonly type: string;
  readonly body: Body;
  /** Entity tag without quotes, equal only for equal bodies; undefined for what is not worth a comparison. */
  readonly tag?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Bodies smaller than this fit one packet either way. */
const MIN_GZIP_BYTES = 1_000;

/** A short text. */
export function textContent(status: number, text: string, headers: Readonly<Record<string, string>> = {}): Content {
  return { status, type: TEXT_TYPE, body: createBody(`${text}\n`), headers };
}

/** A JSON error. */
export function errorContent(
  status: number,
  code: string,
  message: string,
  extra: Readonly<Record<string, unknown>> = {},
  headers: Readonly<Record<string, string>> = {},
): Content {
  return { status, type: JSON_TYPE, body: createBody(renderError(code, message, extra)), headers };
}

/** The answer to a query that was not understood. */
export function queryErrorContent({ code, message, allowed }: QueryError): Content {
  return errorContent(400, code, message, { allowed });
}

/** Fits content to the request: 304, gzip, HEAD. */
export function answerWith(content: Content, method: string, headers: RequestHeaders): Answer {
  const tag = content.tag === undefined ? undefined : `W/"${content.tag}"`;
  const shared = { ...securityHeaders(content.type), ...content.headers, ...(tag === undefined ? {} : { etag: tag }) };
  if (tag !== undefined && matchesTag(headerOf(headers, 'if-none-match'), tag)) {
    return { status: 304, headers: shared, body: Buffer.alloc(0) };
  }
  const large = content.body.plain.length >= MIN_GZIP_BYTES;
  const zipped = large && acceptsGzip(headerOf(headers, 'accept-encoding'));
  const body = zipped ? content.body.gzip() : content.body.plain;
  return {
    status: content.status,
    headers: {
      ...shared,
      'content-type': content.type,
      'content-length': String(body.length),
      ...(zipped ? { 'content-encoding': 'gzip' } : {}),
    },
    body: method === 'HEAD' ? Buffer.alloc(0) : body,
  };
}

/** A header as one string. */
export function headerOf(headers: RequestHeaders, name: string): string | undefined {
  const value = headers[name];
  return value === undefined || typeof value === 'string' ? value : value.join(', ');
}

function securityHeaders(type: string): Record<string, string> {
  return {
    'cache-control': 'no-cache',
    vary: 'Accept, Accept-Encoding',
    'x-content-type-options': 'nosniff',
    'content-security-policy': type === HTML_TYPE ? PAGE_CSP : "default-src 'none'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
  };
}
