/** Looks closer at chosen processes: status often, namespaces, program file and its hash only when they may differ. */
import type { FaultCode, Known, Process, ProcessProbe } from '../../core/model.ts';
import { isDeadState } from '../../core/process-life.ts';
import { parseOomScoreAdj } from '../parse/counters.ts';

import { parseStatus, type StatusFacts } from '../parse/status.ts';
import type { BytesReader } from '../reading/bytes-reader.ts';
import type { Slicer } from '../reading/slicer.ts';
import { createExeHasher, type ExeHasher, type HashedFile } from './exe-hasher.ts';
import { attempt, type FixedFacts, type Refusals, readFixedFacts, settle } from './fixed-facts.ts';
import type { ProcessState } from './process-state.ts';
import { readThreads, readWchan } from './waits.ts';

/** Every how many probes the fixed facts of a process are read again: exec and setns can change them. */
const PROBES_PER_REFRESH = 20;
/** Every how many probes the status of a living process that is no pause is read again; of a dead one nothing changes. */
const PROBES_PER_STATUS = 4;

/** What a prober is made of. */
export interface ProberOptions {
  /** Where procfs is mounted. */
  readonly root: string;
  readonly reader: BytesReader;
  /** Reads the identity of a process that lives now. */
  readonly readState: (pid: number) => Known<ProcessState>;
  readonly hasher?: ExeHasher | undefined;
}

/** Probes again and again, remembering what need not be asked twice. */
export interface Prober {
  /** Probes by PID; a process that is not the same any more, or gone, has none. */
  probe(
    processes: readonly Process[],
    pausePids: ReadonlySet<number>,
    slicer: Slicer,
  ): Promise<ReadonlyMap<number, ProcessProbe>>;
  /** Forgets every process for which this is not its start time any more. */
  retain(startTicksOf: (pid: number) => number | undefined): void;
}

/** What is remembered of one process. */
interface Memo {
  readonly startTicks: number;
  readonly comm: string;
  /** One letter of proc_pid_stat(5), as of the last probe. */
  state: string;
  readonly dead: boolean;
  readonly fixed: FixedFacts;
  readonly refusals: Refusals;
  /** What the last probe gave; undefined when it has to be read. */
  probe: ProcessProbe | undefined;
  /** Undefined until it was asked for. */
  hash: Known<HashedFile> | undefined;
  /** Probes until the fixed facts are read again. */
  probesLeft: number;
}

/** Makes a prober with an empty memory. */
export function createProber({ root, reader, readState, hasher = createExeHasher() }: ProberOptions): Prober {
  const memos = new Map<number, Memo>();
  return {
    async probe(processes, pausePids, slicer) {
      const probes = new Map<number, ProcessProbe>();
      for (const process of processes) {
        const directory = `${root}/${process.pid}`;
        const isPause = pausePids.has(process.pid);
        const memo = memoFor(memos.get(process.pid), directory, process);
        const kept = isPause || !isStatusKept(memo, process.pid) ? undefined : memo.probe;
        if (kept !== undefined) {
          probes.set(process.pid, withThreads(kept, directory, reader, process));
          continue;
        }
        const hash = isPause ? await hashExe(directory, memo, hasher) : undefined;
        const wchan = isPause ? readWchan(directory, reader) : undefined;
        const probe = { ...readProbe(directory, reader, memo, hash), wchan };
        const now = readState(process.pid);
        if ('value' in now && now.value.startTicks === process.startTicks) {
          memo.probe = isPause || hasPassingFailure(probe.unknown) ? undefined : probe;
          memos.set(process.pid, memo);
          probes.set(process.pid, withThreads(probe, directory, reader, process));
        }
        if (slicer.isDue()) await slicer.nextTurn();
      }
      hasher.retain(fileKeysOf(memos.values()));
      return probes;
    },
    retain(startTicksOf) {
      for (const [pid, memo] of memos) if (startTicksOf(pid) !== memo.startTicks) memos.delete(pid);
    },
  };
}

/** The remembered facts while they may be taken as true, else new ones; denials are remembered in any case. */
function memoFor(before: Memo | undefined, directory: string, { pid, startTicks, comm, state }: Process): Memo {
  const dead = isDeadState(state);
  const isSame = before?.startTicks === startTicks;
  if (isSame && before.comm === comm && before.dead === dead && before.probesLeft > 0) {
    before.probesLeft--;
    if (!isSameRest(before.state, state)) before.probe = undefined;
    before.state = state;
    return before;
  }
  const refusals: Refusals = isSame ? before.refusals : new Map();
  const fixed = readFixedFacts(directory, dead, refusals);
  const probesLeft = lifetimeOf(fixed, isSame, pid);
  return { startTicks, comm, state, dead, fixed, refusals, hash: undefined, probe: undefined, probesLeft };
}

