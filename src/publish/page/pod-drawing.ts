/** Draws a sandbox as SVG: a row for pause and each container, a lane for each namespace, a dot where one is in it. */

import { type Membership, type NamespaceRow, namespaceRows } from '../documents/namespace-sharing.ts';
import type { SandboxDocument } from '../documents/pod-document.ts';
import { describeState } from '../documents/process-words.ts';
import { escapeHtml, shortenMiddle, visible } from '../text/clean-text.ts';

/** Containers drawn; the table of containers has them all. */
const MAX_ROWS = 12;
const WIDTH = 940;
const BOX_WIDTH = 372;
const ROW = 66;
const TOP = 74;
const FIRST_LANE = 470;
const LANE_GAP = 68;
/** Letters that fit into a box. */
const NAME_LETTERS = 38;
const NOTE_LETTERS = 54;

interface Member {
  readonly name: string;
  readonly note: string;
  /** Classes of its box beside `box`. */
  readonly look: string;
  /** In the order of the namespaces; undefined for what does not run. */
  readonly memberships: readonly Membership[] | undefined;
}

/** What each kind of dot means. */
const DOT_CLASS: Readonly<Record<Membership, string>> = {
  pod: 'shared',
  own: 'own',
  node: 'node',
  none: 'unsure',
  unknown: 'unsure',
};

/** The drawing; its text alternative is the table of namespaces beside it. */
export function renderDrawing(sandbox: SandboxDocument): string {
  const rows = namespaceRows(sandbox);
  const members = [pauseMember(sandbox, rows), ...containerMembers(sandbox, rows)].slice(0, MAX_ROWS + 1);
  const height = TOP + members.length * ROW + 16;
  const shapes = [
    `<rect class="pod" x="8" y="8" width="${WIDTH - 16}" height="${height - 16}" rx="12"/>`,
    `<text class="dim" x="24" y="32">Sandbox ${escapeHtml(sandbox.id.slice(0, 13))}, attempt ${sandbox.attempt}</text>`,
    ...rows.map((row, lane) => renderLane(row, lane, members, isHeld(sandbox))),
    ...members.map(renderMember),
    ...members.flatMap(({ memberships }, at) => (memberships ?? []).map((it, lane) => renderDot(it, lane, at))),
  ];
  return `<svg class="drawing" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escapeHtml(describe(sandbox, rows))}">${shapes.join('\n')}</svg>`;
}

/** What the dots mean, for below a drawing. */
export function renderDrawingLegend(): string {
  const entries: readonly (readonly [Membership, string])[] = [
    ['pod', "in the pod's namespace"],
    ['own', 'in a namespace of its own'],
    ['node', "in the node's namespace"],
    ['unknown', 'could not be read'],
  ];
  const items = entries.map(
    ([membership, words]) =>
      `<span><svg viewBox="0 0 16 16" aria-hidden="true"><circle class="${DOT_CLASS[membership]}" cx="8" cy="8" r="6"/></svg>${words}</span>`,
  );
  return `<div class="legend">${items.join('')}</div>`;
}

function pauseMember(sandbox: SandboxDocument, rows: readonly NamespaceRow[]): Member {
  const { pause, pauseHealth, noPauseReason } = sandbox;
  if (pause === null) {
    const why = noPauseReason === null ? pauseHealth : `${pauseHealth}: ${noPauseReason}`;
    const look = pauseHealth === 'dead' ? 'bad off' : 'off';
    return { name: 'pause', note: `no process (${why})`, look, memberships: undefined };
  }
  const reaps =
    pauseHealth === 'stopped'
      ? 'cannot reap'
      : pause.reaps === 'yes'
        ? 'reaps'
        : pause.reaps === 'no'
          ? 'does not reap'
          : 'reaping unknown';
  const look = pauseHealth === 'alive' ? (pause.reaps === 'no' ? 'warn' : '') : 'bad';
  return {
    name: `pause${pauseHealth === 'alive' ? '' : ` (${pauseHealth})`}`,
    note: `${pause.comm}, PID ${pause.pid}, ${describeState(pause.state)}, ${reaps}`,
    look,
    memberships: rows.map((row) => row.pause),
  };
}

