/** Reads a /sandboxes document back into a report, so that a running agent's verdicts can be shown like our own. */

import { type Finding, type FindingId, SEVERITIES, type Subject, sortFindings } from '../../core/finding.ts';
import { parseImageRef } from '../../core/image-ref.ts';
import { FAULT_CODES, NAMESPACE_KINDS } from '../../core/model.ts';
import {
  type AuditReport,
  type ContainerView,
  LIMIT_SOURCES,
  type NamespaceView,
  PAUSE_HEALTHS,
  type RuntimeView,
  type SandboxView,
  type SourceView,
} from '../../core/report.ts';
import type { Explanation } from '../../core/words/facts.ts';
import { isAboutPod } from '../pods/pods.ts';
import { JSON_SCHEMA_VERSION } from './json.ts';
import { createJsonReader, DocumentError, type JsonReader } from './json-reader.ts';

/** A report that another agent made. It holds what tables show; single processes stay behind. */
export interface ForeignReport {
  readonly report: AuditReport;
  /** The words of the agent itself, which may know findings that this program does not. */
  readonly explain: (finding: Finding) => Explanation;
}

/** Reads the document; throws a DocumentError that names the first field that is not as it should be. */
export function readSandboxesDocument(text: string): ForeignReport {
  const document = createJsonReader(text);
  const version = document.number('schemaVersion');
  if (version !== JSON_SCHEMA_VERSION)
    throw new DocumentError(`schemaVersion is ${version}, and this pausewatch reads ${JSON_SCHEMA_VERSION}`);
  const words = new Map<Finding, Explanation>();
  const readFinding = (it: JsonReader): Finding => {
    const finding = readFindingFacts(it);
    words.set(finding, { summary: it.text('summary'), remedy: it.text('remedy') });
    return finding;
  };
  const sandboxes = document.list('sandboxes').map((it) => readSandbox(it, it.list('findings').map(readFinding)));
  // A finding of an image stands in each of its sandboxes and among the node's, and counts once.
  const ofPods = sandboxes.flatMap(({ findings }) => findings.filter(isAboutPod));
  const ofNode = document.list('nodeFindings').map(readFinding);
  const zombies = sandboxes.map(({ zombies: { count } }) => count);
  const report: AuditReport = {
    node: document.text('node'),
    takenAtMs: document.time('takenAt'),
    complete: document.flag('complete'),
    runtimes: document.list('runtimes').map(readRuntime),
    sources: document.list('sources').map(readSource),
    pauseImages: [],
    sandboxes,
    unclaimed: { zombies: [], shims: [], processes: [] },
    findings: sortFindings([...ofNode, ...ofPods]),
    unjudged: { denied: 0, timeout: 0, vanished: 0, silent: 0, unsupported: 0, malformed: 0 },
    nodeView: {
      zombies: zombies.includes(undefined) ? undefined : { pod: 0, runtime: 0, host: 0, unattributed: 0 },
      pids: 0,
      pidsLimit: undefined,
      kubepodsPids: undefined,
      kubepodsPidsLimit: undefined,
    },
    newSandboxes: 0,
    pauseDeaths: [],
  };
  return { report, explain: (finding) => words.get(finding) ?? { summary: '', remedy: '' } };
}

function readFindingFacts(it: JsonReader): Finding {
  const subject = it.object('subject');
  const facts: { -readonly [K in keyof Subject]: Subject[K] } = {
    kind: subject.oneOf('kind', ['node', 'image', 'sandbox', 'container', 'process', 'shim']),
  };
  for (const name of ['namespace', 'pod', 'container', 'sandboxId', 'image', 'runtimeEndpoint'] as const) {
    const value = subject.maybeText(name);
    if (value !== undefined) facts[name] = value;
  }
  const pid = subject.maybeNumber('pid');
  if (pid !== undefined) facts.pid = pid;
  return {
    id: it.text('id') as FindingId,
    severity: it.oneOf('severity', SEVERITIES),
    confirmed: it.flag('confirmed'),
    sinceMs: it.time('since'),
    atLeast: it.flag('atLeast'),
    subject: facts,
    evidence: {},
  };
}

function readSandbox(it: JsonReader, findings: readonly Finding[]): SandboxView {
  const image = it.maybeObject('image')?.text('ref');
  const zombies = it.object('zombies');
  const pids = it.object('pids');
  return {
    id: it.text('id'),
    namespace: it.text('namespace'),
    name: it.text('name'),
    uid: it.text('uid'),
    attempt: it.number('attempt'),
    state: it.oneOf('state', ['ready', 'notready']),
    createdAtMs: it.time('createdAt'),
    runtimeHandler: it.text('runtimeHandler'),
    runtimeEndpoint: it.text('runtimeEndpoint'),
    pidMode: undefined,
    isolation: 'shared-kernel',
    hasUserNamespace: undefined,
    isStatic: false,
    image: image === undefined ? undefined : { ...parseImageRef(image), imageId: undefined },
    pauseHealth: it.oneOf('pauseHealth', PAUSE_HEALTHS),
    pause: undefined,
    noPauseReason: undefined,
    namespaces: NO_NAMESPACES,
    containers: it.list('containers').map(readContainer),
    zombies: { count: zombies.maybeNumber('count'), perHour: zombies.maybeNumber('perHour'), items: [] },
    pids: {
      current: pids.maybeNumber('current'),
      limit: pids.maybeNumber('limit'),
      limitFrom: pids.oneOf('limitFrom', LIMIT_SOURCES),
      utilization: pids.maybeNumber('utilization'),
      zombieShare: undefined,
      exhaustedInSeconds: pids.maybeNumber('exhaustedInSeconds'),
    },
    pidsLimitHits: undefined,
    findings,
    unjudged: it.texts('unjudged') as SandboxView['unjudged'],
    unknown: [],
  };
}

const NO_NAMESPACE: NamespaceView = { inode: undefined, heldByPause: undefined, sharedBy: [] };
const NO_NAMESPACES = Object.fromEntries(
  NAMESPACE_KINDS.map((kind) => [kind, NO_NAMESPACE]),
) as SandboxView['namespaces'];

function readContainer(it: JsonReader): ContainerView {
  return {
    id: it.text('id'),
    name: it.text('name'),
    attempt: it.number('attempt'),
    state: it.oneOf('state', ['created', 'running', 'exited', 'unknown']),
    pid: it.maybeNumber('pid'),
    image: it.text('image'),
    zombies: it.maybeNumber('zombies'),
    init: undefined,
  };
}

function readRuntime(it: JsonReader): RuntimeView {
  const flavour = it.oneOf('flavour', ['containerd', 'cri-o', 'cri-dockerd', 'docker', 'unknown']);
  return {
    name: it.text('name'),
    version: it.text('version'),
    flavour,
    endpoint: it.text('endpoint'),
    up: it.flag('up'),
    conditions: [],
  };
}

function readSource(it: JsonReader): SourceView {
  const source = it.oneOf('source', ['runtime', 'procfs', 'cgroupfs']);
  const endpoint = it.maybeText('endpoint');
  const faults = it.list('faults').map((fault) => ({
    source,
    endpoint,
    code: fault.oneOf('code', FAULT_CODES),
    subject: fault.text('subject'),
    message: fault.text('message'),
    count: fault.number('count'),
  }));
  return { source, endpoint, up: it.flag('up'), answeredAtMs: undefined, faults };
}
