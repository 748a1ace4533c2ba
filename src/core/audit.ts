/** The verdict on a node: (snapshot, memory, policy) → report and memory. Nothing else goes in or comes out. */
import { buildScene } from './build-scene.ts';
import { CATALOG, type CatalogEntry } from './catalog/catalog.ts';
import { podKey } from './churn.ts';
import { type Finding, type Subject, subjectKey, type Verdict } from './finding.ts';
import { groupBy } from './group-by.ts';
import { type Answers, ageFindings, type Lives } from './lifecycle.ts';
import type { AuditMemory } from './memory.ts';
import type { FaultCode, NodeSnapshot } from './model.ts';
import { viewNode, viewSources } from './node-view.ts';
import { countPauseDeaths } from './pause-deaths.ts';
import type { Policy } from './policy.ts';
import { isDeadState } from './process-life.ts';
import type { AuditReport, PauseDeathReason, SandboxView, SourceView, UnknownField } from './report.ts';
import { viewSandbox, viewZombie } from './sandbox-view.ts';
import type { PodScene, Scene } from './scene.ts';
import { uniteSandboxes } from './unite-sandboxes.ts';

/** What an audit yields. */
export interface Audit {
  readonly report: AuditReport;
  /** To be given to the next audit of the same node. */
  readonly memory: AuditMemory;
}

/** Judges one snapshot in the light of what earlier audits remember. */
export function auditNode(snapshot: NodeSnapshot, memory: AuditMemory, policy: Policy): Audit {
  const steps = auditSteps(snapshot, memory, policy);
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
}

/** The same in steps of a few milliseconds on a full node: between two of them the caller may do something else. */
export function* auditSteps(snapshot: NodeSnapshot, memory: AuditMemory, policy: Policy): Generator<void, Audit> {
  const united = uniteSandboxes(snapshot);
  yield;
  const scene = yield* buildScene(united, memory, policy);
  const answers: Answers[] = [];
  for (const entry of catalogOf(policy)) {
    answers.push({ entry, verdicts: judge(entry, scene) });
    yield;
  }
  const moment = { nowMs: snapshot.takenAtMs, firstAudit: memory.audits === 0, policy };
  const lives = ageFindings(answers, memory, moment, existsIn(scene));
  yield;
  const { deaths, ...pauses } = countPauseDeaths(scene, memory);
  return {
    report: yield* writeReport(scene, memory, collectUnjudged(answers, lives), lives.findings, deaths),
    memory: {
      audits: memory.audits + 1,
      looks: memory.looks + (snapshot.kernel.procfsUp ? 1 : 0),
      zombies: scene.census.firstSeen,
      findings: lives.memory,
      startTicks: rememberStarts(scene, memory),
      ...pauses,
      sandboxIds: new Set(scene.pods.map(({ sandbox }) => sandbox.id)),
      cpu: scene.cpu.samples,
      images: scene.imageMemory,
      ...scene.remembered,
    },
  };
}

/** The catalog as the policy has it. */
function catalogOf({ findings }: Policy): CatalogEntry[] {
  return CATALOG.flatMap((entry) => {
    const { enabled = true, looks = entry.looks, confirmAfterMs = entry.confirmAfterMs } = findings[entry.id] ?? {};
    return enabled ? [{ ...entry, looks, confirmAfterMs }] : [];
  });
}

/** What a rule says of everything but the namespaces that the policy leaves out, and what a boot has just ended. */
function judge({ rule }: CatalogEntry, scene: Scene): Verdict[] {
  const ignored = new Set<string | undefined>(scene.policy.ignoredNamespaces);
  return [...rule(scene)].filter(
    ({ kind, subject }) =>
      !ignored.has(subject.namespace) && !(kind === 'finding' && scene.endedByBoot.has(subject.sandboxId)),
  );
}

