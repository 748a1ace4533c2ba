/** The top of the page at `/`: the verdict in one line, a square for every pod, and the few numbers of the node. */
import type { Finding } from '../../core/finding.ts';
import type { AuditReport, PauseImagesView } from '../../core/report.ts';
import { describeFault, listFaultMessages } from '../pods/fault-messages.ts';
import type { PodView } from '../pods/pods.ts';
import { describeSeverities, listBlindSpots, type Summary } from '../pods/summary.ts';
import { escapeHtml } from '../text/clean-text.ts';
import { podHref, renderLink } from './html.ts';
import { PLAIN_QUERY, pageHref } from './page-query.ts';
import { arrangePods, moodOf, type PodMood } from './pod-order.ts';

/** Class and words of each mood, in the order of the legend. */
const LEGEND: readonly (readonly [mood: PodMood, fill: string, words: string])[] = [
  ['critical', 'critical', 'critical'],
  ['warning', 'warning', 'warning'],
  ['info', 'info', 'info'],
  ['unjudged', 'none', 'not judged'],
  ['fine', 'good', 'fine'],
];

/** Room of one square, its gap included. */
const CELL = 12;
/** Squares with a name and a link; beyond that there are more than one can aim at, and the page would grow heavy. */
const MAX_LINKED = 300;

/** Pods, findings, zombies and tasks as large numbers. */
export function renderTiles(report: AuditReport, summary: Summary): string {
  const { pods, fine, withFindings, notJudged, bySeverity } = summary;
  const found = bySeverity.critical + bySeverity.warning + bySeverity.info;
  const tiles = [
    tile('Pods fine', `${fine} <small>of ${pods}</small>`, podWords(withFindings, notJudged)),
    tile('Findings', String(found), escapeHtml(describeSeverities(bySeverity) || 'none')),
    zombieTile(report, summary),
    pidsTile(report),
    runtimeTile(report),
  ];
  return `<div class="tiles">${tiles.join('\n')}</div>`;
}

function tile(name: string, value: string, note: string, bar = ''): string {
  return `<div class="card tile"><span class="name">${name}</span><b>${value}</b><p>${note}</p>${bar}</div>`;
}

function podWords(withFindings: number, notJudged: number): string {
  const parts = [
    ...(withFindings > 0
      ? [renderLink(pageHref(PLAIN_QUERY, { show: 'problems' }, '#pods'), `${withFindings} with findings`)]
      : []),
    ...(notJudged > 0 ? [`${notJudged} not judged`] : []),
  ];
  return parts.join(', ') || 'all judged';
}

function zombieTile({ nodeView }: AuditReport, { zombies }: Summary): string {
  if (nodeView.zombies === undefined) return tile('Zombies in pods', '?', 'known after the second look');
  const { runtime, host, unattributed } = nodeView.zombies;
  const others = [
    ...(runtime > 0 ? [`${runtime} under the runtime`] : []),
    ...(host + unattributed > 0 ? [`${host + unattributed} elsewhere`] : []),
  ];
  return tile('Zombies in pods', String(zombies ?? '?'), others.join(', ') || 'and none elsewhere on the node');
}

function pidsTile({ nodeView: { pids, pidsLimit } }: AuditReport): string {
  if (pids === undefined) return tile('Tasks of the node', '?', '/proc could not be read');
  if (pidsLimit === undefined)
    return tile('Tasks of the node', String(pids), 'the limit of the node is not known here');
  const share = Math.min(1, pids / Math.max(1, pidsLimit));
  const colour = share >= 0.8 ? 'critical' : share >= 0.6 ? 'warning' : 'good';
  const bar = `<svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect class="fill-${colour}" width="${Math.max(0.5, share * 100).toFixed(1)}" height="6"/></svg>`;
  return tile('Tasks of the node', String(pids), `${percent(share)} of ${pidsLimit}`, bar);
}

function percent(share: number): string {
  return `${share < 0.1 ? (share * 100).toFixed(1) : Math.round(share * 100)} %`;
}

function runtimeTile({ runtimes }: AuditReport): string {
  const [first, ...others] = runtimes;
  if (first === undefined) return tile('Runtime', 'none', '<span class="dead">no container runtime was found</span>');
  const words = [first, ...others].map(
    ({ endpoint, up }) =>
      `${up ? '<span class="tag good">up</span>' : '<span class="tag critical">down</span>'} ${escapeHtml(endpoint.replace(/^unix:\/\//, ''))}`,
  );
  const name = `${escapeHtml(first.name || 'unknown')} <small>${escapeHtml(first.version)}</small>`;
  const title = others.length > 0 ? `Runtimes (${runtimes.length})` : 'Runtime';
  return tile(title, name, words.join('<br>')).replace('card tile', 'card tile words');
}

