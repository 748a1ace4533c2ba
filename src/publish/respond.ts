/** Answers HTTP requests from what is already published: synchronous, and without access to any source. */
import { type AccessPolicy, refuseDetails } from './access.ts';
import {
  type Answer,
  answerWith,
  type Content,
  errorContent,
  HTML_TYPE,
  headerOf,
  type RequestHeaders,
  textContent,
} from './answer.ts';
import { findingsContent, sandboxContent, sandboxesContent } from './detail-routes.ts';
import { keepAgentBlocks, renderOpenMetrics, renderText } from './exposition.ts';
import { chooseFormat, METRICS_TYPES } from './negotiate.ts';
import { renderLandingPage } from './page.ts';
import { createBody, type Publication } from './publication.ts';
import { type Runbooks, renderRunbookPage } from './runbook.ts';

/** A request, as far as it is looked at. */
export interface Request {
  readonly method: string;
  /** Request target: path and query. */
  readonly url: string;
  readonly headers: RequestHeaders;
  readonly remoteAddress: string | undefined;
}

/** What there is to answer from. */
export interface Site {
  readonly publication: Publication | undefined;
  /** The last audit is older than three intervals. */
  readonly stale: boolean;
  /** The loop runs. */
  readonly alive: boolean;
  readonly access: AccessPolicy;
  /** `--web.telemetry-path`. */
  readonly telemetryPath: string;
  /** Prefix of runbook links. */
  readonly runbookBase: string;
  readonly runbooks: Runbooks;
  /** Interval of the audits, for Retry-After. */
  readonly intervalMs: number;
  readonly version: string;
  /** What is served is a recording: it is judged as of then. */
  readonly recorded?: boolean;
}

/** Answers one request; never throws for anything a client can send. */
export function respond(request: Request, site: Site): Answer {
  const { method, headers } = request;
  if (method !== 'GET' && method !== 'HEAD') {
    const content = textContent(405, 'Only GET and HEAD: pausewatch changes nothing.', { allow: 'GET, HEAD' });
    return answerWith(content, method, headers);
  }
  const target = parseTarget(request.url);
  const content =
    target === undefined
      ? errorContent(400, 'bad-url', 'The request target is not a valid URL.')
      : route(target.path, target.query, request, site);
  return answerWith(content, method, headers);
}

function route(path: string, query: URLSearchParams, request: Request, site: Site): Content {
  if (path === site.telemetryPath) return metricsContent(request, site);
  if (path === '/healthz')
    return site.alive ? textContent(200, 'ok') : textContent(503, 'The audit loop does not run.');
  if (path === '/readyz') return readyContent(site);
  if (path.startsWith('/runbooks/')) return runbookContent(path.slice('/runbooks/'.length), site);
  if (path === '/' || path === '/findings' || path === '/sandboxes' || path.startsWith('/sandboxes/')) {
    return detailsContent(path, query, request, site);
  }
  const known = [
    site.telemetryPath,
    '/sandboxes',
    '/sandboxes/<id>',
    '/findings',
    '/',
    '/runbooks/<id>',
    '/healthz',
    '/readyz',
  ];
  return errorContent(404, 'not-found', 'There is nothing at this path.', { allowed: known });
}

function detailsContent(path: string, query: URLSearchParams, request: Request, site: Site): Content {
  const { headers } = request;
  const forwarded = ['forwarded', 'x-forwarded-for', 'via'].some((name) => headers[name] !== undefined);
  const peer = { address: request.remoteAddress, host: headerOf(headers, 'host'), forwarded };
  const refusal = refuseDetails(site.access, peer);
  if (refusal !== undefined)
    return path === '/' ? textContent(403, refusal) : errorContent(403, 'details-refused', refusal);
  const { publication, runbookBase } = site;
  if (publication === undefined) return notYetContent(path, site);
  if (path === '/sandboxes') return sandboxesContent(publication, query, runbookBase);
  if (path === '/findings') return findingsContent(publication, query, runbookBase);
  if (path === '/') return landingContent(publication, site);
  return sandboxContent(publication, path.slice('/sandboxes/'.length), runbookBase);
}

function metricsContent({ headers }: Request, site: Site): Content {
  const { publication, stale } = site;
  if (publication === undefined) return notYetContent(site.telemetryPath, site);
  const format = chooseFormat(headerOf(headers, 'accept'));
  const name = `metrics ${format} ${stale ? 'stale' : 'fresh'}`;
  const body = publication.body(name, () => {
    const blocks = stale ? keepAgentBlocks(publication.blocks) : publication.blocks;
    return format === 'openmetrics' ? renderOpenMetrics(blocks) : renderText(blocks);
  });
  return {
    status: 200,
    type: METRICS_TYPES[format],
    body,
    tag: `${publication.tag}-${format}${stale ? '-stale' : ''}`,
  };
}

function readyContent(site: Site): Content {
  if (site.publication === undefined) return textContent(503, 'No audit has run yet.', retryAfter(site));
  return site.stale ? textContent(503, 'The last audit is older than three intervals.') : textContent(200, 'ready');
}

function notYetContent(path: string, site: Site): Content {
  const message = 'No audit has run yet; the first one is under way.';
  if (path === '/' || path === site.telemetryPath) return textContent(503, message, retryAfter(site));
  return errorContent(503, 'no-audit-yet', message, {}, retryAfter(site));
}

function landingContent(publication: Publication, site: Site): Content {
  const { stale, telemetryPath, runbookBase, version, recorded = false } = site;
  const body = publication.body(`page ${stale}`, () =>
    renderLandingPage(publication.report, { stale, telemetryPath, runbookBase, version, recorded }),
  );
  return { status: 200, type: HTML_TYPE, body, tag: `${publication.tag}-page${stale ? '-stale' : ''}` };
}

function runbookContent(id: string, { runbooks }: Site): Content {
  const page = renderRunbookPage(id, runbooks);
  if (page === undefined) return textContent(404, 'There is no finding of this name.');
  return { status: 200, type: HTML_TYPE, body: createBody(page) };
}

function retryAfter({ intervalMs }: Site): Record<string, string> {
  return { 'retry-after': String(Math.max(1, Math.ceil(intervalMs / 1000))) };
}

/** Path and query of "/path?query" or of "http://host/path?query"; undefined for anything else. */
function parseTarget(target: string): { readonly path: string; readonly query: URLSearchParams } | undefined {
  const absolute = target.startsWith('/') ? `http://node${target}` : target;
  if (!/^https?:\/\//i.test(absolute) || !URL.canParse(absolute)) return undefined;
  const { pathname, searchParams } = new URL(absolute);
  return { path: pathname, query: searchParams };
}
