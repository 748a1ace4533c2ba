/** Takes one look at the node: asks the runtimes, reads the kernel, and turns what failed into faults. */
import type { NodeSnapshot, Process, ProcessProbe, RuntimeSnapshot, SourceFault } from '../core/model.ts';
import { SNAPSHOT_SCHEMA_VERSION } from '../core/model.ts';
import { dropEnded } from '../core/silent-runtime.ts';
import { isZombie } from '../core/zombies.ts';
import type { Cgroupfs } from '../kernel/cgroups/cgroupfs.ts';
import { createKernelLooks } from '../kernel/kernel-looks.ts';
import { faultsOfProbes } from '../kernel/processes/probe-faults.ts';
import type { Procfs, Sweep } from '../kernel/processes/procfs.ts';
import { createSlicer, DEFAULT_SLICE_MS, type Slicer } from '../kernel/reading/slicer.ts';
import type { Named } from '../kernel/tally.ts';
import { openRuntimes, type RuntimeSources } from './node-runtimes.ts';

/** Where a capture looks. */
export interface CaptureSources extends RuntimeSources {
  readonly node: string;
  readonly procfs: Procfs;
  readonly cgroupfs: Cgroupfs;
}

/** Takes looks, one at a time. */
export interface Capture {
  /** Never rejects because a source is missing: that is a fault in the snapshot. */
  look(): Promise<NodeSnapshot>;
  close(): void;
}

/** Makes a capture; nothing is asked before the first look. */
export function createCapture(sources: CaptureSources): Capture {
  const { node, procfs, cgroupfs } = sources;
  const kernelLooks = createKernelLooks({ procfs, cgroupfs });
  const runtimes = openRuntimes(sources);
  let isTrusted = false;

  async function look(): Promise<NodeSnapshot> {
    const { answers, faults: missing } = await runtimes.ask();
    const snapshots = answers.map(({ snapshot }) => snapshot);
    const faults = [...missing];
    const takenAtMs = Date.now();
    const slicer = createSlicer({ sliceMs: DEFAULT_SLICE_MS });
    await slicer.nextTurn();
    const pauses = pausePids(snapshots);
    const named = namedBy(snapshots, pauses);
    const { sweep, cgroups: pids, shims } = await kernelLooks.look(named);
    await slicer.nextTurn();
    const { processes, unreadablePids, bootTimeMs, pidMax, threadsMax } = sweep;
    // Where they once were, they have died.
    const isForeign = sweep.up && !isTrusted && showsNone(named.pids, sweep);
    isTrusted ||= showsMost(named.pids, sweep);
    const up = sweep.up && !isForeign;
    if (isForeign) faults.push(foreignProcfs(named.pids.size));
    const chosen = chooseProcesses(processes, named.pids);
    const probes = await procfs.probe(chosen, { pausePids: pauses });
    const frozen = pids.up ? await frozenSandboxes(snapshots, pids.cgroupOf, cgroupfs, slicer) : [];
    faults.push(...answers.flatMap((answer) => answer.faults), ...sweep.faults, ...pids.faults);
    faults.push(...faultsOfProbes(probes, named.pids));
    if (up) for (const { snapshot, forget } of answers) forget(idsWithoutProcess(snapshot, chosen));
    return {
      schemaVersion: SNAPSHOT_SCHEMA_VERSION,
      node,
      takenAtMs,
      runtimes: snapshots.map((it) => dropEnded(it, pids.up ? pids.cgroupOf : undefined)),
      kernel: {
        bootTimeMs,
        pidMax,
        threadsMax,
        procfsUp: up,
        cgroupfsUp: pids.up,
        processes: withProbes(processes, probes),
        unreadablePids,
        cgroups: pids.cgroups,
        cgroupOf: pids.cgroupOf,
        shims: up ? shims : undefined,
        frozen,
      },
      faults,
    };
  }

  return { look, close: () => runtimes.close() };
}

