/** Counts the tasks in a list of them, however long: the kernel gives such a file in pieces of a page. */
import { closeSync, constants, openSync, readSync } from 'node:fs';

const NEWLINE = 0x0a;
const ZERO = 0x30;
/** A file shorter than this came whole: only a full page (4 KiB at least) may be followed by more. */
const CERTAINLY_WHOLE_BYTES = 2048;

/** Number of tasks in a file with one on each line, read through `buffer`; throws the system's error. */
export function countTasks(path: string, buffer: Buffer, onTask?: (tid: number) => void): number {
  const fd = openSync(path, constants.O_RDONLY);
  try {
    let tasks = 0;
    let tid = 0;
    for (;;) {
      const length = readSync(fd, buffer, 0, buffer.length, null);
      for (let at = 0; at < length; at++) {
        const byte = buffer[at] ?? 0;
        if (byte !== NEWLINE) tid = tid * 10 + byte - ZERO;
        else {
          onTask?.(tid);
          tasks++;
          tid = 0;
        }
      }
      if (length < CERTAINLY_WHOLE_BYTES) return tasks;
    }
  } finally {
    closeSync(fd);
  }
}
