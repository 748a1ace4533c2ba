/** The page for people: the node at a glance. */
import { type Finding, SEVERITIES, type Subject } from '../core/finding.ts';
import type { AuditReport } from '../core/report.ts';
import { explain } from '../core/words/explain.ts';
import { escapeHtml } from './clean-text.ts';
import { renderPage } from './html.ts';
import { describeAge, describeSeverities, listBlindSpots, summarize } from './summary.ts';

/** What the landing page shows beside the report. */
export interface LandingOptions {
  readonly stale: boolean;
  readonly telemetryPath: string;
  readonly runbookBase: string;
  readonly version: string;
  /** The report is of a recording. */
  readonly recorded?: boolean;
}

/** The page at `/`. */
export function renderLandingPage(report: AuditReport, options: LandingOptions): string {
  const { node, takenAtMs } = report;
  const stale = options.stale
    ? '<p class="level">The last audit is older than three intervals: what follows may be over.</p>'
    : '';
  const recorded =
    options.recorded === true
      ? '<p class="level">This is a recording: it shows the node as it was then, not as it is now.</p>'
      : '';
  const body = `<h1>pausewatch on ${escapeHtml(node)}</h1>
<p class="lead">Watches the pause process under every pod of this node and names who does not reap. Version ${escapeHtml(options.version)}, audit of ${new Date(takenAtMs).toISOString()}.</p>
${recorded}${stale}${renderFacts(report)}
<h2>Findings</h2>
${renderFindingList(report, options.runbookBase)}
<h2>More</h2>
<p>${[options.telemetryPath, '/sandboxes', '/findings', '/healthz', '/readyz'].map(renderLink).join(' · ')}</p>`;
  return renderPage(`pausewatch: ${node}`, body);
}

/** What a finding is about, for people: a pod, an image, a runtime or the node. */
export function describeSubject({ kind, namespace, pod, image, runtimeEndpoint }: Subject): string {
  if (pod !== undefined) return namespace === undefined ? pod : `${namespace}/${pod}`;
  if (kind === 'image' && image !== undefined) return `image ${image}`;
  return runtimeEndpoint === undefined ? 'node' : `runtime ${runtimeEndpoint}`;
}

function renderFacts(report: AuditReport): string {
  const { pods, fine, notJudged, bySeverity, zombies } = summarize(report);
  const runtimes = report.runtimes.map(
    ({ name, version, endpoint, up }) => `${name} ${version} (${endpoint}): ${up ? 'up' : 'down'}`,
  );
  const rows: readonly (readonly [string, string])[] = [
    ['Runtimes', runtimes.join('; ') || 'none found'],
    ['Pods', `${fine} of ${pods} fine${notJudged > 0 ? `, ${notJudged} not judged` : ''}`],
    ['Zombies in pods', zombies === undefined ? 'not known yet' : String(zombies)],
    ['Findings', describeSeverities(bySeverity) || 'none'],
    ['Could not see', listBlindSpots(report).join('; ') || 'nothing: all sources answered'],
  ];
  return `<dl>${rows.map(([term, value]) => `<dt>${term}</dt><dd>${escapeHtml(value)}</dd>`).join('\n')}</dl>`;
}

function renderFindingList(report: AuditReport, runbookBase: string): string {
  if (report.findings.length === 0) return '<p>None.</p>';
  const worstFirst = [...report.findings].sort(
    (a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity),
  );
  return worstFirst.map((finding) => renderFinding(finding, report.takenAtMs, runbookBase)).join('\n');
}

function renderFinding(finding: Finding, nowMs: number, runbookBase: string): string {
  const { id, severity, subject } = finding;
  const { summary, remedy } = explain(finding);
  const container = subject.container === undefined ? '' : `, container ${subject.container}`;
  const href = escapeHtml(`${runbookBase.replace(/\/+$/, '')}/${id}`);
  return `<article class="${severity}">
<p><span class="level">${severity}</span> ${escapeHtml(describeSubject(subject) + container)}</p>
<p>${escapeHtml(summary)}</p>
<p>→ ${escapeHtml(remedy)}</p>
<p class="id"><a href="${href}">${id}</a>, ${escapeHtml(describeAge(finding, nowMs))}</p>
</article>`;
}

function renderLink(path: string): string {
  return `<a href="${escapeHtml(path)}">${escapeHtml(path)}</a>`;
}
