/** Reads the pids controller's counters of cgroups: how many tasks each time, the limits only in turn. */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import type { CgroupPids } from '../../core/model.ts';
import { parseCount, parsePidsEvents, parsePidsMax } from '../parse/counters.ts';
import type { BytesReader } from '../reading/bytes-reader.ts';
import { errnoOf, type FaultTally, faultCodeOf } from '../reading/fault-tally.ts';

/** Every how many reads the limit of a cgroup is read again: whoever sets one does so when it is made. */
const READS_PER_LIMIT = 8;

/** Where to read and where to note what failed. */
export interface CgroupPidsOptions {
  /** Directory of the pids controller. */
  readonly base: string;
  readonly reader: BytesReader;
  readonly faults: FaultTally;
}

/** Reads cgroups again and again, remembering their limits. */
export interface CgroupPidsReader {
  /** The counters of `path`; undefined when there is no such cgroup (any more). */
  read(options: CgroupPidsOptions, path: string): CgroupPids | undefined;
  /** Forgets all cgroups but these. */
  retain(paths: { has(path: string): boolean }): void;
}

/** What is remembered of a cgroup. */
interface Memo {
  readonly limit: number | undefined;
  readonly limitHits: number | undefined;
  /** Reads until the limit is read again. */
  readonly readsLeft: number;
}

/** Makes a reader with an empty memory. */
export function createCgroupPidsReader(): CgroupPidsReader {
  const memos = new Map<string, Memo>();
  // Spreads the turns, so that not all limits are read in one look.
  let turn = 0;

  /** A refused fork is counted in the cgroup of the process that forked, whichever ancestor's limit it met. */
  function isLimited(path: string): boolean {
    for (let at = path.length; at > 0; at = path.lastIndexOf('/', at - 1)) {
      if (memos.get(path.slice(0, at))?.limit !== undefined) return true;
    }
    return false;
  }

  function remember(path: string, before: Memo | undefined, pids: CgroupPids, isWhole: boolean): void {
    const { limit, limitHits } = pids;
    if (!isWhole) memos.delete(path);
    else if (before !== undefined && before.readsLeft > 0) {
      memos.set(path, { limit, limitHits, readsLeft: before.readsLeft - 1 });
    } else {
      const readsLeft = before === undefined ? turn++ % READS_PER_LIMIT : READS_PER_LIMIT - 1;
      memos.set(path, { limit, limitHits, readsLeft });
    }
  }

  return {
    read(options, path) {
      // The root of the hierarchy has none of these files.
      if (path === '/') return { path, current: undefined, limit: undefined, limitHits: undefined };
      const memo = memos.get(path);
      const isTurn = memo === undefined || memo.readsLeft === 0;
      const directory = `${options.base}${path}`;
      const failed: string[] = [];
      const current = readCounter(options, `${directory}/pids.current`, parseCount, failed);
      const limit = isTurn ? readCounter(options, `${directory}/pids.max`, parsePidsMax, failed) : memo.limit;
      const isEventful = isTurn || isLimited(path);
      const limitHits = isEventful
        ? readCounter(options, `${directory}/pids.events`, parsePidsEvents, failed)
        : memo.limitHits;
      const absent = failed.filter((file) => file !== '');
      if (absent.length > 0 && !existsSync(directory)) {
        memos.delete(path);
        return undefined;
      }
      for (const file of absent) noteAbsence(options, file);
      const pids = { path, current, limit: limit === 'max' ? undefined : limit, limitHits };
      remember(path, memo, pids, failed.length === 0);
      return pids;
    },
    retain(paths) {
      for (const path of memos.keys()) if (!paths.has(path)) memos.delete(path);
    },
  };
}

/** A counter; what could not be read is noted in `failed`, by its path if it is absent, else by "". */
function readCounter<T>(
  { reader, faults }: CgroupPidsOptions,
  path: string,
  parse: (text: string) => T | undefined,
  failed: string[],
): T | undefined {
  try {
    const value = parse(reader.readText(path));
    if (value !== undefined) return value;
    const file = basename(path);
    faults.add({ code: 'malformed', cause: file, subject: path, message: `${file} of a cgroup does not make sense.` });
    failed.push('');
  } catch (error) {
    const file = basename(path);
    const errno = errnoOf(error);
    const code = faultCodeOf(error);
    const message = `${file} of a cgroup could not be read (${errno}).`;
    failed.push(code === 'vanished' ? path : '');
    if (code !== 'vanished') faults.add({ code, cause: `${file} ${errno}`, subject: path, message });
  }
  return undefined;
}

function noteAbsence({ faults }: CgroupPidsOptions, path: string): void {
  const file = basename(path);
  const message = `A cgroup has no ${file}: its pids controller is not enabled, or the kernel is too old for the file.`;
  faults.add({ code: 'unsupported', cause: `${file} absent`, subject: path, message });
}
