/** The procfs of a node: sweeps all processes, probes chosen ones, and tells the state of a single one. */
import { readlinkSync } from 'node:fs';
import type { Known, Process, ProcessProbe, Shim, SourceFault } from '../../core/model.ts';
import { createBytesReader } from '../reading/bytes-reader.ts';
import { createFaultTally } from '../reading/fault-tally.ts';
import { createSlicer, DEFAULT_SLICE_MS } from '../reading/slicer.ts';
import { readBootTimeMs, readPidMax, readThreadsMax } from './node-facts.ts';
import { createProber } from './probe.ts';
import { type ProcessState, readProcessState } from './process-state.ts';
import { createShimReader } from './shims.ts';
import { createSweeper, type SweptProcesses } from './sweep.ts';

/** How a procfs is to be read. */
export interface ProcfsOptions {
  /** Where the node's procfs is mounted: `--path.procfs`, "/proc". */
  readonly root: string;
  /** kernel.pid_max of the node as told by `--node.pid-max`. */
  readonly pidMax?: number | undefined;
  /** PID of this very process: tells whether the procfs is that of our own PID namespace. */
  readonly ownPid?: number | undefined;
}

/** What concerns the node as a whole. */
interface NodeFacts {
  /** Boot time (btime of proc_stat(5)), milliseconds since the epoch; undefined with a fault. */
  readonly bootTimeMs: number | undefined;
  /** kernel.pid_max; undefined with a fault when it cannot be trusted. */
  readonly pidMax: number | undefined;
  /** kernel.threads-max; undefined with a fault. */
  readonly threadsMax: number | undefined;
  readonly faults: readonly SourceFault[];
}

/** One look at all processes; what concerns the node is read with each sweep. */
export interface Sweep extends SweptProcesses, NodeFacts {}

/** What a sweep may be told. */
export interface SweepOptions {
  /** Paths of cgroups by PID, as they were a moment ago: spares reading them. */
  readonly places?: ReadonlyMap<number, string> | undefined;
}

/** Which processes of a probe are asked for more. */
export interface ProbeOptions {
  /**
   * PIDs of pauses: their program file is hashed, where they wait in the kernel is told, and their status is read each
   * time, that of others only in turn.
   */
  readonly pausePids: ReadonlySet<number>;
}

/** Reads one procfs. One sweep and one probe at a time; what is remembered is bounded by what the last sweep saw. */
export interface Procfs {
  /** Reads every process. */
  sweep(options?: SweepOptions): Promise<Sweep>;
  /**
   * Reads only these processes, the dead and their ancestors again; all others are as the last sweep saw them.
   * Undefined when only a sweep can tell how things are.
   */
  refresh(pids: Iterable<number>): Promise<Sweep | undefined>;
  /** Reads the details of some processes of the last sweep, by PID; those that are gone meanwhile are left out. */
  probe(processes: readonly Process[], options: ProbeOptions): Promise<ReadonlyMap<number, ProcessProbe>>;
  /** The shims and conmons among these processes, with what their command lines say. */
  shims(processes: readonly Process[]): readonly Shim[];
  /** Reads one process now; `vanished` means it is gone. */
  readState(pid: number): Known<ProcessState>;
}

/** Makes a reader of the procfs at `root`; nothing is read before the first call. */
export function createProcfs(options: ProcfsOptions): Procfs {
  const { root, pidMax, ownPid = process.pid } = options;
  const reader = createBytesReader();
  const readState = (pid: number) => readProcessState(root, reader, pid);
  const sweeper = createSweeper({ root, reader });
  const prober = createProber({ root, reader, readState });
  const shimReader = createShimReader({ root, reader });
  let facts: NodeFacts = { bootTimeMs: undefined, pidMax: undefined, threadsMax: undefined, faults: [] };
  const readNodeFacts = (): NodeFacts => {
    const faults = createFaultTally('procfs');
    const place = { root, reader, ownPid, pidMax, faults };
    const values = { bootTimeMs: readBootTimeMs(place), pidMax: readPidMax(place), threadsMax: readThreadsMax(place) };
    return { ...values, faults: faults.list() };
  };
  // A list of tasks gives PIDs as the reader knows them, which may be others than those of this procfs.
  const knowsOurPids = (): boolean => {
    try {
      return readlinkSync(`${root}/self`) === String(ownPid);
    } catch {
      return false;
    }
  };
  const finish = (swept: SweptProcesses): Sweep => {
    prober.retain((pid) => sweeper.startTicksOf(pid));
    return { ...swept, ...facts, faults: [...swept.faults, ...facts.faults] };
  };
  return {
    async sweep({ places } = {}) {
      const listed = places !== undefined && knowsOurPids() ? places : undefined;
      const swept = await sweeper.sweep(createSlicer({ sliceMs: DEFAULT_SLICE_MS }), listed);
      if (!swept.up) return { ...swept, bootTimeMs: undefined, pidMax, threadsMax: undefined };
      facts = readNodeFacts();
      return finish(swept);
    },
    async refresh(pids) {
      const refreshed = await sweeper.refresh(pids, createSlicer({ sliceMs: DEFAULT_SLICE_MS }));
      return refreshed && finish(refreshed);
    },
    probe: (processes, { pausePids }) =>
      prober.probe(processes, pausePids, createSlicer({ sliceMs: DEFAULT_SLICE_MS })),
    shims: (processes) => shimReader.read(processes),
    readState,
  };
}
