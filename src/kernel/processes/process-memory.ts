/** Remembers every process from one sweep to the next: its cgroup outlives its death only here (L4). */
import type { Process } from '../../core/model.ts';
import { isDeadState } from '../../core/process-life.ts';
import type { StatFacts } from '../parse/stat.ts';

/** Every how many sweeps the cgroup of a settled process is read again: it can be moved, which is rare. */
const SWEEPS_PER_REFRESH = 20;

/** One process as of the sweep that saw it last. */
export interface RememberedProcess {
  /** The object of the last sweep, handed out again while nothing changed. */
  readonly process: Process;
  /** How many sweeps have seen this identity, at least 1. */
  sightings: number;
}

/** Whether the cgroup of a process is to be read now. */
type CgroupAction = 'read' | 'keep';

/**
 * A cgroup is read when a process is first and second seen (between the two a container's first process is moved
 * into place), when its comm changed (exec, likewise), in its turn every few sweeps, and once more when it has just
 * died without a path worth keeping. A dead one keeps what it had: on cgroup v1 the kernel shows "/" by then.
 */
export function cgroupAction(before: RememberedProcess | undefined, facts: StatFacts, round: number): CgroupAction {
  if (before === undefined) return 'read';
  const { process, sightings } = before;
  if (isDeadState(facts.state)) {
    const justDied = !isDeadState(process.state);
    return justDied && (process.cgroup === undefined || process.cgroup === '/') ? 'read' : 'keep';
  }
  const isItsTurn = (facts.pid + round) % SWEEPS_PER_REFRESH === 0;
  return sightings === 1 || process.comm !== facts.comm || isItsTurn ? 'read' : 'keep';
}

/** What to remember of a process now; the same object, counted on, while no fact of it changed. */
export function rememberProcess(
  before: RememberedProcess | undefined,
  facts: StatFacts,
  cgroup: string | undefined,
): RememberedProcess {
  if (before !== undefined && isUnchanged(before.process, facts, cgroup)) {
    before.sightings++;
    return before;
  }
  const { pid, ppid, sessionId, startTicks, comm, state, threads, cpuTicks } = facts;
  const process = { pid, ppid, sessionId, startTicks, comm, state, threads, cpuTicks, cgroup, probe: undefined };
  return { process, sightings: (before?.sightings ?? 0) + 1 };
}

function isUnchanged(process: Process, facts: StatFacts, cgroup: string | undefined): boolean {
  return (
    process.cpuTicks === facts.cpuTicks &&
    process.state === facts.state &&
    process.ppid === facts.ppid &&
    process.sessionId === facts.sessionId &&
    process.threads === facts.threads &&
    process.cgroup === cgroup &&
    process.comm === facts.comm
  );
}
