/** The page of one pod: what is wrong, what holds which namespace, who is whose parent, and how to dig further. */
import type { DeepSandbox } from '../../core/deepen.ts';
import type { AuditReport } from '../../core/report.ts';
import { NOT_RECORDED } from '../documents/look-words.ts';
import { pidNamespaceWords } from '../documents/namespace-sharing.ts';
import { podDocument, type SandboxDocument } from '../documents/pod-document.ts';
import { escapeHtml } from '../text/clean-text.ts';
import { podHref, renderLink, renderPage } from './html.ts';
import { renderFinding } from './landing-findings.ts';
import { renderTime, STALE_NOTICE } from './page.ts';
import { renderDrawing, renderDrawingLegend } from './pod-drawing.ts';
import { renderFacts, renderHistory } from './pod-facts.ts';
import { renderMounts, renderNetwork } from './pod-look-html.ts';
import { renderNamespaces, renderTree } from './pod-tree.ts';

/** What the page shows beside the pod. */
export interface PodPageOptions {
  readonly stale: boolean;
  /** The report is of a recording. */
  readonly recorded?: boolean;
  readonly runbookBase: string;
  readonly version: string;
}

/** The page; `sandboxes` newest first, at least one. */
export function renderPodPage(report: AuditReport, sandboxes: readonly DeepSandbox[], options: PodPageOptions): string {
  const pod = podDocument(report, sandboxes, options.runbookBase);
  const name = `${pod.namespace}/${pod.name}`;
  const sections = sandboxes.map((deep, at) => {
    const sandbox = pod.sandboxes[at];
    return sandbox === undefined ? '' : renderSandbox(deep, sandbox, { report, at, of: sandboxes.length, options });
  });
  const body = `<p>${renderLink('/', report.node)} <span aria-hidden="true">›</span> pod</p>
<h1>${escapeHtml(name)}</h1>
${renderTime(report.takenAtMs, options.recorded === true)}
${options.stale ? STALE_NOTICE : ''}
${sections.join('\n')}`;
  const links = [
    [`${podHref(pod.namespace, pod.name)}?format=json&look=network,mounts`, 'This page as JSON'],
    ...pod.sandboxes.map(({ id }) => [`/sandboxes/${id}`, `/sandboxes/${id.slice(0, 13)}`] as const),
  ] as const;
  const footer = `pausewatch ${escapeHtml(options.version)}. It only looks, from outside: nothing was started in this pod.`;
  return renderPage({ title: `${name} on ${report.node}: pausewatch`, body, links, footer });
}

/** The page for a pod that is not there, with those that may have been meant. */
export function renderNoSuchPod(asked: string, candidates: readonly { namespace: string; name: string }[]): string {
  const items = candidates.map(
    ({ namespace, name }) => `<li>${renderLink(podHref(namespace, name), `${namespace}/${name}`)}</li>`,
  );
  const body = `<h1>No pod ${escapeHtml(asked)} on this node</h1>
<p>${items.length === 0 ? 'No pod here has a name like that.' : 'Pods with a name like that:'}</p>
<ul>${items.join('')}</ul><p>${renderLink('/', 'All pods of this node')}</p>`;
  return renderPage({ title: 'No such pod: pausewatch', body });
}

interface SectionPlace {
  readonly report: AuditReport;
  readonly at: number;
  readonly of: number;
  readonly options: PodPageOptions;
}

function renderSandbox(deep: DeepSandbox, sandbox: SandboxDocument, { report, at, of, options }: SectionPlace): string {
  const { view } = deep;
  const findings = view.findings.map((it) => renderFinding(it, report.takenAtMs, options.runbookBase, true));
  // Where the drawing has no room the table stands in its place.
  const namespaces = renderNamespaces(sandbox);
  const title = of === 1 ? '' : `<h2>Sandbox of attempt ${view.attempt}${at === 0 ? ' (newest)' : ''}</h2>`;
  const parts = `${title}<p>${renderTags(sandbox)}</p>
${findings.length === 0 ? '<p class="card"><span class="tag good">fine</span> Nothing wrong was found with this sandbox.</p>' : findings.join('\n')}
<h2>What holds what</h2>
<p>${escapeHtml(pidNamespaceWords(sandbox))}</p>
<div class="wide"><div class="scroll" tabindex="0" role="region" aria-label="Drawing of the sandbox">${renderDrawing(sandbox)}</div>${renderDrawingLegend()}
<details><summary>The namespaces as a table</summary>${namespaces}</details></div>
<div class="narrow">${namespaces}</div>
<h2>Processes</h2>
${renderTree(sandbox)}
<h2 id="look-${at}">Inside, seen from outside</h2>
${options.recorded === true ? `<p class="dim">${NOT_RECORDED}</p>` : renderLookLinks(sandbox, at)}${renderNetwork(sandbox)}${renderMounts(sandbox)}
<div class="two"><section><h2>Facts</h2>${renderFacts(sandbox, report.takenAtMs)}</section>
<section><h2>What this agent remembers</h2>${renderHistory(sandbox, view, report.takenAtMs)}</section></div>
<h2>To dig further</h2>
${renderCommands(sandbox)}`;
  return at === 0
    ? parts
    : `<details><summary>Sandbox of attempt ${view.attempt}, ${view.state}</summary>${parts}</details>`;
}

function renderTags({ state, pauseHealth, zombies, runtimeHandler }: SandboxDocument): string {
  const isWell = pauseHealth === 'alive' || pauseHealth === 'none';
  const tags = [
    `<span class="tag ${state === 'ready' ? 'good' : 'warning'}">${state}</span>`,
    `<span class="tag ${isWell ? 'good' : pauseHealth === 'unknown' ? '' : 'critical'}">pause ${pauseHealth}</span>`,
    ...(zombies.count === null
      ? []
      : [
          `<span class="tag ${zombies.count > 0 ? 'warning' : 'good'}">${zombies.count} zombie${zombies.count === 1 ? '' : 's'}</span>`,
        ]),
    ...(runtimeHandler === '' ? [] : [`<span class="tag">handler ${escapeHtml(runtimeHandler)}</span>`]),
  ];
  return tags.join(' ');
}

/** Nothing below /proc/PID/net and no mounts are read until somebody follows one of these. */
function renderLookLinks({ network, mounts, namespace, name }: SandboxDocument, at: number): string {
  const href = (look: string): string => `${podHref(namespace, name)}?look=${look}#look-${at}`;
  const links = [
    ...(network === null ? [renderLink(href('network'), 'what listens and connects, interfaces and routes')] : []),
    ...(mounts === null ? [renderLink(href('mounts'), 'mounts')] : []),
    ...(network === null && mounts === null ? [renderLink(href('network,mounts'), 'everything')] : []),
  ];
  return links.length === 0 ? '' : `<p>Look now: ${links.join(' · ')}</p>`;
}

function renderCommands({ commands }: SandboxDocument): string {
  const rows = commands.map(
    ({ purpose, command }) => `<p>${escapeHtml(purpose)}</p><pre tabindex="0">${escapeHtml(command)}</pre>`,
  );
  return `<div class="cmds">${rows.join('\n')}</div>`;
}
