/** Tells real zombies from what only looks like one, and names the process that ought to collect each. */
import { type Attribution, isNamespaceInit, type NamedProcess, type Owner } from './attribute.ts';
import { podPlaceOf } from './cgroup-path.ts';
import { type NodeSnapshot, type Process, type ProcessKey, processKey } from './model.ts';
import type { HeldBy, ParentKind, ZombieParent } from './report.ts';

/** When a dead process was first seen dead. */
export interface FirstSeen {
  /** Milliseconds since the epoch. */
  readonly ms: number;
  /** It was dead in this agent's first look already. */
  readonly atLeast: boolean;
}

/** A zombie joined to its owner and its parent. */
export interface ZombieFact {
  readonly process: Process;
  readonly firstSeen: FirstSeen;
  readonly owner: Owner | undefined;
  readonly parent: ZombieParent | undefined;
  readonly heldBy: HeldBy;
}

/** Zombies of one look. */
export interface ZombieCensus {
  /** Seen in two looks far enough apart; undefined after only one look, or when /proc could not be read. */
  readonly confirmed: readonly ZombieFact[] | undefined;
  /** Everything dead now, for the next look to remember. */
  readonly firstSeen: ReadonlyMap<ProcessKey, FirstSeen>;
}

/** What the looks before this one knew. */
export interface EarlierLooks {
  /** Looks that could read /proc. */
  readonly count: number;
  readonly firstSeen: ReadonlyMap<ProcessKey, FirstSeen>;
  readonly looksApartMs: number;
}

/** State Z with more than one thread is a dead leader whose threads live on: no wait can collect it (L13). */
export function isZombie(process: Process): boolean {
  return process.state === 'Z' && process.threads <= 1;
}

/** The process that has to collect a dead one: who traces it comes before its parent (ptrace(2)). */
export function collectorPid({ ppid, probe }: Process): number {
  return probe?.tracerPid || ppid;
}

/** Whether somebody who is not its parent has to collect it first. */
export function isTraced({ probe }: Process): boolean {
  return (probe?.tracerPid ?? 0) !== 0;
}

/** Finds the zombies of a snapshot and their culprits. */
export function countZombies(snapshot: NodeSnapshot, attribution: Attribution, earlier: EarlierLooks): ZombieCensus {
  if (!snapshot.kernel.procfsUp) return { confirmed: undefined, firstSeen: earlier.firstSeen };
  const kindOf = createParentJudge(snapshot, attribution);
  const firstSeen = new Map<ProcessKey, FirstSeen>();
  const confirmed: ZombieFact[] = [];
  for (const process of snapshot.kernel.processes) {
    if (!isZombie(process)) continue;
    const key = processKey(process);
    const seen = earlier.firstSeen.get(key) ?? { ms: snapshot.takenAtMs, atLeast: earlier.count === 0 };
    firstSeen.set(key, seen);
    if (snapshot.takenAtMs - seen.ms < earlier.looksApartMs) continue;
    const parent = describeParent(attribution.processAt(collectorPid(process)), kindOf);
    confirmed.push({
      process,
      firstSeen: seen,
      owner: attribution.ownerOf(process),
      parent,
      heldBy: holderOf(parent?.kind),
    });
  }
  return { confirmed: earlier.count === 0 ? undefined : confirmed, firstSeen };
}

function describeParent(
  parent: Process | undefined,
  kindOf: (parent: Process) => ParentKind,
): ZombieParent | undefined {
  if (parent === undefined) return undefined;
  const { pid, comm, probe } = parent;
  return { pid, nsPid: probe?.nsPids.at(-1), comm, kind: kindOf(parent) };
}

function holderOf(kind: ParentKind | undefined): HeldBy {
  if (kind === undefined) return 'unattributed';
  return kind === 'runtime' || kind === 'host' ? kind : 'pod';
}

/** comm of the programs that start containers; `containerd-shim` is cut from containerd-shim-runc-v2 by the kernel. */
export const RUNTIME_COMM =
  /^(containerd|dockerd|docker-containe|containerd-shim|conmon|crio|cri-dockerd|runc|crun|youki|kata-|runsc)/;

/**
 * Who a parent is. Inside a pod, also one that no runtime has told of, nothing is the runtime, whatever it is called;
 * outside, the parent of a pause or of a container's first process is a shim, whatever it is called. PID 1 of the node
 * is never the runtime.
 */
function createParentJudge(snapshot: NodeSnapshot, attribution: Attribution): (parent: Process) => ParentKind {
  const pauses = foundProcesses(attribution.pauses);
  const inits = foundProcesses(attribution.inits);
  const shimPids = new Set([...pauses, ...inits].map((process) => process.ppid));
  const ownPidNamespace = containersWithOwnPidNamespace(snapshot, attribution);
  return (parent) => {
    if (pauses.has(parent)) return 'pause';
    if (inits.has(parent) && isReaperOf(parent, ownPidNamespace)) return 'container-init';
    if (attribution.ownerOf(parent) !== undefined || podPlaceOf(parent.cgroup) !== undefined) return 'process';
    if (parent.pid === 1) return 'host';
    return shimPids.has(parent.pid) || RUNTIME_COMM.test(parent.comm) ? 'runtime' : 'host';
  };
}

/** PID 1 of its namespace by NSpid; where that is not to be had, by what the runtime says of the PID mode. */
function isReaperOf(init: Process, ownPidNamespace: ReadonlySet<Process>): boolean {
  return (init.probe?.nsPids.length ?? 0) > 0 ? isNamespaceInit(init) : ownPidNamespace.has(init);
}

function foundProcesses(named: ReadonlyMap<string, NamedProcess>): Set<Process> {
  return new Set([...named.values()].flatMap((it) => (it.kind === 'found' ? [it.process] : [])));
}

function containersWithOwnPidNamespace(snapshot: NodeSnapshot, attribution: Attribution): Set<Process> {
  const own = new Set<Process>();
  for (const runtime of snapshot.runtimes) {
    const sandboxIds = new Set(runtime.sandboxes.filter(({ pidMode }) => pidMode === 'container').map(({ id }) => id));
    for (const container of runtime.containers) {
      const init = attribution.inits.get(container.id);
      if (init?.kind === 'found' && sandboxIds.has(container.sandboxId)) own.add(init.process);
    }
  }
  return own;
}