/** One square per pod, worst first: a thousand pods in one glance, each of the worst with its name and a way to its page. */
export function renderPodMap(pods: readonly PodView[], findings: readonly Finding[]): string {
  const going = arrangePods({ pods, findings }, PLAIN_QUERY).filter((pod) => moodOf(pod) !== 'over');
  if (going.length === 0) return '';
  const columns = Math.max(24, Math.ceil(Math.sqrt(going.length * 9)));
  const squares = new Map<PodMood, string>();
  const counts = new Map<PodMood, number>();
  for (const [index, pod] of going.entries()) {
    const mood = moodOf(pod);
    const path = `<path d="M${(index % columns) * CELL} ${Math.floor(index / columns) * CELL}h10v10h-10z"/>`;
    squares.set(mood, (squares.get(mood) ?? '') + (index < MAX_LINKED ? renderSquare(pod, path) : path));
    counts.set(mood, (counts.get(mood) ?? 0) + 1);
  }
  const drawn = LEGEND.filter(([mood]) => counts.has(mood));
  const height = Math.ceil(going.length / columns) * CELL;
  const shapes = drawn.map(([mood, fill]) => `<g class="fill-${fill}">${squares.get(mood)}</g>`).join('');
  const legend = drawn.map(
    ([mood, fill, words]) =>
      `<span><svg viewBox="0 0 10 10" aria-hidden="true"><path class="fill-${fill}" d="M0 0h10v10h-10z"/></svg>${counts.get(mood)} ${words}</span>`,
  );
  return `<div class="card"><svg class="map" viewBox="0 0 ${columns * CELL} ${height}" preserveAspectRatio="xMinYMin meet" aria-hidden="true">${shapes}</svg>
<div class="legend">Pods by worst finding: ${legend.join('')}</div></div>`;
}

/** For the mouse alone: who uses a keyboard or hears the page finds the counts in the legend and the same links in the table. */
function renderSquare({ namespace, name, findings }: PodView, path: string): string {
  const worst = findings[0]?.id;
  const title = `${namespace}/${name}${worst === undefined ? '' : `: ${worst}`}`;
  return `<a href="${escapeHtml(podHref(namespace, name))}" tabindex="-1"><title>${escapeHtml(title)}</title>${path}</a>`;
}

/** What some source could not show; empty when all answered. */
export function renderBlindSpots(report: AuditReport): string {
  const blind = listBlindSpots(report);
  if (blind.length === 0) return '';
  const items = listFaultMessages(report.sources)
    .slice(0, 20)
    .map((message) => `<li>${escapeHtml(describeFault(message))}</li>`);
  return `<details class="notice"><summary>Could not see: ${escapeHtml(blind.join('; '))}</summary><ul>${items.join('')}</ul></details>`;
}

/** The pause images in use, a row each. */
export function renderPauseImages(views: readonly PauseImagesView[]): string {
  const rows = views.flatMap(({ images }) => images);
  if (rows.length === 0) return '<p class="dim">The runtime tells of none.</p>';
  const cells = rows.map(({ image, imageId, sandboxes, configured, pinned, sizeBytes }) => {
    const id =
      imageId === undefined
        ? '<span class="tag warning">not on the node</span>'
        : `<span class="id">${escapeHtml(imageId.replace(/^sha256:/, '').slice(0, 12))}</span>`;
    const marks = [
      ...(configured ? ['<span class="tag good">configured</span>'] : []),
      ...(pinned === true ? ['<span class="tag">pinned</span>'] : []),
    ];
    const size = sizeBytes === undefined ? '?' : `${Math.round(sizeBytes / 1024)} KiB`;
    return `<tr><th scope="row">${escapeHtml(image.ref)} ${marks.join(' ')}</th><td>${escapeHtml(image.version ?? '?')}</td><td class="n">${sandboxes}</td><td class="n wide">${size}</td><td class="wide">${id}</td></tr>`;
  });
  return `<div class="scroll" tabindex="0" role="region" aria-label="Pause images"><table><thead><tr><th scope="col">Image</th><th scope="col">Version</th><th scope="col" class="n">Sandboxes</th><th scope="col" class="n wide">Size</th><th scope="col" class="wide">Id</th></tr></thead><tbody>${cells.join('\n')}</tbody></table></div>`;
}
