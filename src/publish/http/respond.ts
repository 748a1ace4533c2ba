/** Answers HTTP requests from what is already published: synchronous, and without access to any source. */

import { keepAgentBlocks, renderOpenMetrics, renderText } from '../metrics/exposition.ts';
import { renderLandingPage } from '../page/page.ts';
import { pageHref, parsePageQuery } from '../page/page-query.ts';
import { type Runbooks, renderRunbookPage } from '../page/runbook.ts';
import type { AccessPolicy } from './access.ts';
import {
  type Answer,
  answerWith,
  type Content,
  errorContent,
  HTML_TYPE,
  headerOf,
  queryErrorContent,
  textContent,
} from './answer.ts';
import { findingsContent, sandboxContent, sandboxesContent } from './detail-routes.ts';
import { chooseFormat, METRICS_TYPES } from './negotiate.ts';
import { createBody, type Publication } from './publication.ts';
import { parseTarget, type Request, refusePeer } from './request.ts';

/** What there is to answer from. */
export interface Site {
  readonly publication: Publication | undefined;
  /** The last audit is older than three intervals. */
  readonly stale: boolean;
  /** The loop runs: audits are published, whatever they could see, or the first is under way. */
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
    return site.alive
      ? textContent(200, 'ok')
      : textContent(503, 'No audit has been published for more than ten minutes: the loop does not run.');
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
    '/pods/<namespace>/<name>',
    '/runbooks/<id>',
    '/healthz',
    '/readyz',
  ];
  return errorContent(404, 'not-found', 'There is nothing at this path.', { allowed: known });
}

function detailsContent(path: string, query: URLSearchParams, request: Request, site: Site): Content {
  const refusal = refusePeer(request, site.access);
  if (refusal !== undefined)
    return path === '/' ? textContent(403, refusal) : errorContent(403, 'details-refused', refusal);
  const { publication, runbookBase } = site;
  if (publication === undefined) return notYetContent(path, site);
  if (path === '/sandboxes') return sandboxesContent(publication, query, runbookBase);
  if (path === '/findings') return findingsContent(publication, query, runbookBase);
  if (path === '/') return landingContent(publication, query, site);
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

/** The answer before the first audit. */
export function notYetContent(path: string, site: Site): Content {
  const message = 'No audit has run yet; the first one is under way.';
  if (path === '/' || path === site.telemetryPath) return textContent(503, message, retryAfter(site));
  return errorContent(503, 'no-audit-yet', message, {}, retryAfter(site));
}

/** Only the page without a query is kept: searches are many, and each would hold on to a page of its own. */
function landingContent(publication: Publication, parameters: URLSearchParams, site: Site): Content {
  const parsed = parsePageQuery(parameters);
  if ('error' in parsed) return queryErrorContent(parsed.error);
  const { query } = parsed;
  const { stale, telemetryPath, runbookBase, version, recorded = false } = site;
  const options = { stale, telemetryPath, runbookBase, version, recorded, query };
  const render = () => renderLandingPage(publication.report, options);
  const isPlain = pageHref(query) === '/';
  const body = isPlain ? publication.body(`page ${stale}`, render) : createBody(render());
  const tag = { tag: `${publication.tag}-page${stale ? '-stale' : ''}` };
  return { status: 200, type: HTML_TYPE, body, ...(isPlain ? tag : {}) };
}

function runbookContent(id: string, { runbooks }: Site): Content {
  const page = renderRunbookPage(id, runbooks);
  if (page === undefined) return textContent(404, 'There is no finding of this name.');
  return { status: 200, type: HTML_TYPE, body: createBody(page) };
}

function retryAfter({ intervalMs }: Site): Record<string, string> {
  return { 'retry-after': String(Math.max(1, Math.ceil(intervalMs / 1000))) };
}
