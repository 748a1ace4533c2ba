/** The pods on the page at `/`: one row each, problems on top, sorted and filtered by links and one small form. */

import type { PodView } from '../pods/pods.ts';
import { describeDuration, listImageFindings } from '../pods/summary.ts';
import { escapeHtml } from '../text/clean-text.ts';
import { podHref } from './html.ts';
import { type PageQuery, PLAIN_QUERY, pageHref, type Sort } from './page-query.ts';
import { arrangePods, moodOf, type PodsInOrder } from './pod-order.ts';

/** Rows on one page; beyond any node that the kubelet can run. */
const MAX_ROWS = 1_500;
/** From here on a limit is close. */
const HOT = 0.8;
/** Below this share there is nothing to see in a bar. */
const VISIBLE_SHARE = 0.02;

const COLUMNS: readonly (readonly [sort: Sort, words: string, kind: string])[] = [
  ['pod', 'Pod', ''],
  ['state', 'State', 'wide'],
  ['pause', 'Pause', ''],
  ['zombies', 'Zombies', 'n'],
  ['pids', 'PIDs', 'n'],
  ['age', 'Age', 'n wide'],
  ['problems', 'Problems', ''],
];

/** Heading, form and table. */
export function renderPods(list: PodsInOrder, nowMs: number, query: PageQuery): string {
  const { pods } = list;
  const arranged = arrangePods(list, query);
  const hasLimits = arranged.some((pod) => ownLimit(pod) !== undefined);
  const rows = arranged.slice(0, MAX_ROWS).map((pod) => renderRow(pod, nowMs));
  const cut =
    arranged.length > MAX_ROWS ? `<p class="dim">${arranged.length - MAX_ROWS} more: narrow the search.</p>` : '';
  const none = arranged.length === 0 ? '<tr><td colspan="7" class="dim">No pod fits.' : '';
  const caption = `${arranged.length} of ${pods.length} pods`;
  return `<h2>Pods</h2>
${renderForm(query)}
<div class="scroll" id="pods" data-live tabindex="0" role="region" aria-label="Pods"><table>
<caption class="sr">${caption}</caption>
<thead><tr>${COLUMNS.map((column) => renderHead(column, query, hasLimits)).join('')}</tr></thead>
<tbody>${rows.join('\n')}${none}</tbody>
</table></div>${cut}`;
}

function renderHead([sort, name, kind]: (typeof COLUMNS)[number], query: PageQuery, hasLimits: boolean): string {
  const words = sort === 'pids' && hasLimits ? `${name} / limit` : name;
  const isChosen = query.sort === sort;
  const reversed = isChosen && !query.reversed;
  const href = escapeHtml(pageHref(query, { sort, reversed }, '#pods'));
  const direction = query.reversed !== isDescending(sort) ? 'descending' : 'ascending';
  const mark = isChosen ? ` <span aria-hidden="true">${direction === 'ascending' ? '▲' : '▼'}</span>` : '';
  return `<th scope="col"${kind === '' ? '' : ` class="${kind}"`}${isChosen ? ` aria-sort="${direction}"` : ''}><a href="${href}">${words}${mark}</a></th>`;
}

/** Numbers begin with the largest; ages too, for the oldest sandbox was made first. */
function isDescending(sort: Sort): boolean {
  return sort === 'zombies' || sort === 'pids' || sort === 'age' || sort === 'problems';
}

function renderForm(query: PageQuery): string {
  const hidden = [
    ...(query.sort === PLAIN_QUERY.sort ? [] : [['sort', query.sort]]),
    ...(query.reversed ? [['order', 'reversed']] : []),
    ...(query.finding === undefined ? [] : [['finding', query.finding]]),
    ...(query.severity === undefined ? [] : [['severity', query.severity]]),
  ];
  const kept = hidden.map(([name, value]) => `<input type="hidden" name="${name}" value="${escapeHtml(value ?? '')}">`);
  const option = (value: string, words: string): string =>
    `<option value="${value}"${query.show === value ? ' selected' : ''}>${words}</option>`;
  const narrowed = query.finding ?? query.severity;
  const clear = narrowed === undefined ? '' : `<span>only <span class="tag">${narrowed}</span></span>`;
  const reset = pageHref(query) === '/' ? '' : '<a href="/#pods">Show all again</a>';
  return `<form class="filter" action="/#pods" role="search">${kept.join('')}
<label for="q">Namespace or name</label><input type="search" id="q" name="q" value="${escapeHtml(query.text)}" autocomplete="off" spellcheck="false">
<label for="show">Show</label><select id="show" name="show">${option('all', 'all pods')}${option('problems', 'problems only')}</select>
<button>Filter</button>${clear}${reset}<span id="shown" class="dim" role="status"></span></form>`;
}

/** Short on purpose, end tags included: a thousand of these are one page. */
function renderRow(pod: PodView, nowMs: number): string {
  const { namespace, name, shown, sandboxes, zombies } = pod;
  const view = shown ?? sandboxes[0];
  const pause = shown === undefined ? 'ended' : shown.pauseHealth;
  const age = view === undefined ? '?' : describeDuration(nowMs - view.createdAtMs);
  const more = sandboxes.length > 1 ? ` <i>(${sandboxes.length} sandboxes)</i>` : '';
  return `<tr><th scope="row"><a href="${escapeHtml(podHref(namespace, name))}"><i>${escapeHtml(namespace)}/</i>${escapeHtml(name)}</a>${more}<td class="wide">${view?.state ?? '?'}<td class="${pause}">${pause}<td class="n">${zombies ?? '?'}<td class="n">${renderPids(pod)}<td class="n wide">${age}<td>${renderProblems(pod)}`;
}

function renderPids({ pids, tightest }: PodView): string {
  if (pids === undefined) return '?';
  const { utilization = 0 } = tightest ?? {};
  const limit = ownLimit({ tightest });
  if (limit === undefined) return String(pids);
  const bar = utilization < VISIBLE_SHARE ? '' : renderBar(utilization);
  return `${pids} / ${limit}${bar}`;
}

/** The node's limit is the same for every pod, and stands on top of the page. */
function ownLimit({ tightest }: Pick<PodView, 'tightest'>): number | undefined {
  const isOwn = tightest?.limitFrom === 'container' || tightest?.limitFrom === 'pod';
  return isOwn ? tightest.limit : undefined;
}

function renderBar(share: number): string {
  const width = Math.round(Math.min(1, share) * 40);
  return `<svg class="u${share >= HOT ? ' hot' : ''}" viewBox="0 0 40 4" preserveAspectRatio="none" aria-hidden="true"><path d="M0 2h${width}"/></svg>`;
}

function renderProblems(pod: PodView): string {
  const own = new Map<string, string>();
  for (const { id, severity } of pod.findings) if (!own.has(id)) own.set(id, severity);
  const tags = [...own].map(([id, severity]) => `<span class="tag ${severity}">${id}</span>`);
  if (moodOf(pod) === 'unjudged') tags.push('<span class="tag">not judged</span>');
  const ofImage = new Set(listImageFindings(pod).map(({ id }) => id));
  return [...tags, ...[...ofImage].map((id) => `<span class="tag muted">image: ${id}</span>`)].join(' ');
}
