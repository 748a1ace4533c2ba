/** One sandbox in depth, built on demand from a snapshot: its processes as a tree, and what is remembered of it. */
import { type Attribution, attribute, isNamespaceInit } from './attribute.ts';
import type { FindingId, Severity } from './finding.ts';
import { groupBy } from './group-by.ts';
import type { AuditMemory } from './memory.ts';
import type { NamespaceInodes, NamespaceMode, NodeSnapshot, Process } from './model.ts';
import { nodeNamespaces } from './node-namespaces.ts';
import type { LookAspect, PodLookRequest } from './pod-look.ts';
import { isDeadState } from './process-life.ts';
import { judgeReaping } from './reaping.ts';
import type { Reaps, SandboxView } from './report.ts';

import { uniteSandboxes } from './unite-sandboxes.ts';

/** One process of a pod, in the order of the tree: parents before children, older before younger. */
export interface PodProcess {
  readonly pid: number;
  readonly ppid: number;
  /** Clock ticks since boot; with pid the identity. */
  readonly startTicks: number;
  readonly comm: string;
  /** One letter of proc_pid_stat(5). */
  readonly state: string;
  readonly threads: number;
  /** How deep in the tree, 0 for a process whose parent is no process of this pod. */
  readonly level: number;
  /** Name of its container; undefined for pause and what belongs to no container. */
  readonly container: string | undefined;
  readonly role: 'pause' | 'container-init' | 'process';
  /** PID 1 of a PID namespace other than the node's, as far as is known. */
  readonly isNamespaceInit: boolean;
  /** Whether it collects dead children; judged of pause and first processes, and of parents of zombies. */
  readonly reaps: Reaps;
  /** Confirmed zombies that are its children. */
  readonly zombies: number;
  /** Dead, and in two looks. */
  readonly isZombie: boolean;
  /** Dead siblings of the same name that follow and are left out. */
  readonly alikeOmitted: number;
  /** NSpid as the audit read it, outermost first; empty when it did not. */
  readonly nsPids: readonly number[];
  /** Undefined unless the audit read them. */
  readonly namespaces: NamespaceInodes | undefined;
}

/** A finding this agent has seen on the sandbox, present or not long gone. */
export interface PastFinding {
  readonly id: FindingId;
  readonly severity: Severity;
  readonly container: string | undefined;
  readonly sinceMs: number;
  readonly atLeast: boolean;
  /** When it last held. */
  readonly lastHeldMs: number;
  readonly isPresent: boolean;
}

/** What is known of one sandbox beyond its view. */
export interface PodDepth {
  readonly processes: readonly PodProcess[];
  /** Processes beyond the ones listed. */
  readonly omitted: number;
  readonly networkMode: NamespaceMode | undefined;
  readonly ipcMode: NamespaceMode | undefined;
  /** The node's own, for comparison; without the kinds that are not known. */
  readonly nodeNamespaces: Partial<NamespaceInodes>;
  readonly history: readonly PastFinding[];
}

/** Where depth comes from: the last look, and what the audit of it left to remember. */
export interface DepthSource {
  readonly snapshot: NodeSnapshot;
  readonly memory: AuditMemory;
}

/** Processes listed per sandbox. */
const MAX_PROCESSES = 500;
/** Dead children of one name listed per parent. */
const MAX_ALIKE = 20;
/** Containers whose mounts are read at once. */
const MAX_ROOTS = 20;

/** Builds the depth of these sandboxes; costs one pass over the processes of the snapshot. */
export function viewDepths(source: DepthSource, sandboxes: readonly SandboxView[]): readonly PodDepth[] {
  const { memory } = source;
  const snapshot = uniteSandboxes(source.snapshot);
  const attribution = attribute(snapshot, memory.startTicks);
  const wanted = new Set(sandboxes.map(({ id }) => id));
  const processesOf = groupBy(snapshot.kernel.processes, (process) => {
    const id = attribution.ownerOf(process)?.sandboxId;
    return id !== undefined && wanted.has(id) ? id : undefined;
  });
  const told = new Map(snapshot.runtimes.flatMap((runtime) => runtime.sandboxes).map((it) => [it.id, it]));
  const ofNode = nodeNamespaces(snapshot);
  return sandboxes.map((sandbox) => {
    const all = processesOf.get(sandbox.id) ?? [];
    const processes = arrange(all, sandbox, attribution);
    const listed = processes.reduce((sum, { alikeOmitted }) => sum + 1 + alikeOmitted, 0);
    return {
      processes,
      omitted: all.length - listed,
      networkMode: told.get(sandbox.id)?.networkMode,
      ipcMode: told.get(sandbox.id)?.ipcMode,
      nodeNamespaces: ofNode,
      history: historyOf(sandbox, memory),
    };
  });
}

