/** Decides which sandbox and container every process belongs to: cgroup path, then PID namespace, then parent chain. */
import type { Container, NodeSnapshot, PodSandbox, Process } from './model.ts';

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

/** A chain of parents longer than this is a loop made by PIDs that were reused while /proc was being read. */
const MAX_CHAIN = 64;

/** A process that started this much later than its sandbox or container was made is not the one that was started then. */
const START_SLACK_MS = 60_000;

/** Joins processes to owners; `lastStart` holds the start ticks that each id's process had in the audit before. */
export function attribute(snapshot: NodeSnapshot, lastStart: ReadonlyMap<string, number>): Attribution {
  const byPid = new Map(snapshot.kernel.processes.map((process) => [process.pid, process]));
  const owners = ownersById(snapshot);
  const ownerByPath = createPathOwners(owners);
  const unreadable = new Set(snapshot.kernel.unreadablePids);
  const name = (id: string, pid: number, createdAtMs: number): NamedProcess => {
    if (!snapshot.kernel.procfsUp || unreadable.has(pid)) return { kind: 'unknown' };
    const process = byPid.get(pid);
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
  const ownerByNamespace = namespaceOwners(pauses, inits, owners);
  const resolved = new Map<Process, Owner | undefined>();

  function ownerOf(process: Process, depth = 0): Owner | undefined {
    if (resolved.has(process)) return resolved.get(process);
    const byCgroup = ownerByPath(process.cgroup);
    const owner = byCgroup?.containerId === undefined ? refine(process, byCgroup, depth) : byCgroup;
    resolved.set(process, owner);
    return owner;
  }

  /** Without a container from the cgroup path: the PID namespace knows the pod, the parent may know the container. */
  function refine(process: Process, byCgroup: Owner | undefined, depth: number): Owner | undefined {
    const inode = process.probe?.namespaces.pid;
    const byNamespace = inode === undefined ? undefined : ownerByNamespace.get(inode);
    const known = byCgroup ?? byNamespace;
    if (known?.containerId !== undefined) return known;
    const parent = byPid.get(process.ppid);
    const byParent = parent === undefined || depth > MAX_CHAIN ? undefined : ownerOf(parent, depth + 1);
    if (known === undefined) return byParent;
    return byParent?.sandboxId === known.sandboxId && !isPause(process) ? byParent : known;
  }

  const pausePids = new Set([...pauses.values()].flatMap((named) => (named.kind === 'found' ? [named.process] : [])));
  const isPause = (process: Process): boolean => pausePids.has(process);
  return { processAt: (pid) => byPid.get(pid), ownerOf: (process) => ownerOf(process), pauses, inits };
}

type Namer = (id: string, pid: number, createdAtMs: number) => NamedProcess;

function namePause(sandbox: PodSandbox, name: Namer): NamedProcess {
  if (sandbox.pause.kind === 'pid') return name(sandbox.id, sandbox.pause.pid, sandbox.createdAtMs);
  return { kind: sandbox.pause.kind };
}

function nameInit(container: Container, name: Namer): NamedProcess {
  if (container.state !== 'running' || container.pid === undefined) return { kind: 'none' };
  if ('unknown' in container.pid) return { kind: 'unknown' };
  return name(container.id, container.pid.value, Number.NaN);
}

function ownersById(snapshot: NodeSnapshot): Map<string, Owner> {
  const owners = new Map<string, Owner>();
  for (const runtime of snapshot.runtimes) {
    for (const { id } of runtime.sandboxes) owners.set(id, { sandboxId: id, containerId: undefined });
    for (const { id, sandboxId } of runtime.containers) owners.set(id, { sandboxId, containerId: id });
  }
  return owners;
}

/** The deepest known id in a path wins (a container inside a container). conmon's own scope names the id it serves. */
function createPathOwners(owners: ReadonlyMap<string, Owner>): (path: string | undefined) => Owner | undefined {
  const known = new Map<string, Owner | undefined>();
  return (path) => {
    if (path === undefined) return undefined;
    if (!known.has(path)) {
      const ids = idsInPath(path).filter((id) => owners.has(id));
      known.set(path, owners.get(ids.at(-1) ?? ''));
    }
    return known.get(path);
  };
}

function idsInPath(path: string): string[] {
  return path.split('/').flatMap((part) => (part.includes('conmon') ? [] : (part.match(/[0-9a-f]{64}/g) ?? [])));
}

/**
 * Whether a process is the one the runtime started under that id. Its cgroup decides; a process whose cgroup names
 * nobody (a zombie on cgroup v1, a runtime without cgroups) is judged by its start time.
 */
function isStillNamed(
  process: Process,
  id: string,
  createdAtMs: number,
  lastStartTicks: number | undefined,
  bootTimeMs: number | undefined,
): boolean {
  if (lastStartTicks !== undefined && lastStartTicks !== process.startTicks) return false;
  const path = process.cgroup ?? '';
  if (path.includes(id)) return true;
  if (idsInPath(path).length > 0) return false;
  if (bootTimeMs === undefined || Number.isNaN(createdAtMs)) return true;
  return bootTimeMs + process.startTicks * 10 <= createdAtMs + START_SLACK_MS;
}

/** Maps a PID namespace to its pod or container. The node's own namespace (one NSpid column) belongs to nobody. */
function namespaceOwners(
  pauses: ReadonlyMap<string, NamedProcess>,
  inits: ReadonlyMap<string, NamedProcess>,
  owners: ReadonlyMap<string, Owner>,
): Map<number, Owner> {
  const byNamespace = new Map<number, Owner>();
  for (const named of [inits, pauses]) {
    for (const [id, init] of named) {
      const owner = owners.get(id);
      if (init.kind !== 'found' || owner === undefined || !isNamespaceInit(init.process)) continue;
      const inode = init.process.probe?.namespaces.pid;
      if (inode !== undefined) byNamespace.set(inode, owner);
    }
  }
  return byNamespace;
}

/** PID 1 of a PID namespace other than the node's. */
export function isNamespaceInit(process: Process): boolean {
  const nsPids = process.probe?.nsPids ?? [];
  return nsPids.length > 1 && nsPids.at(-1) === 1;
}
