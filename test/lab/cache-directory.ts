// Where the lab keeps what is dear to make, and how two processes avoid making it twice at once.
import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from './error-code.ts';
import { isAlive, ownIdentity, type ProcessIdentity, parseIdentity } from './process-table.ts';

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
  const release = await takeLock(`${path}.lock`, progress);
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
  const mine = `${path}.${randomBytes(4).toString('hex')}`;
  writeFileSync(mine, JSON.stringify(ownIdentity()));
  let told = false;
  try {
    while (!link(mine, path)) {
      const holder = readHolder(path);
      if (holder === 'dead') {
        breakLock(path);
        continue;
      }
      if (holder !== 'gone' && !told) {
        progress(`waiting for process ${holder.pid}, which is making the same`);
        told = true;
      }
      await sleep(100);
    }
  } finally {
    rmSync(mine, { force: true });
  }
  return () => rmSync(path, { force: true });
}

function link(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

function readHolder(path: string): ProcessIdentity | 'dead' | 'gone' {
  try {
    const holder = parseIdentity(readFileSync(path, 'utf8'));
    return holder !== undefined && isAlive(holder) ? holder : 'dead';
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return 'gone';
    throw error;
  }
}

/** Takes a dead holder's lock away; if a living one was caught instead (two breakers at once), it is put back. */
function breakLock(path: string): void {
  const aside = `${path}.${randomBytes(4).toString('hex')}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw error;
  }
  if (readHolder(aside) !== 'dead') link(aside, path);
  rmSync(aside, { force: true });
}
