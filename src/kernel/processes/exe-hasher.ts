/** Hashes the program files of chosen processes, each file once, and gives up on files that do not answer. */
import { createHash } from 'node:crypto';
import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import type { FaultCode, Known } from '../../core/model.ts';
import { faultCodeOf } from '../reading/fault-tally.ts';

/** A pause is well under 1 MiB; nothing above this is read. */
const MAX_FILE_BYTES = 8 * 1024 * 1024;
/** About 0.1 ms of hashing between two turns of the event loop. */
const CHUNK_BYTES = 64 * 1024;
/** The longest wait for one file: an image may lie on a network or lazily pulled file system. */
const DEFAULT_DEADLINE_MS = 2000;

/** A hash and the file it was taken of. */
export interface HashedFile {
  /** Inode, size, mtime, ctime, and the device of a disk: changes whenever the content does; ctime cannot be set back. */
  readonly fileKey: string;
  /** SHA-256 of the content, 64 hexadecimal digits. */
  readonly sha256: string;
}

/** Remembers the hash of every file in use. */
export interface ExeHasher {
  /** A file still hangs (or is being read): nothing else is hashed until it answers. */
  isBusy(): boolean;
  /** Asynchronous on purpose: a file that hangs costs one thread of the pool, never the event loop. */
  hash(path: string): Promise<Known<HashedFile>>;
  /** Forgets every file but these. */
  retain(fileKeys: ReadonlySet<string>): void;
}

/** Makes a hasher that knows no file yet. */
export function createExeHasher({ deadlineMs = DEFAULT_DEADLINE_MS } = {}): ExeHasher {
  const hashes = new Map<string, string>();
  let busy = false;
  return {
    isBusy: () => busy,
    async hash(path) {
      // Were each hanging file to take a thread of the pool, four of them would stop DNS and gRPC.
      if (busy) return { unknown: 'timeout' };
      busy = true;
      const work = hashFile(path, hashes).finally(() => {
        busy = false;
      });
      return withDeadline(work, deadlineMs);
    },
    retain(fileKeys) {
      for (const key of hashes.keys()) if (!fileKeys.has(key)) hashes.delete(key);
    },
  };
}

async function hashFile(path: string, hashes: Map<string, string>): Promise<Known<HashedFile>> {
  let handle: FileHandle | undefined;
  try {
    const seen = keyOf(await stat(path, { bigint: true }));
    const known = hashes.get(seen);
    if (known !== undefined) return { value: { fileKey: seen, sha256: known } };
    handle = await open(path, constants.O_RDONLY);
    const opened = await handle.stat({ bigint: true });
    if (opened.size > MAX_FILE_BYTES) return { unknown: 'unsupported' };
    const fileKey = keyOf(opened);
    const sha256 = await hashContent(handle);
    hashes.set(fileKey, sha256);
    return { value: { fileKey, sha256 } };
  } catch (error) {
    return { unknown: faultCodeOf(error) };
  } finally {
    // A failed close changes nothing about the hash.
    await handle?.close().catch(() => undefined);
  }
}

/**
 * Each pod sees its image through an overlay of its own, a device without a disk (major 0): what lies below is one file
 * for all pods of that image, with one inode and one ctime.
 */
function keyOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  const hasDisk = ((dev >> 8n) & 0xfffn) !== 0n;
  return `${hasDisk ? dev : ''}:${ino}:${size}:${mtimeNs}:${ctimeNs}`;
}

async function hashContent(handle: FileHandle): Promise<string> {
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let position = 0;
  for (;;) {
    const { bytesRead } = await handle.read(chunk, 0, CHUNK_BYTES, position);
    if (bytesRead === 0) return hash.digest('hex');
    hash.update(chunk.subarray(0, bytesRead));
    position += bytesRead;
  }
}

async function withDeadline<T>(work: Promise<Known<T>>, deadlineMs: number): Promise<Known<T>> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<{ readonly unknown: FaultCode }>((resolve) => {
    timer = setTimeout(() => resolve({ unknown: 'timeout' }), deadlineMs);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
