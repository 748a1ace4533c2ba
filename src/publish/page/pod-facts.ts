/** The facts of a sandbox and what the agent remembers of it, as parts of a page. */
import type { SandboxView } from '../../core/report.ts';
import type { SandboxDocument } from '../documents/pod-document.ts';
import { describeState } from '../documents/process-words.ts';
import { describeUnknown } from '../documents/unknown-words.ts';
import { describeDuration } from '../pods/summary.ts';
import { escapeHtml } from '../text/clean-text.ts';

/** Zombies listed by age. */
const MAX_ZOMBIES = 5;

/** Identity, image, pause and tasks. */
export function renderFacts(sandbox: SandboxDocument, nowMs: number): string {
  const { pause, image, pids } = sandbox;
  const limit = pids.limit === null ? ', no limit' : ` of ${pids.limit} (limit: ${pids.limitFrom})`;
  const facts: readonly (readonly [string, string | null])[] = [
    ['Sandbox', sandbox.id],
    ['Pod UID', sandbox.uid],
    [
      'Created',
      sandbox.createdAt === null
        ? null
        : `${sandbox.createdAt} (${describeDuration(nowMs - Date.parse(sandbox.createdAt))} ago)`,
    ],
    ['Runtime', sandbox.runtimeEndpoint],
    ['Pause image', image?.ref ?? null],
    [
      'Pause',
      pause === null
        ? `none (${sandbox.noPauseReason ?? sandbox.pauseHealth})`
        : `PID ${pause.pid}, ${describeState(pause.state)}, uid ${pause.uid ?? '?'}`,
    ],
    ['Program', pause?.exe ?? null],
    ['SHA-256', pause?.exeSha256 ?? null],
    ['Reaps', pause === null ? null : reapsWords(pause)],
    [
      'Memory, CPU',
      pause === null
        ? null
        : `${pause.rssBytes === null ? '?' : `${Math.round(pause.rssBytes / 1024)} KiB`}, ${pause.cpuSeconds} s`,
    ],
    ['Tasks', pids.current === null ? null : `${pids.current}${limit}`],
  ];
  const unknown = sandbox.unknown.filter(({ reason }) => reason !== 'unsupported').map(describeUnknown);
  const rows = [...facts, ['Not known', unknown.join('; ') || null] as const].flatMap(([term, value]) =>
    value === null ? [] : [`<dt>${term}</dt><dd>${escapeHtml(value)}</dd>`],
  );
  return `<dl>${rows.join('\n')}</dl>`;
}

/** What its program would do is not what it does while it is stopped. */
function reapsWords({ reaps, state }: NonNullable<SandboxDocument['pause']>): string {
  return reaps === 'yes' && 'Tt'.includes(state) ? 'yes, but not while it is stopped' : reaps;
}

/** What is not the pod's own is about the image it shares with others. */
function describeAbove(count: number): string {
  return count === 1 ? 'the finding above is of its image' : 'the findings above are of its image';
}

/** Findings since when, and the oldest zombies: as far back as this agent has run. */
export function renderHistory({ history }: SandboxDocument, view: SandboxView, nowMs: number): string {
  const { zombies } = view;
  const ago = (iso: string | null): string => (iso === null ? '?' : describeDuration(nowMs - Date.parse(iso)));
  const findings = history.map(({ id, container, since, atLeast, lastHeldAt, isPresent }) => {
    const where = container === null ? '' : `, container ${escapeHtml(container)}`;
    const end = isPresent ? 'still holds' : `last held ${ago(lastHeldAt)} ago`;
    return `<li><span class="id">${escapeHtml(id)}</span>${where}: first seen ${atLeast ? 'at least ' : ''}${ago(since)} ago, ${end}</li>`;
  });
  const oldest = [...zombies.items].sort((a, b) => a.firstSeenMs - b.firstSeenMs).slice(0, MAX_ZOMBIES);
  const dead = oldest.map(
    ({ comm, pid, firstSeenMs, atLeast }) =>
      `<li>zombie ${escapeHtml(comm)} (PID ${pid}): seen dead ${atLeast ? 'at least ' : ''}${describeDuration(nowMs - firstSeenMs)} ago</li>`,
  );
  const more = zombies.items.length - oldest.length;
  const items = [...findings, ...dead, ...(more > 0 ? [`<li>and ${more} more</li>`] : [])];
  if (items.length > 0) return `<ul>${items.join('\n')}</ul>`;
  return view.findings.length === 0
    ? '<p class="dim">No finding, no zombie since it has been watched.</p>'
    : `<p class="dim">Nothing of this pod itself; ${describeAbove(view.findings.length)}.</p>`;
}