interface Branch {
  readonly process: Process;
  readonly level: number;
  readonly alikeOmitted: number;
}

/** Walks the tree from its roots; a loop that reused PIDs made has no root and is not walked. */
function arrange(all: readonly Process[], sandbox: SandboxView, attribution: Attribution): PodProcess[] {
  const pids = new Set(all.map(({ pid }) => pid));
  const childrenOf = groupBy(all, ({ pid, ppid }) => (ppid !== pid && pids.has(ppid) ? ppid : 0));
  const view = createProcessView(sandbox, attribution);
  const open = fold(childrenOf.get(0) ?? [], 0).toReversed();
  const listed: PodProcess[] = [];
  for (let branch = open.pop(); branch !== undefined && listed.length < MAX_PROCESSES; branch = open.pop()) {
    listed.push(view(branch));
    open.push(...fold(childrenOf.get(branch.process.pid) ?? [], branch.level + 1).toReversed());
  }
  return listed;
}

/** Siblings by age; of many dead ones with one name only the first are kept, and the last of those counts the rest. */
function fold(siblings: readonly Process[], level: number): Branch[] {
  const byAge = siblings.toSorted((a, b) => a.startTicks - b.startTicks || a.pid - b.pid);
  const total = new Map<string, number>();
  for (const it of byAge) if (isDeadState(it.state)) total.set(it.comm, (total.get(it.comm) ?? 0) + 1);
  const seen = new Map<string, number>();
  return byAge.flatMap((process): Branch[] => {
    if (!isDeadState(process.state)) return [{ process, level, alikeOmitted: 0 }];
    const count = (seen.get(process.comm) ?? 0) + 1;
    seen.set(process.comm, count);
    if (count > MAX_ALIKE) return [];
    const alikeOmitted = count === MAX_ALIKE ? (total.get(process.comm) ?? 0) - MAX_ALIKE : 0;
    return [{ process, level, alikeOmitted }];
  });
}

function createProcessView(sandbox: SandboxView, attribution: Attribution): (branch: Branch) => PodProcess {
  const confirmed = new Set(sandbox.zombies.items.map(({ pid }) => pid));
  const zombiesUnder = groupBy(sandbox.zombies.items, ({ parent }) => parent?.pid);
  const nameOf = new Map(sandbox.containers.map(({ id, name }) => [id, name]));
  const inits = new Set(
    [...attribution.inits.values()].flatMap((named) => (named.kind === 'found' ? [named.process] : [])),
  );
  const pause = attribution.pauses.get(sandbox.id);
  return ({ process, level, alikeOmitted }) => {
    const { pid, ppid, startTicks, comm, state, threads, probe } = process;
    const isPause = pause?.kind === 'found' && pause.process === process;
    const role = isPause ? 'pause' : inits.has(process) ? 'container-init' : 'process';
    const zombies = zombiesUnder.get(pid)?.length ?? 0;
    const isJudged = role !== 'process' || zombies > 0;
    return {
      pid,
      ppid,
      startTicks,
      comm,
      state,
      threads,
      level,
      container: nameOf.get(attribution.ownerOf(process)?.containerId ?? ''),
      role,
      isNamespaceInit: isNamespaceInit(process),
      reaps: isJudged ? judgeReaping(process, zombies, isPause) : 'unknown',
      zombies,
      isZombie: confirmed.has(pid),
      alikeOmitted,
      nsPids: probe?.nsPids ?? [],
      namespaces: probe?.namespaces,
    };
  };
}

/** Newest first. */
function historyOf({ id }: SandboxView, memory: AuditMemory): PastFinding[] {
  const past: PastFinding[] = [];
  for (const { finding, lastHeldMs, shown, raised } of memory.findings.values()) {
    if (finding.subject.sandboxId !== id) continue;
    const { id: findingId, severity, sinceMs, atLeast, subject } = finding;
    const isPresent = shown && raised > 0;
    past.push({ id: findingId, severity, container: subject.container, sinceMs, atLeast, lastHeldMs, isPresent });
  }
  return past.sort((a, b) => b.sinceMs - a.sinceMs);
}

/** Whom to look at to see a sandbox in full; the network is seen through pause, without one through a container. */
export function lookRequestFor({ processes }: PodDepth, aspects: ReadonlySet<LookAspect>): PodLookRequest {
  const roots = processes.filter(({ role, state }) => role !== 'process' && !isDeadState(state));
  return {
    processes,
    holder: roots.find(({ role }) => role === 'pause') ?? roots[0],
    roots: roots.slice(0, MAX_ROOTS),
    aspects,
  };
}
