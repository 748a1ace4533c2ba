/** `pausewatch inspect`: one pod in depth, on this node, through a running agent, or from looks taken elsewhere. */
import { basename } from 'node:path';
import type { Config } from '../config/parse.ts';
import { deepen } from '../core/deepen.ts';
import { findSandbox, type Named, similarNames } from '../core/find-sandbox.ts';
import { FAULT_CODES } from '../core/model.ts';
import type { DepthSource } from '../core/pod-depth.ts';
import { LOOK_ASPECTS, type LookAtPod } from '../core/pod-look.ts';
import type { AuditReport } from '../core/report.ts';
import { createPodLooks } from '../kernel/closer/pod-look.ts';
import { createJsonReader, type JsonReader } from '../publish/documents/json-reader.ts';
import { type PodDocument, podDocument } from '../publish/documents/pod-document.ts';
import { readPodDocument } from '../publish/documents/read-pod-document.ts';
import { podHref } from '../publish/page/html.ts';
import { type FaultySource, listFaultMessages } from '../publish/pods/fault-messages.ts';
import { labelValue, listSandboxes } from '../publish/pods/pods.ts';
import { renderInspect } from '../publish/terminal/inspect-text.ts';
import { runbookBase } from '../runbooks.ts';
import { AgentError, fetchText } from '../sources/ask-agent.ts';
import { auditLooks, takeLooks } from '../sources/looks.ts';
import { policyOf } from '../sources/node.ts';

/** Where the result goes. */
export interface InspectTerminal {
  /** stdout carries the result alone. */
  readonly write: (text: string) => void;
  /** A message for a person, on stderr. */
  readonly say: (message: string) => void;
  readonly columns: () => number;
  readonly colour: boolean;
  /** No sign beyond ASCII. */
  readonly ascii: boolean;
}

/** A node that was looked at: now, or when it was recorded. */
interface InspectedNode {
  readonly report: AuditReport;
  readonly source: DepthSource;
  /** Undefined where nobody can look any more. */
  readonly lookAtPod: LookAtPod | undefined;
}

/** Candidates listed when a word fits several pods. */
const MAX_CANDIDATES = 20;

/** Inspects and prints. The exit code: 0, or 2 when the pod is not there or several are meant. Rejects with an AgentError. */
export async function inspect(config: Config, terminal: InspectTerminal): Promise<number> {
  if (config.agent !== undefined) return await inspectThroughAgent(config.agent, config, terminal);
  return await inspectNode(await lookAndJudge(config), config, terminal);
}

/** Inspects a node that was looked at, whoever did. */
async function inspectNode(node: InspectedNode, config: Config, terminal: InspectTerminal): Promise<number> {
  const { report, source, lookAtPod } = node;
  const all = listSandboxes(report);
  const chosen = choose(config.pod, { all, sources: report.sources, isHere: lookAtPod !== undefined }, terminal);
  if (chosen === undefined) return 2;
  const views = sandboxesMeant(config.pod, chosen, all).toSorted((a, b) => b.createdAtMs - a.createdAtMs);
  const deep = await deepen({ views, source, aspects: new Set(LOOK_ASPECTS), lookAtPod });
  const document = podDocument(report, deep, runbookBase(config));
  print(document, `${JSON.stringify(document)}\n`, config, terminal);
  return 0;
}

/** Looks as the configuration says; what was recorded is not in the /proc of this machine. */
async function lookAndJudge(config: Config): Promise<InspectedNode> {
  const lookAtPod = config.recording === undefined ? createPodLooks({ root: config.procfs }) : undefined;
  const last = [...auditLooks(await takeLooks(config), policyOf(config))].at(-1);
  if (last === undefined) throw new AgentError('the recording holds no look');
  const { report, ...source } = last;
  return { report, source, lookAtPod };
}

async function inspectThroughAgent(url: string, config: Config, terminal: InspectTerminal): Promise<number> {
  const seen = await readAnswer(`${url}/sandboxes?view=brief`, (text) => {
    const document = createJsonReader(text);
    const all = document.list('sandboxes').map(readNamed);
    return { all, sources: document.list('sources').map(readSource), isHere: false };
  });
  const { all } = seen;
  const chosen = choose(config.pod, seen, terminal);
  if (chosen === undefined) return 2;
  const href = podHref(labelValue(chosen.namespace), labelValue(chosen.name));
  const document = await readAnswer(`${url}${href}?format=json&look=${LOOK_ASPECTS.join(',')}`, readPodDocument);
  const ids = new Set(sandboxesMeant(config.pod, chosen, all).map(({ id }) => id));
  const meant = { ...document, sandboxes: document.sandboxes.filter(({ id }) => ids.has(id)) };
  print(meant, `${JSON.stringify(meant)}\n`, config, terminal);
  return 0;
}