function containerMembers({ containers }: SandboxDocument, rows: readonly NamespaceRow[]): Member[] {
  let running = -1;
  return containers.map((container): Member => {
    const { name, state, pid, init, zombies } = container;
    if (state !== 'running') return { name, note: `container, ${state}`, look: 'off', memberships: undefined };
    running++;
    const at = running;
    const dead = zombies === null || zombies === 0 ? '' : `, ${zombies} zombie${zombies === 1 ? '' : 's'}`;
    const reaps = init?.reaps === 'no' ? ', does not reap' : '';
    return {
      name,
      note: `${init?.comm ?? 'container'}, PID ${pid ?? '?'}${reaps}${dead}`,
      look: dead === '' ? '' : 'warn',
      memberships: rows.map((row) => row.containers[at]?.membership ?? 'unknown'),
    };
  });
}

/** Where a runtime drops its pauses by design, it keeps the namespaces itself. */
function isHeld({ pause, pauseHealth }: SandboxDocument): boolean {
  return pauseHealth === 'none' || (pause !== null && pauseHealth !== 'dead' && pauseHealth !== 'zombie');
}

function renderMember({ name, note, look }: Member, at: number): string {
  const y = TOP + at * ROW;
  const shownName = escapeHtml(shortenMiddle(visible(name), NAME_LETTERS, '…'));
  const shownNote = escapeHtml(shortenMiddle(visible(note), NOTE_LETTERS, '…'));
  return `<rect class="box ${look}" x="24" y="${y}" width="${BOX_WIDTH}" height="${ROW - 14}" rx="8"/><text class="strong" x="40" y="${y + 22}">${shownName}</text><text class="dim" x="40" y="${y + 40}">${shownNote}</text>`;
}

/** A lane runs from pause down to the last member in it; broken where nothing holds it any more. */
function renderLane(
  { kind, inode, isNode }: NamespaceRow,
  lane: number,
  members: readonly Member[],
  held: boolean,
): string {
  const x = FIRST_LANE + lane * LANE_GAP;
  const inside = members.flatMap(({ memberships }, at) => {
    const it = memberships?.[lane];
    return it === 'pod' || it === 'node' ? [at] : [];
  });
  const [first, last] = [inside[0], inside.at(-1)];
  const line =
    first === undefined || last === undefined || first === last
      ? ''
      : `<path class="lane${isNode ? ' of-node' : held ? '' : ' broken'}" d="M${x} ${middleOf(first)}V${middleOf(last)}"/>`;
  const shown = inode === null ? '?' : String(inode).slice(-6);
  return `<text class="strong" x="${x}" y="42" text-anchor="middle">${kind}</text><text class="dim" x="${x}" y="59" text-anchor="middle">${shown}</text>${line}`;
}

function renderDot(membership: Membership, lane: number, at: number): string {
  if (membership === 'none') return '';
  return `<circle class="${DOT_CLASS[membership]}" cx="${FIRST_LANE + lane * LANE_GAP}" cy="${middleOf(at)}" r="8"/>`;
}

function middleOf(at: number): number {
  return TOP + at * ROW + (ROW - 14) / 2;
}

function describe({ containers, pause }: SandboxDocument, rows: readonly NamespaceRow[]): string {
  const shared = rows.filter(({ containers: its }) => its.length > 0 && its.every((it) => it.membership === 'pod'));
  const kinds = shared.map(({ kind }) => kind).join(', ') || 'none';
  return `Sandbox with ${pause === null ? 'no pause' : 'its pause'} and ${containers.length} containers; namespaces shared by all that run: ${kinds}.`;
}
