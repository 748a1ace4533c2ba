/** The page for people: the node at a glance. */
import type { AuditReport } from '../../core/report.ts';
import { listPods } from '../pods/pods.ts';
import { describeFine, describeTime, type Summary, summarize } from '../pods/summary.ts';
import { escapeHtml } from '../text/clean-text.ts';
import { renderPage } from './html.ts';
import { renderBlindSpots, renderPauseImages, renderPodMap, renderTiles } from './landing-facts.ts';
import { renderFindings } from './landing-findings.ts';
import { renderPods } from './landing-pods.ts';
import { type PageQuery, PLAIN_QUERY } from './page-query.ts';

/** What the landing page shows beside the report. */
export interface LandingOptions {
  readonly stale: boolean;
  readonly telemetryPath: string;
  readonly runbookBase: string;
  readonly version: string;
  /** The report is of a recording. */
  readonly recorded?: boolean;
  /** As it comes without a query, when not given. */
  readonly query?: PageQuery;
}

/** What every page says when the agent has fallen behind. */
export const STALE_NOTICE =
  '<p class="notice"><strong>The last audit is older than three intervals</strong>: what follows may be over.</p>';

/** What stands below the heading of every page: when the node was looked at, and whether that was now. */
export function renderTime(takenAtMs: number, recorded: boolean): string {
  const time = `<time datetime="${new Date(takenAtMs).toISOString()}">${describeTime(takenAtMs)}</time>`;
  return recorded
    ? `<p class="notice">This is a recording, taken ${time}: it shows the node as it was then, not as it is now; PIDs are those of that node.</p>`
    : `<p class="dim">Audit of ${time}</p>`;
}

/** For those who come here without having read anything else. */
const INTRODUCTION =
  'Each pod is held up by a small process, <em>pause</em>. Here is how those of this node are, and which dead processes (zombies) nobody collects.';

/** The page at `/`. */
export function renderLandingPage(report: AuditReport, options: LandingOptions): string {
  const { node, takenAtMs, findings } = report;
  const { query = PLAIN_QUERY, runbookBase, telemetryPath } = options;
  const pods = listPods(report);
  const summary = summarize(report, pods);
  const body = `<h1>${escapeHtml(node)}</h1>
<p class="dim">${INTRODUCTION}</p>
<div id="glance" data-live>
${renderTime(takenAtMs, options.recorded === true)}
${options.stale ? STALE_NOTICE : ''}<p><strong>${verdict(summary)}</strong></p>
${renderTiles(report, summary)}
${renderPodMap(pods, findings)}
${renderBlindSpots(report)}
<h2 id="findings">Findings</h2>
${renderFindings(findings, takenAtMs, query, runbookBase)}
</div>
${renderPods({ pods, findings }, takenAtMs, query)}
<h2>Pause images</h2>
${renderPauseImages(report.pauseImages)}`;
  const links = [telemetryPath, '/sandboxes', '/findings', '/healthz', '/readyz'].map((path) => [path, path] as const);
  const footer = `pausewatch ${escapeHtml(options.version)}. It only looks: nothing on this page changes anything.${options.recorded === true ? '' : ' <button id="again" type="button" hidden>Stop refreshing</button>'}`;
  return renderPage({ title: `pausewatch: ${node}`, body, links, footer });
}

function verdict(summary: Summary): string {
  const { pods, notJudged, withFindings } = summary;
  if (pods === 0) return 'No pods.';
  const judged = notJudged > 0 ? `, ${notJudged} not judged` : '';
  return `${describeFine(summary)}${judged}${withFindings > 0 ? `, ${withFindings} with findings` : ''}.`;
}
