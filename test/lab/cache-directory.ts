// Where the lab keeps what is dear to make, and how two processes avoid making it twice at once.
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { claim } from './claim.ts';

/** Takes one line, without a line end, about what the lab is doing right now. */
export type Progress = (line: string) => void;

/** The cache: `PAUSEWATCH_LAB_CACHE`, else `pausewatch-lab` in the user's cache directory. May not exist yet. */
export function cacheDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  const own = environment['PAUSEWATCH_LAB_CACHE'];
  if (own !== undefined && own !== '') return own;
  const xdg = environment['XDG_CACHE_HOME'];
  return join(xdg !== undefined && xdg !== '' ? xdg : join(homedir(), '.cache'), 'pausewatch-lab');
}

/**
 * Makes the directory `path` exactly once: `fill` gets an empty directory beside it, which takes the
 * final name only when `fill` is done. A directory that exists is therefore always complete.
 */
export async function makeOnce(path: string, progress: Progress, fill: (dir: string) => Promise<void>): Promise<void> {
  if (existsSync(path)) return;
  mkdirSync(join(path, '..'), { recursive: true });
  const release = await takeLock(path, progress);
  const half = `${path}.half-${randomBytes(4).toString('hex')}`;
  try {
    if (existsSync(path)) return;
    mkdirSync(half);
    await fill(half);
    renameSync(half, path);
  } finally {
    rmSync(half, { recursive: true, force: true });
    release();
  }
}

/** Waits until no living process holds `path`, then holds it; returns what lets go of it. */
async function takeLock(path: string, progress: Progress): Promise<() => void> {
  // A path is longer than the address of a socket may be.
  const name = createHash('sha256').update(path).digest('hex');
  for (let told = false; ; told = true) {
    const release = await claim(name);
    if (release !== undefined) return release;
    if (!told) progress('waiting for another process, which is making the same');
    await sleep(100);
  }
}
