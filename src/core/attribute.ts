/** Decides which sandbox and container every process belongs to: cgroup path, then PID namespace, then parent chain. */

import { chargedId, idsInPath } from './cgroup-path.ts';
import type { Container, NodeSnapshot, PodSandbox, Process } from './model.ts';
import { startMs } from './process-life.ts';

/** Whom a process belongs to. Without `containerId` only the sandbox is known (or the process is its pause). */
export interface Owner {
  readonly sandboxId: string;
  readonly containerId: string | undefined;
}

/** What is known of the process a runtime names by PID. */
export type NamedProcess =
  | { readonly kind: 'found'; readonly process: Process }
  /** No process has the PID. */
  | { readonly kind: 'gone'; readonly pid: number }
  /** Another process has it now. */
  | { readonly kind: 'reused'; readonly process: Process }
  /** The runtime names none. */
  | { readonly kind: 'none' }
  /** /proc or the runtime could not tell. */
  | { readonly kind: 'unknown' };

/** The processes of a snapshot, joined to sandboxes and containers. */
export interface Attribution {
  processAt(pid: number): Process | undefined;
  ownerOf(process: Process): Owner | undefined;
  /** Pause process by sandbox id. */
  readonly pauses: ReadonlyMap<string, NamedProcess>;
  /** First process by container id. */
  readonly inits: ReadonlyMap<string, NamedProcess>;
}

/** A process that started this much later than its sandbox or container was made is not the one that was started then. */
const START_SLACK_MS = 60_000;

/** Joins processes to owners; `lastStart` holds the start ticks that each id's process had in the audit before. */
export function attribute(snapshot: NodeSnapshot, lastStart: ReadonlyMap<string, number>): Attribution {
  const processAt = createPidIndex(snapshot);
  const owners = ownersById(snapshot);
  const ownerByPath = createPathOwners(owners, snapshot.kernel.cgroupOf);
  const unreadable = new Set(snapshot.kernel.unreadablePids);
  const name = (id: string, pid: number, createdAtMs: number | undefined): NamedProcess => {
    if (!snapshot.kernel.procfsUp || unreadable.has(pid)) return { kind: 'unknown' };
    const process = processAt(pid);
    if (process === undefined) return { kind: 'gone', pid };
    const same = isStillNamed(process, id, createdAtMs, lastStart.get(id), snapshot.kernel.bootTimeMs);
    return { kind: same ? 'found' : 'reused', process };
  };
  const pauses = new Map<string, NamedProcess>();
  const inits = new Map<string, NamedProcess>();
  for (const runtime of snapshot.runtimes) {
    for (const sandbox of runtime.sandboxes) pauses.set(sandbox.id, namePause(sandbox, name));
    for (const container of runtime.containers) inits.set(container.id, nameInit(container, name));
  }
  const { ownerByName, ownerByNamespace } = ownersOfNamed(pauses, inits, owners);
  const pausePids = new Set([...pauses.values()].flatMap((named) => (named.kind === 'found' ? [named.process] : [])));
  const resolved = new Map<Process, Owner | undefined>();

  /** Climbs to the nearest parent whose owner is certain, then gives every process on the way its own. */
  function ownerOf(process: Process): Owner | undefined {
    const climbed: { readonly process: Process; readonly known: Owner | undefined }[] = [];
    let owner: Owner | undefined;
    for (let at: Process | undefined = process; at !== undefined; at = processAt(at.ppid)) {
      const known = resolved.has(at) ? resolved.get(at) : ownSigns(at);
      const isSettled = resolved.has(at) || known?.containerId !== undefined;
      // Noted before its parents are looked at: parents that PID reuse made a loop end here.
      resolved.set(at, known);
      if (isSettled) {
        owner = known;
        break;
      }
      climbed.push({ process: at, known });
    }
    for (const step of climbed.toReversed()) {
      const isFiner = step.known === undefined || owner?.sandboxId === step.known.sandboxId;
      owner = isFiner && !pausePids.has(step.process) ? owner : step.known;
      resolved.set(step.process, owner);
    }
    return owner;
  }

  /** What a process says of itself: its cgroup path, then the runtime that named it, then its PID namespace. */
  function ownSigns(process: Process): Owner | undefined {
    const inode = process.probe?.namespaces.pid;
    const byNamespace = inode === undefined ? undefined : ownerByNamespace.get(inode);
    return ownerByPath(process.cgroup) ?? ownerByName.get(process) ?? byNamespace;
  }

  return { processAt, ownerOf, pauses, inits };
}

