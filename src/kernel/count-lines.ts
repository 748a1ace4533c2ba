/** Counts the lines of a list of tasks, however long: the kernel gives such a file in pieces of a page. */
import { closeSync, constants, openSync, readSync } from 'node:fs';

const NEWLINE = 0x0a;
/** A file shorter than this came whole: only a full page (4 KiB at least) may be followed by more. */
const CERTAINLY_WHOLE_BYTES = 2048;

/** Number of lines in a file, read through `buffer`; throws the system's error. */
export function countLines(path: string, buffer: Buffer): number {
  const fd = openSync(path, constants.O_RDONLY);
  try {
    let lines = 0;
    for (;;) {
      const length = readSync(fd, buffer, 0, buffer.length, null);
      for (let at = 0; at < length; at++) if (buffer[at] === NEWLINE) lines++;
      if (length < CERTAINLY_WHOLE_BYTES) return lines;
    }
  } finally {
    closeSync(fd);
  }
}
