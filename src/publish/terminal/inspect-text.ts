/** `pausewatch inspect` for a terminal: one pod in depth, as wide as the terminal, with or without box drawing. */

import { NOT_RECORDED } from '../documents/look-words.ts';
import { type Membership, namespaceRows, pidNamespaceWords } from '../documents/namespace-sharing.ts';
import type { PodDocument, ProcessDocument, SandboxDocument } from '../documents/pod-document.ts';
import { describeState, processNotes } from '../documents/process-words.ts';
import { describeDuration } from '../pods/summary.ts';
import { asciiOnly, shortenEnd, shortenMiddle, textWidth, visible } from '../text/clean-text.ts';
import { ASCII_SIGNS, BOX_SIGNS, treeLines } from '../text/tree-lines.ts';
import { padEnd, padStart, wrapText } from '../text/wrap.ts';
import { type Canvas, createInk, type Ink } from './ink.ts';
import { inspectMounts } from './inspect-mounts.ts';
import { inspectNetwork } from './inspect-network.ts';

/** How to draw. */
export interface InspectOptions {
  /** Width of the terminal. */
  readonly columns: number;
  readonly colour: boolean;
  /** No sign beyond ASCII. */
  readonly ascii: boolean;
}

const MIN_COLUMNS = 60;
const MAX_PROSE = 100;
const INDENT = 9;
/** Columns of a container in the table of namespaces. */
const MEMBER_WIDTH = 10;

/** Renders the pod; ends with a newline. */
export function renderInspect(pod: PodDocument, options: InspectOptions): string {
  const { ascii, colour } = options;
  const canvas = { columns: Math.max(MIN_COLUMNS, options.columns), ink: createInk({ colour, ascii }), ascii };
  const nowMs = Date.parse(pod.takenAt ?? '');
  const parts = pod.sandboxes.map((sandbox) => renderSandbox(pod, sandbox, nowMs, canvas));
  const text = `${parts.map((lines) => lines.join('\n')).join('\n\n')}\n`;
  return ascii ? asciiOnly(text) : text;
}

function renderSandbox(pod: PodDocument, sandbox: SandboxDocument, nowMs: number, canvas: Canvas): string[] {
  const { ink, columns } = canvas;
  const { state, pauseHealth, zombies, attempt, id, createdAt } = sandbox;
  const name = visible(`${pod.namespace}/${pod.name}`);
  const dead = zombies.count === null ? 'zombies unknown' : `${zombies.count} zombie${zombies.count === 1 ? '' : 's'}`;
  const facts = [`on ${visible(pod.node)}`, state, `pause ${pauseHealth}`, dead].join(` ${ink.dot} `);
  const age = createdAt === null ? '' : ` ${ink.dot} ${describeDuration(nowMs - Date.parse(createdAt))} old`;
  const isLookedAt = sandbox.network !== null || sandbox.mounts !== null;
  const findings = sandbox.findings.flatMap((finding) => ['', ...renderFinding(finding, nowMs, canvas)]);
  return [
    ...wrapText(`${name} ${facts}`, columns).map((line, at) => (at === 0 ? ink.bold(line) : line)),
    ink.dim(shortenEnd(`sandbox ${id.slice(0, 13)} ${ink.dot} attempt ${attempt}${age}`, columns, ink.ellipsis)),
    ink.dim(shortenMiddle(describeImageAndTasks(sandbox, ink), columns, ink.ellipsis)),
    ...findings,
    '',
    ...renderNamespaces(sandbox, canvas),
    '',
    ...renderProcesses(sandbox, canvas),
    ...inspectNetwork(sandbox, canvas),
    ...inspectMounts(sandbox, canvas),
    ...(isLookedAt ? [] : ['', ...wrapText(NOT_RECORDED, columns)]),
  ];
}

/** "pause image registry.k8s.io/pause:3.9 · 9 tasks of 1024 (limit: pod)". */
function describeImageAndTasks({ image, pids }: SandboxDocument, { dot }: Ink): string {
  const { current, limit, limitFrom } = pids;
  const bound = limit === null ? '' : ` of ${limit} (limit: ${limitFrom})`;
  const tasks = current === null ? [] : [`${current} task${current === 1 ? '' : 's'}${bound}`];
  return [`pause image ${visible(image?.ref ?? 'unknown')}`, ...tasks].join(` ${dot} `);
}