function* writeReport(
  scene: Scene,
  memory: AuditMemory,
  { counts, bySandbox }: Unjudged,
  findings: readonly Finding[],
  pauseDeaths: readonly PauseDeathReason[],
): Generator<void, AuditReport> {
  const { snapshot, pods, census } = scene;
  const judgement = {
    ofSandbox: groupBy(findings, ({ subject }) => subject.sandboxId),
    ofImages: findings.filter(({ subject }) => subject.kind === 'image'),
    unjudged: bySandbox,
  };
  const sandboxes: SandboxView[] = [];
  for (const pod of pods) {
    sandboxes.push(viewSandbox(scene, pod, judgement));
    yield;
  }
  const sources = viewSources(snapshot);
  return {
    node: snapshot.node,
    takenAtMs: snapshot.takenAtMs,
    complete: sources.every(isWhole) && [...counts.keys()].every((reason) => reason === 'unsupported'),
    runtimes: snapshot.runtimes.map(({ endpoint, name, version, flavour, up, conditions }) => ({
      endpoint,
      name,
      version,
      flavour,
      up,
      conditions,
    })),
    sources,
    pauseImages: scene.pauseImages,
    sandboxes,
    unclaimed: {
      zombies: (census.confirmed ?? [])
        .filter(({ owner }) => owner === undefined)
        .map((it) => viewZombie(it, new Map())),
      shims: (scene.strayShims ?? []).flatMap(({ pid }) => scene.attribution.processAt(pid) ?? []),
      processes: (scene.orphans ?? []).flatMap(({ processes }) => processes),
    },
    findings,
    unjudged: countByCode(counts),
    nodeView: viewNode(scene),
    newSandboxes: pods.filter(({ sandbox }) => !memory.sandboxIds.has(sandbox.id)).length,
    pauseDeaths,
  };
}

/** What ended meanwhile is not missing, and what this node cannot tell is not asked for. */
function isWhole({ up, faults }: SourceView): boolean {
  return up && faults.every(({ code }) => code === 'vanished' || code === 'unsupported');
}

interface Unjudged {
  /** Subjects by reason: one that several rules could not judge for one reason counts once. */
  readonly counts: ReadonlyMap<UnknownField['reason'], ReadonlySet<string>>;
  /** Of a sandbox also what one look has seen and the next has to confirm before it is said. */
  readonly bySandbox: ReadonlyMap<string, ReadonlySet<UnknownField['reason']>>;
}

function collectUnjudged(answers: readonly Answers[], { memory }: Lives): Unjudged {
  const counts = new Map<UnknownField['reason'], Set<string>>();
  const bySandbox = new Map<string, Set<UnknownField['reason']>>();
  const add = (sandboxId: string | undefined, reason: UnknownField['reason']): void => {
    if (sandboxId !== undefined) bySandbox.set(sandboxId, (bySandbox.get(sandboxId) ?? new Set()).add(reason));
  };
  for (const { finding, shown, raised } of memory.values()) {
    if (!shown && raised > 0) add(finding.subject.sandboxId, 'one-look');
  }
  for (const { verdicts } of answers) {
    for (const verdict of verdicts) {
      if (verdict.kind !== 'unknown') continue;
      const { reason, subject } = verdict;
      counts.set(reason, (counts.get(reason) ?? new Set()).add(subjectKey(subject)));
      add(subject.sandboxId, reason);
    }
  }
  return { counts, bySandbox };
}

function countByCode(counts: Unjudged['counts']): Record<FaultCode, number> {
  const of = (code: FaultCode): number => counts.get(code)?.size ?? 0;
  return {
    denied: of('denied'),
    timeout: of('timeout'),
    vanished: of('vanished'),
    silent: of('silent'),
    unsupported: of('unsupported'),
    malformed: of('malformed'),
  };
}

function existsIn({ pods, snapshot, attribution }: Scene): (subject: Subject) => boolean {
  const ids = new Set(pods.map(({ sandbox }) => sandbox.id));
  const keys = new Set(pods.map(({ sandbox }) => podKey(sandbox)));
  const endpoints = new Set(snapshot.runtimes.map(({ endpoint }) => endpoint));
  return ({ podKey: ofPod, sandboxId, runtimeEndpoint, kind, pid, startTicks }) => {
    if (ofPod !== undefined) return keys.has(ofPod);
    if (sandboxId !== undefined) return ids.has(sandboxId);
    if (runtimeEndpoint !== undefined) return endpoints.has(runtimeEndpoint);
    return kind === 'node' || (pid !== undefined && attribution.processAt(pid)?.startTicks === startTicks);
  };
}

/** The identity under which each id's process was seen; kept while the runtime still names the id. */
function rememberStarts({ pods, snapshot }: Scene, memory: AuditMemory): Map<string, number> {
  const starts = new Map<string, number>();
  const keep = (id: string, named: PodScene['pause']): void => {
    const known = memory.startTicks.get(id);
    if (known !== undefined) starts.set(id, known);
    else if (named.kind === 'found' && !isDeadState(named.process.state)) starts.set(id, named.process.startTicks);
  };
  for (const pod of pods) {
    keep(pod.sandbox.id, pod.pause);
    for (const { container, init } of pod.containers) keep(container.id, init);
  }
  return snapshot.kernel.procfsUp ? starts : new Map(memory.startTicks);
}
