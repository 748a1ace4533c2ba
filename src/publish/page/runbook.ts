/** The page of one finding: what the catalog has fixed about it, and the words of its runbook. */
import { CATALOG, type CatalogEntry } from '../../core/catalog/catalog.ts';
import { EVIDENCE } from '../../core/evidence/evidence.ts';
import { describeDuration } from '../pods/summary.ts';
import { escapeHtml } from '../text/clean-text.ts';
import { renderPage } from './html.ts';
import { renderMarkdown } from './markdown.ts';

/** The words of the runbooks by finding id: Markdown that begins with "## Meaning". */
export type Runbooks = Readonly<Record<string, string>>;

/** The page of one finding; undefined when there is no such finding. Without its words it tells what the catalog knows. */
export function renderRunbookPage(id: string, runbooks: Runbooks): string | undefined {
  const entry = CATALOG.find((candidate) => candidate.id === id);
  if (entry === undefined) return undefined;
  const { title, meaning } = entry;
  const words = Object.hasOwn(runbooks, id) ? runbooks[id] : undefined;
  const facts = factsOf(entry).map(([term, fact]) => `<dt>${term}</dt><dd>${escapeHtml(fact)}</dd>`);
  const evidence = Object.entries(EVIDENCE[entry.id]).map(
    ([key, what]) => `<dt><code>${escapeHtml(key)}</code></dt><dd>${escapeHtml(what)}</dd>`,
  );
  const body = `<h1>${escapeHtml(title)}</h1>
<p class="id">${escapeHtml(id)}</p>
<p>The remedy that fits your case, with PIDs and names filled in, stands beside each finding: on the <a href="/?finding=${encodeURIComponent(id)}">page of the node</a>, in <a href="/findings?finding=${encodeURIComponent(id)}">/findings</a> and in <code>pausewatch scan</code>.</p>
<dl>${facts.join('\n')}</dl>
${renderMarkdown(words ?? `## Meaning\n\n${meaning}`)}
<h2>Evidence</h2>
<dl>${evidence.join('\n')}</dl>`;
  return renderPage({ title: `${title}: pausewatch`, body });
}

/** What the catalog has fixed about a finding, in words: severity, when it is shown, when confirmed. */
export function factsOf({
  severity,
  severityNote,
  looks,
  confirmAfterMs,
}: CatalogEntry): readonly (readonly [string, string])[] {
  const held = confirmAfterMs > 0 ? ` and ${describeDuration(confirmAfterMs)}` : '';
  return [
    ['Severity', `${severity}${severityNote === '' ? '' : `; ${severityNote}`}`],
    ['Shown', looks === 1 ? 'by the first look that sees it' : 'after two looks that agree'],
    ['Confirmed', `after two audits in a row${held}`],
  ];
}
