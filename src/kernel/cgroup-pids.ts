/** Reads the pids controller's counters of one cgroup. */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import type { CgroupPids } from '../core/model.ts';
import type { BytesReader } from './bytes-reader.ts';
import { errnoOf, type FaultTally, faultCodeOf } from './fault-tally.ts';
import { parseCount, parsePidsEvents, parsePidsMax } from './parse-counters.ts';

/** Where to read and where to note what failed. */
export interface CgroupPidsOptions {
  /** Directory of the pids controller. */
  readonly base: string;
  readonly reader: BytesReader;
  readonly faults: FaultTally;
}

/** Reads pids.current, pids.max and pids.events of `path`; undefined when there is no such cgroup (any more). */
export function readCgroupPids(options: CgroupPidsOptions, path: string): CgroupPids | undefined {
  // The root of the hierarchy has none of these files.
  if (path === '/') return { path, current: undefined, limit: undefined, limitHits: undefined };
  const directory = `${options.base}${path}`;
  const absent: string[] = [];
  const current = readCounter(options, `${directory}/pids.current`, parseCount, absent);
  const limit = readCounter(options, `${directory}/pids.max`, parsePidsMax, absent);
  const limitHits = readCounter(options, `${directory}/pids.events`, parsePidsEvents, absent);
  if (absent.length > 0 && !existsSync(directory)) return undefined;
  for (const file of absent) noteAbsence(options, file);
  return { path, current, limit: limit === 'max' ? undefined : limit, limitHits };
}

function readCounter<T>(
  { reader, faults }: CgroupPidsOptions,
  path: string,
  parse: (text: string) => T | undefined,
  absent: string[],
): T | undefined {
  const file = basename(path);
  try {
    const value = parse(reader.readText(path));
    if (value !== undefined) return value;
    faults.add({ code: 'malformed', cause: file, subject: path, message: `${file} of a cgroup does not make sense.` });
  } catch (error) {
    const errno = errnoOf(error);
    const code = faultCodeOf(error);
    const message = `${file} of a cgroup could not be read (${errno}).`;
    if (code === 'vanished') absent.push(path);
    else faults.add({ code, cause: `${file} ${errno}`, subject: path, message });
  }
  return undefined;
}

function noteAbsence({ faults }: CgroupPidsOptions, path: string): void {
  const file = basename(path);
  const message = `A cgroup has no ${file}: its pids controller is not enabled, or the kernel is too old for the file.`;
  faults.add({ code: 'unsupported', cause: `${file} absent`, subject: path, message });
}
