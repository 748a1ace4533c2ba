// Fetches Debian packages and unpacks them into the cache; nothing is installed and the host's apt state is not touched.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createAptState, hostSuite } from './apt-state.ts';
import { cacheDirectory, makeOnce, type Progress } from './cache-directory.ts';

const run = promisify(execFile);

const ATTEMPTS = 3;

/** Which packages. */
export interface PackageRequest {
  readonly names: readonly string[];
  /** Code name of another Debian release than the host's, for example `trixie`. */
  readonly suite?: string;
  /** Everything they depend on too, down to the C library, whatever the host has. */
  readonly withDependencies?: boolean;
}

/**
 * Unpacks the named packages, from where the host's apt sources point, into one directory tree and
 * returns its root. Dependencies are followed only when asked for: else name those that are needed. The
 * second call for the same names answers at once.
 */
export async function unpackPackages(request: PackageRequest, progress: Progress): Promise<string> {
  const names = [...new Set(request.names)].toSorted();
  const key = createHash('sha256')
    .update(`${request.suite ?? hostSuite()}: ${names.join(' ')}${request.withDependencies === true ? ' and all' : ''}`)
    .digest('hex')
    .slice(0, 12);
  const path = join(cacheDirectory(), 'packages', key);
  await makeOnce(path, progress, (half) => fill(half, { ...request, names }, progress));
  return join(path, 'root');
}

async function fill(half: string, request: PackageRequest, progress: Progress): Promise<void> {
  const { names, suite } = request;
  const archives = join(half, 'archives');
  const root = join(half, 'root');
  mkdirSync(root);
  await withRetries(progress, async (attempt) => {
    const apt = createAptState(join(half, 'apt'), suite);
    rmSync(archives, { recursive: true, force: true });
    mkdirSync(archives);
    progress(`asking apt for ${names.length} packages${attempt > 1 ? ` (attempt ${attempt})` : ''}`);
    const complaints = await runApt(apt, half, ['update']);
    // apt calls an update that fetched nothing a success.
    const lists = readdirSync(join(half, 'apt', 'lists')).filter((name) => name.includes('_Packages'));
    if (lists.length === 0) throw new Error(complaints);
    progress(`downloading ${names.join(' ')}`);
    await runApt(apt, archives, downloadWords(request, archives));
  });
  const files = readdirSync(archives)
    .filter((name) => name.endsWith('.deb'))
    .toSorted();
  progress(`unpacking ${files.length} packages`);
  for (const file of files) await run('dpkg-deb', ['-x', join(archives, file), root]);
  writeFileSync(join(half, 'packages.txt'), `${files.join('\n')}\n`);
  rmSync(join(half, 'apt'), { recursive: true });
  rmSync(archives, { recursive: true });
}

/** The state is empty, so to apt nothing is installed: `install` fetches the packages and all they stand on. */
function downloadWords({ names, withDependencies }: PackageRequest, archives: string): string[] {
  if (withDependencies !== true) return ['download', ...names];
  mkdirSync(join(archives, 'partial'));
  const options = [`Dir::Cache::Archives=${archives}`, 'Debug::NoLocking=true', 'APT::Install-Recommends=false'];
  return ['-y', '--download-only', ...options.flatMap((option) => ['-o', option]), 'install', ...names];
}

/** Returns what apt complained about. */
async function runApt(configFile: string, cwd: string, words: readonly string[]): Promise<string> {
  const { stderr } = await run('apt-get', ['-c', configFile, '-q', ...words], {
    cwd,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
    maxBuffer: 16 * 1024 * 1024,
    timeout: 300_000,
  });
  return stderr;
}

async function withRetries(progress: Progress, work: (attempt: number) => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work(attempt);
    } catch (error) {
      if (attempt === ATTEMPTS)
        throw new Error(`apt could not fetch packages: ${firstErrorLine(error)}`, { cause: error });
      progress(`apt failed, trying again: ${firstErrorLine(error)}`);
      await sleep(2000 * attempt);
    }
  }
}

function firstErrorLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n').find((line) => /^[EW]: /.test(line)) ?? text.split('\n')[0] ?? '';
}

/** Finds a program in an unpacked tree, whichever of the four program directories its package uses. */
export function findProgram(root: string, name: string): string {
  for (const dir of ['usr/bin', 'usr/sbin', 'bin', 'sbin']) {
    const path = join(root, dir, name);
    if (existsSync(path)) return path;
  }
  throw new Error(`no program ${name} among the unpacked packages`);
}

/** Debian's name of this machine's architecture in library directories, with the C library's name in it. */
export function libraryTriplet(libc: 'gnu' | 'musl'): string {
  const machines: Partial<Record<NodeJS.Architecture, string>> = { x64: 'x86_64', arm64: 'aarch64' };
  const machine = machines[process.arch];
  if (machine === undefined) throw new Error(`the lab does not know the architecture ${process.arch}`);
  return `${machine}-linux-${libc}`;
}