function renderFinding(
  finding: SandboxDocument['findings'][number],
  nowMs: number,
  { ink, columns }: Canvas,
): string[] {
  const { id, severity, summary, remedy, subject, since, atLeast, confirmed } = finding;
  const width = Math.min(columns - INDENT, MAX_PROSE);
  const age =
    confirmed && since !== null
      ? `for ${atLeast ? 'at least ' : ''}${describeDuration(nowMs - Date.parse(since))}`
      : 'new';
  const about = [id, ...(subject.container === null ? [] : [`container ${subject.container}`]), age].join(
    ` ${ink.dot} `,
  );
  const arrow = `${' '.repeat(INDENT - ink.arrow.length - 1)}${ink.arrow} `;
  return [
    ink.severity(severity, padEnd(severity, INDENT)) +
      ink.dim(shortenEnd(visible(about), columns - INDENT, ink.ellipsis)),
    ...wrapText(visible(summary), width).map((line) => ' '.repeat(INDENT) + line),
    ...wrapText(visible(remedy), width).map((line, at) => (at === 0 ? arrow : ' '.repeat(INDENT)) + line),
  ];
}

function renderNamespaces(sandbox: SandboxDocument, { ink, columns }: Canvas): string[] {
  const rows = namespaceRows(sandbox);
  const room = Math.max(1, Math.floor((columns - 22) / (MEMBER_WIDTH + 2)) - 1);
  const names = rows[0]?.containers.map(({ name }) => name) ?? [];
  const shown = names.slice(0, room);
  const cell = (text: string): string => padEnd(shortenMiddle(visible(text), MEMBER_WIDTH, ink.ellipsis), MEMBER_WIDTH);
  const more = names.length > shown.length ? `+${names.length - shown.length}` : '';
  const head = `${padEnd('NAMESPACE', 10)} ${padStart('INODE', 10)}  ${['pause', ...shown].map(cell).join('  ')}  ${more}`;
  const lines = rows.map(({ kind, inode, pause, containers }) => {
    const members = [pause, ...containers.slice(0, room).map(({ membership }) => membership)];
    return `${padEnd(kind, 10)} ${padStart(inode === null ? '?' : String(inode), 10)}  ${members.map((it) => cell(MEMBERSHIP_WORDS[it])).join('  ')}`.trimEnd();
  });
  const prose = (text: string): readonly string[] => wrapText(visible(text), Math.min(columns, MAX_PROSE));
  return [ink.dim(head.trimEnd()), ...lines, ...prose(pidNamespaceWords(sandbox)), ...prose(describeEnded(sandbox))];
}

/** "Not running: migrate (exited)."; empty when all run. */
function describeEnded({ containers }: SandboxDocument): string {
  const ended = containers.filter(({ state }) => state !== 'running').map(({ name, state }) => `${name} (${state})`);
  return ended.length === 0 ? '' : `Not running: ${ended.join(', ')}.`;
}

const MEMBERSHIP_WORDS: Readonly<Record<Membership, string>> = {
  shared: 'shared',
  own: 'own',
  node: "node's",
  unknown: '?',
};

function renderProcesses({ processes, processesOmitted }: SandboxDocument, canvas: Canvas): string[] {
  const { ink, columns, ascii } = canvas;
  if (processes.length === 0) return ['No process of this sandbox is there.'];
  const signs = treeLines(
    processes.map(({ level }) => level),
    ascii ? ASCII_SIGNS : BOX_SIGNS,
  );
  const names = processes.map((it, at) => (signs[at] ?? '') + visible(it.comm));
  const nameWidth = Math.max(8, Math.min(Math.floor(columns / 3), Math.max(...names.map(textWidth))));
  const head = `${padStart('INSIDE', 7)} ${padStart('ON NODE', 7)}  ${padEnd('PROCESS', nameWidth)}  ${padEnd('STATE', 8)}  CONTAINER, NOTES`;
  const lines = processes.map((process, at) => {
    const name = padEnd(shortenEnd(names[at] ?? '', nameWidth, ink.ellipsis), nameWidth);
    const pids = `${padStart(process.nsPid === null ? '?' : String(process.nsPid), 7)} ${padStart(String(process.pid), 7)}`;
    const state = padEnd(shortenEnd(describeState(process.state), 8, ''), 8);
    const line =
      `${pids}  ${name}  ${state}  ${shortenEnd(notesOf(process), columns - nameWidth - 29, ink.ellipsis)}`.trimEnd();
    return process.state === 'Z' ? ink.severity('warning', line) : line;
  });
  return [
    ink.dim(head),
    ...lines,
    ...(processesOmitted > 0 ? [`${ink.ellipsis} ${processesOmitted} more processes`] : []),
  ];
}

function notesOf(process: ProcessDocument): string {
  const { role, container, alikeOmitted } = process;
  const whose = role === 'pause' ? 'pause' : (container ?? '-');
  const more = alikeOmitted > 0 ? [`and ${alikeOmitted} more like it`] : [];
  return visible([whose, ...processNotes(process).map(({ words }) => words), ...more].join(', '));
}
