/** Asks the responder without a socket: a site that has published the busy node, and a short way to ask it. */
import type { AuditReport } from '../../src/core/report.ts';
import type { AccessPolicy } from '../../src/publish/http/access.ts';
import { createPublication, type Publication } from '../../src/publish/http/publication.ts';
import type { Request } from '../../src/publish/http/request.ts';
import { respond, type Site } from '../../src/publish/http/respond.ts';
import { createLedger } from '../../src/publish/metrics/ledger.ts';
import { renderMetrics } from '../../src/publish/metrics/metrics.ts';
import { BUSY_NODE } from './busy-node.ts';
import { METRICS_OPTIONS, STATS } from './metrics-builder.ts';

export const ACCESS: AccessPolicy = {
  details: 'auto',
  loopbackOnly: false,
  nodeName: 'Worker-7',
  externalUrl: undefined,
};
const busy = await publicationOf(BUSY_NODE);

/** What is published of a report. */
export async function publicationOf(one: AuditReport, sequence = 1): Promise<Publication> {
  return createPublication(one, await renderMetrics(one, STATS, createLedger(), METRICS_OPTIONS), sequence);
}

/** A site with the busy node published. */
export function site(overrides: Partial<Site> = {}): Site {
  return {
    publication: busy,
    stale: false,
    alive: true,
    access: ACCESS,
    telemetryPath: '/metrics',
    runbookBase: '/runbooks',
    runbooks: {},
    intervalMs: 15_000,
    version: '0.1.0',
    ...overrides,
  };
}

/** Asks as a loopback peer would. */
export function ask(url: string, headers: Request['headers'] = {}, from: Partial<Request> = {}, at: Site = site()) {
  const {
    status,
    headers: answered,
    body,
  } = respond({ method: 'GET', url, headers, remoteAddress: '127.0.0.1', ...from }, at);
  return { status, headers: answered, text: body.toString('utf8'), body };
}
