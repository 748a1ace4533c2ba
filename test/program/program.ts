/** Builds the program when it is older than its sources, and runs it as a shell would. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, rmdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const BUNDLE = join(ROOT, 'dist/pausewatch.js');
/** Longest that anything the tests start may take. */
const PATIENCE_MS = 20_000;

/** What a finished program leaves behind. */
export interface Finished {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that runs. */
export interface Running {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
  /** Everything on stderr so far. */
  stderr(): string;
}

/** Makes dist/ what the sources are; of several test files at once one builds and the others wait. */
export async function ensureBuilt(): Promise<void> {
  const lock = join(tmpdir(), `pausewatch-build-${createHash('sha256').update(ROOT).digest('hex').slice(0, 16)}`);
  const startMs = Date.now();
  while (!takeLock(lock)) {
    if (Date.now() - startMs > PATIENCE_MS) rmdirSync(lock);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  try {
    if (modifiedMs(BUNDLE) > newestSourceMs()) return;
    const { status, stderr } = spawnSync(process.execPath, ['build.mjs'], { cwd: ROOT, encoding: 'utf8' });
    if (status !== 0) throw new Error(`the program does not build: ${stderr}`);
  } finally {
    rmdirSync(lock);
  }
}

/** Starts the program, its output into a pipe or an open file; it is killed with the test if it still runs. */
export function startProgram(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  output: 'pipe' | number = 'pipe',
): Running {
  const env = { PATH: process.env['PATH'] ?? '', COLUMNS: '120', ...environment };
  const child = spawn(process.execPath, [BUNDLE, ...args], { env, stdio: ['ignore', output, 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let [stdout, stderr] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const finished = new Promise<Finished>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { child, finished, stderr: () => stderr };
}

/** Runs the program to its end. */
export function runProgram(args: readonly string[], environment?: Readonly<Record<string, string>>): Promise<Finished> {
  return startProgram(args, environment).finished;
}

/** An agent that serves. */
export interface Agent extends Running {
  readonly url: string;
  get(
    path: string,
    headers?: Readonly<Record<string, string>>,
  ): Promise<{ status: number; body: string; headers: Headers }>;
  /** Waits until a path answers with this status. */
  until(path: string, status: number): Promise<void>;
}

/** Starts `serve` on a free port of loopback and waits until it listens. */
export async function startAgent(
  args: readonly string[],
  environment?: Readonly<Record<string, string>>,
): Promise<Agent> {
  const running = startProgram(['serve', '--web.listen-address=127.0.0.1:0', ...args], environment);
  const url = await poll(
    () => /url=(http:\/\/\S+)/.exec(running.stderr())?.[1],
    () => `no address: ${running.stderr()}`,
  );
  const get: Agent['get'] = async (path, headers = {}) => {
    const response = await fetch(url + path, { headers });
    return { status: response.status, body: await response.text(), headers: response.headers };
  };
  const until: Agent['until'] = async (path, status) => {
    await poll(
      async () => ((await get(path)).status === status ? true : undefined),
      () => `${path} is never ${status}: ${running.stderr()}`,
    );
  };
  return { ...running, url, get, until };
}

/** Asks again until there is something. */
export async function poll<T>(ask: () => T | undefined | Promise<T | undefined>, complain: () => string): Promise<T> {
  const startMs = Date.now();
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() - startMs > PATIENCE_MS) throw new Error(complain());
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

function takeLock(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    return false;
  }
}

function newestSourceMs(): number {
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).map((it) =>
    join(ROOT, 'src', it),
  );
  return Math.max(...[...sources, join(ROOT, 'build.mjs'), join(ROOT, 'package.json')].map(modifiedMs));
}

function modifiedMs(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