function readNamed(it: JsonReader): Named {
  const state = it.oneOf('state', ['ready', 'notready']);
  return { id: it.text('id'), namespace: it.text('namespace'), name: it.text('name'), state, createdAtMs: 0 };
}

function readSource(it: JsonReader): FaultySource {
  const faults = it.list('faults').map((fault) => ({
    code: fault.oneOf('code', FAULT_CODES),
    subject: fault.text('subject'),
    message: fault.text('message'),
    count: fault.number('count'),
  }));
  return { source: it.oneOf('source', ['runtime', 'procfs', 'cgroupfs']), up: it.flag('up'), faults };
}

async function readAnswer<T>(url: string, read: (text: string) => T): Promise<T> {
  const text = await fetchText(url);
  try {
    return read(text);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new AgentError(`${url} does not answer like pausewatch: ${message}`, { cause });
  }
}

/** What is on a node, and who could not tell. */
interface Seen<S extends Named> {
  readonly all: readonly S[];
  readonly sources: readonly FaultySource[];
  /** This program looked itself, and could be told to look elsewhere. */
  readonly isHere: boolean;
}

/** Nothing is said not to be there by who could not look. */
function whyNone(word: string, { all, sources, isHere }: Seen<Named>): string {
  const names = similarNames(word, all);
  const meant = names === '' ? undefined : `did you mean ${names}?`;
  const silent = sources.filter(({ source, up }) => source === 'runtime' && !up);
  if (silent.length === 0) {
    return `no pod ${word} on this node (of ${all.length} sandboxes); ${meant ?? '"pausewatch scan --all" lists them'}`;
  }
  const why = listFaultMessages(silent)
    .map(({ text }) => text)
    .join(' ');
  const isDenied = silent.some(({ faults }) => faults.some(({ code }) => code === 'denied'));
  const other = isDenied ? 'Or ask' : 'Name the socket with --runtime-endpoint, or ask';
  const advice = meant ?? (isHere ? `${other} an agent with --agent URL.` : '');
  return `cannot tell whether pod ${word} is here: ${why || 'no container runtime answered.'} ${advice}`.trimEnd();
}

/** One sandbox of the pod that is meant; undefined when there is none or more than one pod, which is then told. */
function choose<S extends Named>(word: string, seen: Seen<S>, { say }: InspectTerminal): S | undefined {
  const { all } = seen;
  const fitting = findSandbox(word, all);
  const pods = new Map(fitting.map((it) => [`${it.namespace}/${it.name}`, it]));
  const [first] = fitting;
  if (first !== undefined && (pods.size === 1 || fitting.length === 1)) return first;
  if (first === undefined) {
    say(whyNone(word, seen));
    return undefined;
  }
  say(`${word} fits ${pods.size} pods; say which one:`);
  for (const it of fitting.slice(0, MAX_CANDIDATES))
    say(`  ${it.namespace}/${it.name}  ${it.id.slice(0, 13)}  ${it.state}`);
  if (fitting.length > MAX_CANDIDATES) say(`  and ${fitting.length - MAX_CANDIDATES} more`);
  return undefined;
}

/** Told by its name all sandboxes of a pod are meant, told by its id this one. */
function sandboxesMeant<S extends Named>(word: string, chosen: S, all: readonly S[]): readonly S[] {
  const { namespace, name } = chosen;
  if (word !== name && word !== `${namespace}/${name}`) return findSandbox(word, all);
  return all.filter((it) => it.namespace === namespace && it.name === name);
}

function print(document: PodDocument, json: string, config: Config, terminal: InspectTerminal): void {
  const { write, columns, colour, ascii } = terminal;
  const recording = config.recording === undefined ? undefined : basename(config.recording);
  write(config.output === 'json' ? json : renderInspect(document, { columns: columns(), colour, ascii, recording }));
}
