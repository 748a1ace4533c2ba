/** Answers /pods/<namespace>/<name>: the one resource that is made, and looks at the node, when a person asks for it. */
import { type DeepSandbox, deepen } from '../../core/deepen.ts';
import { findSimilar } from '../../core/find-sandbox.ts';
import { LOOK_ASPECTS, type LookAspect, type LookAtPod } from '../../core/pod-look.ts';
import type { AuditReport } from '../../core/report.ts';
import { podDocument } from '../documents/pod-document.ts';
import { renderNoSuchPod, renderPodPage } from '../page/pod-page.ts';
import { listPods, type PodView } from '../pods/pods.ts';
import {
  type Answer,
  answerWith,
  type Content,
  errorContent,
  HTML_TYPE,
  headerOf,
  JSON_TYPE,
  queryErrorContent,
} from './answer.ts';
import { createBody, type Publication } from './publication.ts';
import { parseTarget, type Request, refusePeer } from './request.ts';
import { notYetContent, type Site } from './respond.ts';

/** Sandboxes of one pod that are shown; a pod that crashes in a loop leaves a few behind. */
const MAX_SANDBOXES = 5;
/** Pods named when the one asked for is not there. */
const MAX_CANDIDATES = 20;

/** What there is to answer from, and the eyes to look closer with. */
export interface PodSite extends Site {
  /** Undefined for a recording: nobody can look any more. */
  readonly lookAtPod: LookAtPod | undefined;
}

/** True for requests that are answered here. */
export function isPodRequest(url: string): boolean {
  const path = parseTarget(url)?.path;
  return path === '/pods' || path?.startsWith('/pods/') === true;
}

/** Answers; never rejects for anything a client can send. */
export async function respondPod(request: Request, site: PodSite): Promise<Answer> {
  return answerWith(await podContent(request, site), request.method, request.headers);
}

async function podContent(request: Request, site: PodSite): Promise<Content> {
  const refusal = refusePeer(request, site.access);
  if (refusal !== undefined) return errorContent(403, 'details-refused', refusal);
  const target = parseTarget(request.url);
  const { publication } = site;
  if (target === undefined || publication === undefined) return notYetContent(target?.path ?? '/pods', site);
  const asked = parseQuery(target.query);
  if ('status' in asked) return asked;
  const wanted = parsePath(target.path);
  const pod = listPods(publication.report).find(({ namespace, name }) => `${namespace}/${name}` === wanted);
  const asJson = asked.format === 'json';
  if (pod === undefined) return noSuchPod(publication.report, wanted, asJson || !acceptsHtml(request));
  const sandboxes = await lookDeep(pod, publication, asked.aspects, site.lookAtPod);
  if (asJson) {
    const text = `${JSON.stringify(podDocument(publication.report, sandboxes, site.runbookBase))}\n`;
    return { status: 200, type: JSON_TYPE, body: createBody(text) };
  }
  return { status: 200, type: HTML_TYPE, body: createBody(renderPodPage(publication.report, sandboxes, site)) };
}

async function lookDeep(
  pod: PodView,
  publication: Publication,
  aspects: ReadonlySet<LookAspect>,
  lookAtPod: LookAtPod | undefined,
): Promise<readonly DeepSandbox[]> {
  const views = pod.sandboxes.slice(0, MAX_SANDBOXES);
  return deepen({ views, source: publication.depth, aspects, lookAtPod });
}

interface Asked {
  readonly format: 'html' | 'json';
  readonly aspects: ReadonlySet<LookAspect>;
}

function parseQuery(query: URLSearchParams): Asked | Content {
  const aspects = new Set<LookAspect>();
  let format: Asked['format'] = 'html';
  for (const [name, value] of query) {
    if (name === 'format' && (value === 'html' || value === 'json')) format = value;
    else if (name === 'look') {
      for (const word of value.split(',')) {
        const aspect = LOOK_ASPECTS.find((it) => it === word);
        if (aspect === undefined) return refuseValue(name, value, LOOK_ASPECTS);
        aspects.add(aspect);
      }
    } else if (name === 'format') return refuseValue(name, value, ['html', 'json']);
    else {
      const message = `There is no parameter "${name}" here.`;
      return queryErrorContent({ code: 'unknown-parameter', message, allowed: ['look', 'format'] });
    }
  }
  return { format, aspects };
}

function refuseValue(name: string, value: string, allowed: readonly string[]): Content {
  return queryErrorContent({ code: 'unknown-value', message: `"${name}" cannot be "${value}".`, allowed });
}

/** "namespace/name" of "/pods/namespace/name", as written where it is not valid percent-encoding. */
function parsePath(path: string): string {
  const parts = path.slice('/pods/'.length).split('/');
  try {
    return parts.map(decodeURIComponent).join('/');
  } catch {
    return parts.join('/');
  }
}

function noSuchPod(report: AuditReport, wanted: string, asJson: boolean): Content {
  const candidates = findSimilar(wanted, listPods(report))
    .slice(0, MAX_CANDIDATES)
    .map(({ namespace, name }) => ({ namespace, name }));
  if (!asJson) return { status: 404, type: HTML_TYPE, body: createBody(renderNoSuchPod(wanted, candidates)) };
  return errorContent(404, 'no-such-pod', 'No pod of this namespace and name is on this node.', { candidates });
}

function acceptsHtml({ headers }: Request): boolean {
  return headerOf(headers, 'accept')?.includes('text/html') === true;
}
