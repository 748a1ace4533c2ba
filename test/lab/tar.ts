// Writes tar archives (POSIX ustar) in memory, as far as image layers need them.

/** One entry of an archive. */
export interface TarEntry {
  /** Path inside the archive, at most 100 bytes, without a leading slash. */
  readonly path: string;
  /** Content; for a link the target; nothing for a directory. */
  readonly content?: Buffer;
  readonly kind?: 'file' | 'directory' | 'symlink';
  /** Permission bits; 0o755 if not given. */
  readonly mode?: number;
}

const BLOCK = 512;
const TYPE_FLAGS = { file: '0', symlink: '2', directory: '5' } as const;

/** All entries, owned by root and dated at the epoch, so that equal content gives equal bytes. */
export function renderTar(entries: readonly TarEntry[]): Buffer {
  const parts: Buffer[] = [];
  for (const entry of entries) {
    const body =
      entry.kind === undefined || entry.kind === 'file' ? (entry.content ?? Buffer.alloc(0)) : Buffer.alloc(0);
    parts.push(renderHeader(entry, body.length), body, Buffer.alloc((BLOCK - (body.length % BLOCK)) % BLOCK));
  }
  parts.push(Buffer.alloc(2 * BLOCK));
  return Buffer.concat(parts);
}

function renderHeader(entry: TarEntry, size: number): Buffer {
  const kind = entry.kind ?? 'file';
  const header = Buffer.alloc(BLOCK);
  if (Buffer.byteLength(entry.path) > 100) throw new Error(`path too long for a tar header: ${entry.path}`);
  header.write(entry.path, 0);
  header.write(octal(entry.mode ?? 0o755, 8), 100);
  header.write(octal(0, 8), 108);
  header.write(octal(0, 8), 116);
  header.write(octal(size, 12), 124);
  header.write(octal(0, 12), 136);
  header.write(TYPE_FLAGS[kind], 156);
  if (kind === 'symlink') header.write(entry.content?.toString() ?? '', 157);
  header.write('ustar\u000000', 257);
  // The checksum is taken with its own field full of spaces.
  header.fill(' ', 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

function octal(value: number, width: number): string {
  return `${value.toString(8).padStart(width - 1, '0')}\0`;
}
