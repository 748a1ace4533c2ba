/** Reads the long lists of procfs (net/tcp, mountinfo), of which the kernel gives no more than about a page at a time. */
import { closeSync, constants, openSync, readSync } from 'node:fs';
import type { Slicer } from './slicer.ts';

/**
 * Bytes that are read of one list: some 28,000 sockets. There is an end because others make these lists, and finding
 * the place to go on from costs the kernel more the longer a list is.
 */
export const MAX_LIST_BYTES = 4 * 1024 * 1024;

/** Bytes asked for in one read; the kernel gives 4 KiB (one page) of them, a plain file all. */
const PIECE_BYTES = 64 * 1024;
const NEWLINE = 0x0a;

/**
 * Reads until nothing more comes and gives the lines to `onLines`, some whole ones at a time, in a buffer that is used
 * again; the loop turns in between. False when the list is longer than MAX_LIST_BYTES: what is beyond is not given.
 * Rejects with the system's error.
 */
export async function readList(path: string, slicer: Slicer, onLines: (lines: Buffer) => void): Promise<boolean> {
  const buffer = Buffer.allocUnsafe(PIECE_BYTES);
  const fd = openSync(path, constants.O_RDONLY);
  try {
    let bytes = 0;
    let held = 0;
    for (;;) {
      const length = readSync(fd, buffer, held, buffer.length - held, null);
      bytes += length;
      if (bytes > MAX_LIST_BYTES) return false;
      held += length;
      const end = length === 0 ? held : endOfLines(buffer, held);
      if (end > 0) onLines(buffer.subarray(0, end));
      if (length === 0) return true;
      buffer.copyWithin(0, end, held);
      held -= end;
      if (slicer.isDue()) await slicer.nextTurn();
    }
  } finally {
    closeSync(fd);
  }
}

/** Where the last whole line ends; a line that fills the whole buffer is given as it is. */
function endOfLines(buffer: Buffer, length: number): number {
  const end = buffer.lastIndexOf(NEWLINE, length - 1) + 1;
  return end === 0 && length === buffer.length ? length : end;
}
