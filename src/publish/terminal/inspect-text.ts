/** `pausewatch inspect` for a terminal: one pod in depth, as wide as the terminal, with or without box drawing. */

import { NOT_RECORDED } from '../documents/look-words.ts';
import {
  MEMBERSHIP_LEGEND,
  MEMBERSHIP_WORDS,
  namespaceRows,
  pidNamespaceWords,
} from '../documents/namespace-sharing.ts';
import type { PodDocument, ProcessDocument, SandboxDocument } from '../documents/pod-document.ts';
import { describeState, processNotes } from '../documents/process-words.ts';
import { describeAge, describeDuration } from '../pods/summary.ts';
import { asciiOnly, shortenEnd, shortenMiddle, textWidth, visible } from '../text/clean-text.ts';
import { ASCII_SIGNS, BOX_SIGNS, treeLines } from '../text/tree-lines.ts';
import { padEnd, padStart, wrapText } from '../text/wrap.ts';
import { withAge } from './finding-lines.ts';
import { type Canvas, createInk, type Ink } from './ink.ts';
import { inspectMounts } from './inspect-mounts.ts';
import { inspectNetwork } from './inspect-network.ts';
import { renderRecordingNote } from './table-ends.ts';

/** How to draw. */
export interface InspectOptions {
  /** Width of the terminal. */
  readonly columns: number;
  readonly colour: boolean;
  /** No sign beyond ASCII. */
  readonly ascii: boolean;
  /** Name of the file that the pod was recorded in; undefined when it was looked at now. */
  readonly recording?: string | undefined;
}

const MIN_COLUMNS = 60;
const MAX_PROSE = 100;
const INDENT = 9;
/** Columns of a container in the table of namespaces. */
const MEMBER_WIDTH = 10;
/** Columns of a process before its notes, its name not counted. */
const NOTES_FROM = 29;

/** Renders the pod; ends with a newline. */
export function renderInspect(pod: PodDocument, options: InspectOptions): string {
  const { ascii, colour } = options;
  const canvas = { columns: Math.max(MIN_COLUMNS, options.columns), ink: createInk({ colour, ascii }), ascii };
  const nowMs = Date.parse(pod.takenAt ?? '');
  const parts = pod.sandboxes.map((sandbox) => renderSandbox(pod, sandbox, nowMs, canvas));
  const { columns, ink } = canvas;
  const note = options.recording === undefined ? [] : renderRecordingNote(options.recording, nowMs, columns, ink);
  const text = `${[...note, ...parts.map((lines) => lines.join('\n'))].join('\n\n')}\n`;
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
  const age = describeAge({ confirmed: confirmed && since !== null, atLeast, sinceMs: Date.parse(since ?? '') }, nowMs);
  const facts = [id, ...(subject.container === null ? [] : [`container ${subject.container}`])].join(` ${ink.dot} `);
  const about = withAge(visible(facts), age, columns - INDENT, ink);
  const arrow = `${' '.repeat(INDENT - ink.arrow.length - 1)}${ink.arrow} `;
  return [
    ink.severity(severity, padEnd(severity, INDENT)) + ink.dim(shortenEnd(about, columns - INDENT, ink.ellipsis)),
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
  return [
    ink.dim(head.trimEnd()),
    ...lines,
    ...prose(MEMBERSHIP_LEGEND).map((line) => ink.dim(line)),
    ...prose(pidNamespaceWords(sandbox)),
    ...prose(describeEnded(sandbox)),
  ];
}

/** "Not running: migrate (exited)."; empty when all run. */
function describeEnded({ containers }: SandboxDocument): string {
  const ended = containers.filter(({ state }) => state !== 'running').map(({ name, state }) => `${name} (${state})`);
  return ended.length === 0 ? '' : `Not running: ${ended.join(', ')}.`;
}

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
  const lines = processes.flatMap((process, at) => {
    const name = padEnd(shortenEnd(names[at] ?? '', nameWidth, ink.ellipsis), nameWidth);
    const pids = `${padStart(process.nsPid === null ? '?' : String(process.nsPid), 7)} ${padStart(String(process.pid), 7)}`;
    const state = padEnd(shortenEnd(describeState(process.state), 8, ''), 8);
    const [first = '', ...more] = wrapText(notesOf(process), columns - nameWidth - NOTES_FROM);
    // The tree goes on beside notes that take several lines.
    const trunk = padEnd(shortenEnd(trunkOf(signs[at] ?? ''), nameWidth, ''), nameWidth);
    const rest = more.map((line) => `${' '.repeat(17)}${trunk}${' '.repeat(12)}${line}`);
    const whole = [`${pids}  ${name}  ${state}  ${first}`.trimEnd(), ...rest];
    return process.state === 'Z' ? whole.map((line) => ink.severity('warning', line)) : whole;
  });
  return [
    ink.dim(head),
    ...lines,
    ...(processesOmitted > 0 ? [`${ink.ellipsis} ${processesOmitted} more processes`] : []),
  ];
}

/** What stands below a line of a tree before its next one. */
function trunkOf(sign: string): string {
  const { branch, last, through, gap } =
    sign.includes(ASCII_SIGNS.branch) || sign.includes(ASCII_SIGNS.last) ? ASCII_SIGNS : BOX_SIGNS;
  return sign.replace(branch, through).replace(last, gap);
}

function notesOf(process: ProcessDocument): string {
  const { role, container, alikeOmitted } = process;
  const whose = role === 'pause' ? 'pause' : (container ?? '-');
  const more = alikeOmitted > 0 ? [`and ${alikeOmitted} more like it`] : [];
  return visible([whose, ...processNotes(process).map(({ words }) => words), ...more].join(', '));
}
