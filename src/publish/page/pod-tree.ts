/** The process tree and the namespaces of a sandbox as tables of a page: inner PIDs beside those of the node. */

import { MEMBERSHIP_LEGEND, MEMBERSHIP_WORDS, namespaceRows } from '../documents/namespace-sharing.ts';
import type { ProcessDocument, SandboxDocument } from '../documents/pod-document.ts';
import { describeState, processNotes } from '../documents/process-words.ts';
import { escapeHtml } from '../text/clean-text.ts';
import { BOX_SIGNS, treeLines } from '../text/tree-lines.ts';

/** The tree, a row for each process. */
export function renderTree({ processes, processesOmitted }: SandboxDocument): string {
  if (processes.length === 0) return '<p class="dim">No process of this sandbox is there.</p>';
  const lines = treeLines(
    processes.map(({ level }) => level),
    BOX_SIGNS,
  );
  const rows = processes.map((process, at) => renderProcess(process, lines[at] ?? ''));
  const more = processesOmitted > 0 ? `<p class="dim">… ${processesOmitted} more processes.</p>` : '';
  return `<div class="scroll" tabindex="0" role="region" aria-label="Process tree"><table class="tree">
<thead><tr><th scope="col" class="n">PID inside</th><th scope="col" class="n">PID on the node</th><th scope="col">Process</th><th scope="col">State</th><th scope="col">Container</th><th scope="col">Notes</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table></div>${more}`;
}

function renderProcess(process: ProcessDocument, line: string): string {
  const { pid, nsPid, comm, state, container, role, alikeOmitted } = process;
  const notes = processNotes(process).map(
    ({ words, tone }) => `<span class="tag${tone === undefined ? '' : ` ${tone}`}">${escapeHtml(words)}</span>`,
  );
  const more = alikeOmitted > 0 ? ` <i>and ${alikeOmitted} more like it</i>` : '';
  const isDead = state === 'Z' || state === 'X';
  const whose = role === 'pause' ? '<i>pause</i>' : container === null ? '<i>none</i>' : escapeHtml(container);
  return `<tr${isDead ? ' class="dead-row"' : ''}><td class="n">${nsPid ?? '?'}</td><td class="n">${pid}</td><th scope="row"><span class="glyph" aria-hidden="true">${line}</span>${escapeHtml(comm)}${more}</th><td>${escapeHtml(describeState(state))}</td><td>${whose}</td><td>${notes.join(' ')}</td></tr>`;
}

/** Which namespace is whose, as a table: what the drawing shows, for those who cannot see it. */
export function renderNamespaces(sandbox: SandboxDocument): string {
  const rows = namespaceRows(sandbox);
  const names = rows[0]?.containers.map(({ name }) => `<th scope="col">${escapeHtml(name)}</th>`) ?? [];
  const lines = rows.map(({ kind, inode, isNode, pause, containers }) => {
    const cells = [pause, ...containers.map(({ membership }) => membership)].map(
      (it) => `<td>${escapeHtml(MEMBERSHIP_WORDS[it])}</td>`,
    );
    const whose = isNode ? ' <span class="tag info wide">node’s</span>' : '';
    return `<tr><th scope="row">${kind}</th><td class="n">${inode ?? '?'}${whose}</td>${cells.join('')}</tr>`;
  });
  return `<div class="scroll" tabindex="0" role="region" aria-label="Namespaces"><table><thead><tr><th scope="col">Namespace</th><th scope="col" class="n">Inode</th><th scope="col">pause</th>${names.join('')}</tr></thead><tbody>${lines.join('\n')}</tbody></table></div><p class="dim">${escapeHtml(MEMBERSHIP_LEGEND)}</p>`;
}
