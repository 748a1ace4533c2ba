/** The findings on the page at `/`: worst first, each with its sentence and remedy, many of one kind cut short. */

import { type Finding, type FindingId, SEVERITIES, type Severity, type Subject } from '../../core/finding.ts';
import { groupBy } from '../../core/group-by.ts';
import { explain } from '../../core/words/explain.ts';
import { describeSubject } from '../pods/describe-subject.ts';
import { labelValue } from '../pods/pods.ts';
import { describeAge } from '../pods/summary.ts';
import { escapeHtml } from '../text/clean-text.ts';
import { podHref, renderLink } from './html.ts';
import { type PageQuery, pageHref } from './page-query.ts';

/** Of one id and severity, at most so many are told in full: a thousand pods may have the same trouble. */
const MAX_ALIKE = 4;
/** Told in full altogether. */
const MAX_TOLD = 60;

/** Every finding that the query asks for. */
export function renderFindings(
  findings: readonly Finding[],
  nowMs: number,
  query: PageQuery,
  runbookBase: string,
): string {
  const asked = query.finding === undefined ? findings : findings.filter(({ id }) => id === query.finding);
  if (asked.length === 0) return '<p class="card"><span class="tag good">none</span> Nothing wrong was found.</p>';
  const kinds = groupBy(asked, ({ id, severity }) => `${severity} ${id}`);
  const limit = kinds.size === 1 ? MAX_TOLD : MAX_ALIKE;
  const pieces: string[] = [];
  let told = 0;
  for (const severity of SEVERITIES) {
    for (const alike of kinds.values()) {
      const [first] = alike;
      if (first?.severity !== severity) continue;
      const shown = alike.slice(0, Math.min(limit, Math.max(1, MAX_TOLD - told)));
      told += shown.length;
      pieces.push(...shown.map((finding) => renderFinding(finding, nowMs, runbookBase)));
      if (alike.length > shown.length) pieces.push(renderRest(first.id, severity, alike.length - shown.length, query));
    }
  }
  return pieces.join('\n');
}

/** One finding as a card; its head names the subject, and leads to the pod where it is one. */
export function renderFinding(finding: Finding, nowMs: number, runbookBase: string, withEvidence = false): string {
  const { id, severity, subject } = finding;
  const { summary, remedy } = explain(finding);
  const container = subject.container === undefined ? '' : `, container ${subject.container}`;
  const href = `${runbookBase.replace(/\/+$/, '')}/${id}`;
  return `<article class="${severity}">
<p class="head"><span class="tag ${severity}">${severity}</span><strong>${renderSubject(subject)}${escapeHtml(container)}</strong><span class="dim">${escapeHtml(describeAge(finding, nowMs))}</span><span class="id">${renderLink(href, id)}</span></p>
<p>${escapeHtml(summary)}</p>
<p class="remedy">${escapeHtml(remedy)}</p>${withEvidence ? renderEvidence(finding) : ''}
</article>`;
}

function renderEvidence({ evidence }: Finding): string {
  const rows = Object.entries(evidence).map(([name, value]) => {
    const text = Array.isArray(value) ? value.join(', ') : String(value ?? 'unknown');
    return `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(text)}</dd>`;
  });
  return rows.length === 0 ? '' : `<details><summary>Evidence</summary><dl>${rows.join('')}</dl></details>`;
}

function renderSubject(subject: Subject): string {
  const { namespace, pod } = subject;
  if (namespace === undefined || pod === undefined) return escapeHtml(describeSubject(subject));
  return renderLink(podHref(labelValue(namespace), labelValue(pod)), describeSubject(subject));
}

function renderRest(id: FindingId, severity: Severity, count: number, query: PageQuery): string {
  const href = pageHref(query, { finding: id, severity }, '#pods');
  return `<p class="dim">and ${count} more of <span class="id">${id}</span>: ${renderLink(href, 'show these pods')}</p>`;
}