function pausePids(runtimes: readonly RuntimeSnapshot[]): Set<number> {
  const pauses = new Set<number>();
  for (const { sandboxes } of runtimes) {
    for (const { pause } of sandboxes) if (pause.kind === 'pid') pauses.add(pause.pid);
  }
  return pauses;
}

/** Ids of the sandboxes whose pause cannot run because cgroup v2 froze it. */
async function frozenSandboxes(
  runtimes: readonly RuntimeSnapshot[],
  cgroupOf: Readonly<Record<string, string>>,
  cgroupfs: Cgroupfs,
  slicer: Slicer,
): Promise<string[]> {
  const frozen: string[] = [];
  for (const { id, pause } of runtimes.flatMap(({ sandboxes }) => sandboxes)) {
    const path = cgroupOf[id];
    if (pause.kind === 'pid' && path !== undefined && cgroupfs.isFrozen(path)) frozen.push(id);
    if (slicer.isDue()) await slicer.nextTurn();
  }
  return frozen;
}

/** A node on which every pod died at this moment is less likely than a /proc that is not the node's. */
function showsNone(pids: ReadonlySet<number>, { processes, unreadablePids }: Sweep): boolean {
  return pids.size >= 2 && unreadablePids.length === 0 && !processes.some(({ pid }) => pids.has(pid));
}

/** One or two may be others of the same number. */
function showsMost(pids: ReadonlySet<number>, { processes }: Sweep): boolean {
  return pids.size > 0 && 2 * processes.filter(({ pid }) => pids.has(pid)).length >= pids.size;
}

function foreignProcfs(named: number): SourceFault {
  const message =
    `None of the ${named} processes that the runtime names is in /proc: it shows another PID namespace than the node's. ` +
    "Mount the node's /proc and name it with --path.procfs, or share the node's PID namespace (hostPID).";
  return { source: 'procfs', endpoint: undefined, code: 'malformed', subject: '/proc', message, count: 1 };
}

/** What the runtimes say exists. A ready sandbox with a pause, and a container that runs, must have a cgroup. */
function namedBy(runtimes: readonly RuntimeSnapshot[], pauses: ReadonlySet<number>): Named {
  const sandboxOf = new Map<string, string>();
  const running = new Set<string>();
  const pids = new Set(pauses);
  for (const { sandboxes, containers } of runtimes) {
    for (const { id, state, pause } of sandboxes) {
      sandboxOf.set(id, id);
      if (state === 'ready' && pause.kind === 'pid') running.add(id);
    }
    for (const { id, sandboxId, state, pid } of containers) {
      sandboxOf.set(id, sandboxId);
      if (state === 'running') running.add(id);
      if (pid !== undefined && 'value' in pid) pids.add(pid.value);
    }
  }
  return { sandboxOf, running, pids };
}

/** PID 1, pauses, first processes of containers, zombies and their parents: all others need no more than the sweep. */
function chooseProcesses(processes: readonly Process[], named: ReadonlySet<number>): readonly Process[] {
  // PID 1 shows which namespaces are the node's own.
  const wanted = new Set(named).add(1);
  for (const process of processes) if (isZombie(process)) wanted.add(process.pid).add(process.ppid);
  return processes.filter(({ pid }) => wanted.has(pid));
}

/** The processes with their probes; the list is new, the processes without a probe are the very same. */
function withProbes(processes: readonly Process[], probes: ReadonlyMap<number, ProcessProbe>): Process[] {
  return processes.map((process) => {
    const probe = probes.get(process.pid);
    return probe === undefined ? process : { ...process, probe };
  });
}

/** The runtime named a process that the kernel does not have: what it said is asked anew in the next look. */
function* idsWithoutProcess(snapshot: RuntimeSnapshot, named: readonly Process[]): Generator<string> {
  const alive = new Set(named.map(({ pid }) => pid));
  for (const { id, pause } of snapshot.sandboxes) if (pause.kind === 'pid' && !alive.has(pause.pid)) yield id;
  for (const { id, pid } of snapshot.containers) {
    if (pid !== undefined && 'value' in pid && !alive.has(pid.value)) yield id;
  }
}
