/** Reads where tasks wait in the kernel: of a pause, and of the threads that a dead leader left behind. */
import { readdirSync } from 'node:fs';
import type { ThreadWait } from '../../core/model.ts';
import { isDeadState } from '../../core/process-life.ts';
import { parseStat } from '../parse/stat.ts';
import type { BytesReader } from '../reading/bytes-reader.ts';

/** Threads that are looked at, of the thousands there may be. */
const MAX_THREADS_READ = 256;
/** Threads that are kept. */
const MAX_THREADS_KEPT = 32;

/** The kernel function that a task waits in; undefined while it runs, and where the kernel does not tell ("0"). */
export function readWchan(directory: string, reader: BytesReader): string | undefined {
  try {
    const name = reader.readText(`${directory}/wchan`).trim();
    return name === '' || name === '0' ? undefined : name;
  } catch {
    return undefined;
  }
}

/** The threads of `<root>/<pid>` that are alive, those that cannot be killed first; undefined when there is no list. */
export function readThreads(directory: string, reader: BytesReader): readonly ThreadWait[] | undefined {
  let names: readonly string[];
  try {
    names = readdirSync(`${directory}/task`);
  } catch {
    return undefined;
  }
  const threads = names.slice(0, MAX_THREADS_READ).flatMap((name) => readThread(`${directory}/task/${name}`, reader));
  return threads.toSorted((a, b) => Number(b.state === 'D') - Number(a.state === 'D')).slice(0, MAX_THREADS_KEPT);
}

function readThread(directory: string, reader: BytesReader): ThreadWait[] {
  try {
    const length = reader.read(`${directory}/stat`);
    const facts = parseStat(reader.buffer, length);
    if (facts === undefined || isDeadState(facts.state)) return [];
    return [{ tid: facts.pid, state: facts.state, wchan: readWchan(directory, reader) }];
  } catch {
    // It ended meanwhile.
    return [];
  }
}