/** Running and sleeping are one to an observer; stopping is not. */
function isSameRest(before: string, now: string): boolean {
  return before === now || !/[tT]/.test(before + now);
}

/** Whether the status read last still stands: of the living until it is their turn, of the dead while nobody traces them. */
function isStatusKept({ dead, probe, probesLeft }: Memo, pid: number): boolean {
  return dead ? (probe?.tracerPid ?? 0) === 0 : (pid + probesLeft) % PROBES_PER_STATUS !== 0;
}

/** Probes that fixed facts may be kept for: none after a passing failure, fewer at first so that not all end at once. */
function lifetimeOf(fixed: FixedFacts, isRefresh: boolean, pid: number): number {
  if (hasPassingFailure(fixed.unknown)) return 0;
  return isRefresh ? PROBES_PER_REFRESH - 1 : pid % PROBES_PER_REFRESH;
}

function hasPassingFailure(unknown: Readonly<Record<string, FaultCode>>): boolean {
  return Object.values(unknown).includes('silent');
}

async function hashExe(directory: string, memo: Memo, hasher: ExeHasher): Promise<Known<HashedFile>> {
  const refusal = memo.refusals.get('exeSha256');
  if (refusal !== undefined) return { unknown: refusal };
  if (memo.dead) return { unknown: 'unsupported' };
  if (memo.hash !== undefined) return memo.hash;
  // Another file hangs: that is no fault of this one, which is tried again next time.
  if (hasher.isBusy()) return { unknown: 'timeout' };
  const hash = await hasher.hash(`${directory}/exe`);
  memo.hash = 'unknown' in hash && hash.unknown === 'vanished' ? { unknown: 'unsupported' } : hash;
  if ('unknown' in hash && (hash.unknown === 'denied' || hash.unknown === 'timeout')) {
    memo.refusals.set('exeSha256', hash.unknown);
  }
  return memo.hash;
}

function readProbe(
  directory: string,
  reader: BytesReader,
  { fixed, refusals }: Memo,
  hash: Known<HashedFile> | undefined,
): Omit<ProcessProbe, 'wchan'> {
  const unknown: Record<string, FaultCode> = { ...fixed.unknown };
  const status = attempt('status', refusals, () => parseStatus(reader.readText(`${directory}/status`)));
  const score = attempt('oomScoreAdj', refusals, () => parseOomScoreAdj(reader.readText(`${directory}/oom_score_adj`)));
  return {
    nsPids: nsPidsOf(status, unknown),
    uid: settle('uid', pick(status, 'uid'), unknown),
    tracerPid: 'value' in status ? status.value.tracerPid : undefined,
    signalsCaught: settle('signalsCaught', pick(status, 'signalsCaught'), unknown),
    signalsIgnored: settle('signalsIgnored', pick(status, 'signalsIgnored'), unknown),
    namespaces: fixed.namespaces,
    exe: fixed.exe,
    exeSha256: hash !== undefined ? settle('exeSha256', hash, unknown)?.sha256 : undefined,
    oomScoreAdj: settle('oomScoreAdj', given(score, 'malformed'), unknown),
    rssBytes: settle('rssBytes', pick(status, 'rssBytes'), unknown),
    threads: undefined,
    unknown,
  };
}

/** Of a dead leader its threads, which live on and change: they are read in every probe. */
function withThreads(probe: ProcessProbe, directory: string, reader: BytesReader, process: Process): ProcessProbe {
  const isDeadLeader = isDeadState(process.state) && process.threads > 1;
  return isDeadLeader ? { ...probe, threads: readThreads(directory, reader) } : probe;
}

/** One field of status: where the file has no such line, the kernel does not tell it (memory of a zombie). */
function pick<K extends keyof StatusFacts>(status: Known<StatusFacts>, field: K): Known<NonNullable<StatusFacts[K]>> {
  return given('unknown' in status ? status : { value: status.value[field] }, 'unsupported');
}

/** A fact whose value may itself be absent, for the reason given. */
function given<T>(fact: Known<T>, reason: FaultCode): Known<NonNullable<T>> {
  if ('unknown' in fact) return fact;
  return fact.value === undefined || fact.value === null ? { unknown: reason } : { value: fact.value };
}

function nsPidsOf(status: Known<StatusFacts>, unknown: Record<string, FaultCode>): readonly number[] {
  const nsPids = settle('nsPids', status, unknown)?.nsPids ?? [];
  if (nsPids.length === 0) unknown['nsPids'] ??= 'unsupported';
  return nsPids;
}

function fileKeysOf(memos: Iterable<Memo>): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const { hash } of memos) if (hash !== undefined && 'value' in hash) keys.add(hash.value.fileKey);
  return keys;
}