/** Finds processes by PID. They are listed in that order: a search costs less than a map of all, of whom few are asked for. */
function createPidIndex({ kernel }: NodeSnapshot): (pid: number) => Process | undefined {
  const listed = inOrder(kernel.processes);
  return (pid) => {
    let [low, high] = [0, listed.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((listed[middle]?.pid ?? pid) < pid) low = middle + 1;
      else high = middle;
    }
    return listed[low]?.pid === pid ? listed[low] : undefined;
  };
}

/** The list itself where it is in order already, as /proc gives it. */
function inOrder(processes: readonly Process[]): readonly Process[] {
  let last = 0;
  for (const { pid } of processes) {
    if (pid < last) return processes.toSorted((a, b) => a.pid - b.pid);
    last = pid;
  }
  return processes;
}

type Namer = (id: string, pid: number, createdAtMs: number | undefined) => NamedProcess;

function namePause(sandbox: PodSandbox, name: Namer): NamedProcess {
  if (sandbox.pause.kind === 'pid') return name(sandbox.id, sandbox.pause.pid, sandbox.createdAtMs);
  return { kind: sandbox.pause.kind };
}

function nameInit(container: Container, name: Namer): NamedProcess {
  if (container.state !== 'running' || container.pid === undefined) return { kind: 'none' };
  // What cannot be told on this node at all (a pod behind a machine) is nothing that could be missing.
  if ('unknown' in container.pid) return { kind: container.pid.unknown === 'unsupported' ? 'none' : 'unknown' };
  return name(container.id, container.pid.value, undefined);
}

function ownersById(snapshot: NodeSnapshot): Map<string, Owner> {
  const owners = new Map<string, Owner>();
  for (const runtime of snapshot.runtimes) {
    for (const { id } of runtime.sandboxes) owners.set(id, { sandboxId: id, containerId: undefined });
    for (const { id, sandboxId } of runtime.containers) owners.set(id, { sandboxId, containerId: id });
  }
  return owners;
}

/** Whose cgroup a path is in. */
function createPathOwners(
  owners: ReadonlyMap<string, Owner>,
  cgroupOf: NodeSnapshot['kernel']['cgroupOf'],
): (path: string | undefined) => Owner | undefined {
  const sandboxOf = (id: string): string | undefined => owners.get(id)?.sandboxId;
  const known = new Map<string, Owner | undefined>();
  return (path) => {
    if (path === undefined) return undefined;
    if (!known.has(path)) {
      known.set(path, owners.get(chargedId(path, sandboxOf, cgroupOf) ?? ''));
    }
    return known.get(path);
  };
}

/**
 * Whether a process is the one the runtime started under that id. Its cgroup decides; a process whose cgroup names
 * nobody (a zombie on cgroup v1, a runtime without cgroups) is judged by its start time.
 */
function isStillNamed(
  process: Process,
  id: string,
  createdAtMs: number | undefined,
  lastStartTicks: number | undefined,
  bootTimeMs: number | undefined,
): boolean {
  if (lastStartTicks !== undefined && lastStartTicks !== process.startTicks) return false;
  const path = process.cgroup ?? '';
  if (path.includes(id)) return true;
  if (idsInPath(path).length > 0) return false;
  if (bootTimeMs === undefined || createdAtMs === undefined) return true;
  return startMs(process, bootTimeMs) <= createdAtMs + START_SLACK_MS;
}

interface NamedOwners {
  readonly ownerByName: ReadonlyMap<Process, Owner>;
  /** By inode of a PID namespace; that of the node (one NSpid column) belongs to nobody. */
  readonly ownerByNamespace: ReadonlyMap<number, Owner>;
}

/**
 * Whom the processes that the runtimes name belong to, and the PID namespaces they are PID 1 of. Pauses last: a
 * sandboxed runtime names one process for a pod and all in it.
 */
function ownersOfNamed(
  pauses: ReadonlyMap<string, NamedProcess>,
  inits: ReadonlyMap<string, NamedProcess>,
  owners: ReadonlyMap<string, Owner>,
): NamedOwners {
  const ownerByName = new Map<Process, Owner>();
  const ownerByNamespace = new Map<number, Owner>();
  for (const named of [inits, pauses]) {
    for (const [id, it] of named) {
      const owner = owners.get(id);
      if (it.kind !== 'found' || owner === undefined) continue;
      ownerByName.set(it.process, owner);
      const inode = isNamespaceInit(it.process) ? it.process.probe?.namespaces.pid : undefined;
      if (inode !== undefined) ownerByNamespace.set(inode, owner);
    }
  }
  return { ownerByName, ownerByNamespace };
}

/** PID 1 of a PID namespace other than the node's. */
export function isNamespaceInit(process: Process): boolean {
  const nsPids = process.probe?.nsPids ?? [];
  return nsPids.length > 1 && nsPids.at(-1) === 1;
}
