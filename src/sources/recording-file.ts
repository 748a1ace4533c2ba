/** Recordings on disk: written for their owner alone and over nothing that exists, read up to a limit. */
import { constants } from 'node:fs';
import { type FileHandle, open, unlink } from 'node:fs/promises';

/** A file could not be read or written; the message names it and says what to do. */
export class RecordingFileError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RecordingFileError';
  }
}

/** Beyond any node: a look at 6,500 processes in 250 pods takes 2 MB. */
const MAX_BYTES = 64 * 1024 * 1024;

/** Owner may read and write, nobody else anything. */
const MODE = 0o600;

/**
 * Writes a file that did not exist: whatever has the name already (a symbolic link too) is left alone. What could not be
 * written to its end is taken away. Rejects with a RecordingFileError.
 */
export async function writeNewFile(path: string, text: string): Promise<void> {
  const handle = await createFile(path);
  try {
    await handle.writeFile(text);
    await handle.close();
  } catch (cause) {
    await unlink(path);
    throw new RecordingFileError(`cannot write ${path}: ${describeFailure(codeOf(cause))}`, { cause });
  }
}

async function createFile(path: string): Promise<FileHandle> {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  try {
    return await open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, MODE);
  } catch (cause) {
    throw new RecordingFileError(`cannot write ${path}: ${describeFailure(codeOf(cause))}`, { cause });
  }
}

/** Reads a file (or what a pipe gives) as text; rejects with a RecordingFileError. */
export async function readFileText(path: string): Promise<string> {
  try {
    const handle = await open(path, constants.O_RDONLY);
    try {
      return await readUpTo(handle, path);
    } finally {
      await handle.close();
    }
  } catch (cause) {
    if (cause instanceof RecordingFileError) throw cause;
    throw new RecordingFileError(`cannot read ${path}: ${describeFailure(codeOf(cause))}`, { cause });
  }
}

async function readUpTo(handle: FileHandle, path: string): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of handle.createReadStream({ autoClose: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) {
      const limit = `more than ${MAX_BYTES / 1024 / 1024} MiB`;
      throw new RecordingFileError(`cannot read ${path}: it holds ${limit}, which no recording of a node does`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function describeFailure(code: string): string {
  switch (code) {
    case 'ENOENT':
      return 'there is no such file or directory';
    case 'EEXIST':
      return 'something of this name exists, and nothing is overwritten; choose another name';
    case 'EACCES':
      return 'not permitted (a recording may be read by its owner only)';
    case 'ENOSPC':
      return 'no space is left';
    case 'EISDIR':
      return 'it is a directory';
    default:
      return code;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : String(error);
}
