/**
 * Reads small files of procfs and cgroupfs into one reused buffer, the cheapest way Node has. For files that the kernel
 * formats as a whole: stat, status, cgroup, cmdline, counters. Of a list of records (net/tcp, mountinfo, cgroup.threads)
 * one read gives a page at most, however large the buffer: `list-reader.ts` and `count-tasks.ts` read those.
 */
import { closeSync, constants, openSync, readSync } from 'node:fs';

/** Files longer than this are cut. The longest here is the status of a process with 65,536 groups: 700 KiB. */
const MAX_BYTES = 1024 * 1024;

/** One buffer and the files read into it; what it holds is overwritten by the next read. */
export interface BytesReader {
  /** Holds the file read last; replaced by a larger one when a file does not fit. */
  buffer: Buffer;
  /** Reads a file that is no list into `buffer` and returns its length; throws the system's error. */
  read(path: string): number;
  /** The same as a string, a byte per character (latin1): for files whose keys and numbers are ASCII. */
  readText(path: string): string;
}

/**
 * Makes a reader with a buffer of its own. The kernel formats a file that is no list within one read, which makes it
 * consistent, and 64 KiB hold nearly all of them: of a longer one the rest is what the kernel kept of that moment. A
 * stat file of 6,500 processes costs 10 µs this way, 13 µs by readFileSync as text, and over 100 µs by fs.promises.
 */
export function createBytesReader(initialBytes = 64 * 1024): BytesReader {
  const reader: BytesReader = {
    buffer: Buffer.allocUnsafeSlow(initialBytes),
    read(path) {
      const fd = openSync(path, constants.O_RDONLY);
      try {
        const length = readSync(fd, reader.buffer, 0, reader.buffer.length, null);
        return length < reader.buffer.length ? length : readRest(reader, fd);
      } finally {
        closeSync(fd);
      }
    },
    readText: (path) => {
      const length = reader.read(path);
      return reader.buffer.toString('latin1', 0, length);
    },
  };
  return reader;
}

function readRest(reader: BytesReader, fd: number): number {
  let length = reader.buffer.length;
  while (length === reader.buffer.length && length < MAX_BYTES) {
    const larger = Buffer.allocUnsafeSlow(length * 2);
    reader.buffer.copy(larger);
    reader.buffer = larger;
    length += readSync(fd, larger, length, length, null);
  }
  return length;
}
