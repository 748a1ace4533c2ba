/** Runs the built program against a lab, the way a person or Prometheus does. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { Lab } from '../lab/lab.ts';
import type { SandboxesDocument } from './document.ts';

/** The built agent. */
export const PROGRAM = 'dist/pausewatch.js';

/** What a command line gave. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command to its end. */
export function run(command: string, args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(command, [...args], { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, stdout, stderr });
    });
  });
}

/** A copy of a built program that every user may run; the checkout may be root's alone. */
export function copyForEveryone(program: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'pausewatch-copy-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  chmodSync(directory, 0o755);
  const copy = join(directory, `${basename(program, '.js')}.mjs`);
  copyFileSync(program, copy);
  chmodSync(copy, 0o644);
  return copy;
}

/** `pausewatch scan` with flags of one's own; its two looks are closer than a person's would be. */
export function scan(lab: Pick<Lab, 'endpoint'>, ...flags: string[]): Promise<Outcome> {
  const own = ['--runtime-endpoint', lab.endpoint, '--settle', '600ms'];
  return run(process.execPath, [PROGRAM, 'scan', ...own, ...flags]);
}

/** `pausewatch scan -o json`, parsed. */
export async function scanDocument(lab: Pick<Lab, 'endpoint'>, ...flags: string[]): Promise<SandboxesDocument> {
  const { stdout, stderr } = await scan(lab, '-o', 'json', ...flags);
  if (stdout === '') throw new Error(`pausewatch scan printed nothing: ${stderr}`);
  return parseDocument(stdout);
}

/** A running agent. */
export interface RunningAgent {
  readonly url: string;
  readonly process: ChildProcess;
  /** Everything logged so far. */
  readonly log: readonly string[];
  text(path: string): Promise<string>;
  status(path: string): Promise<number>;
  document(): Promise<SandboxesDocument>;
  /** The first document that satisfies; throws with the last one when none does in time. */
  until(
    satisfied: (document: SandboxesDocument) => boolean,
    withinMs?: number,
    everyMs?: number,
  ): Promise<SandboxesDocument>;
  stop(): Promise<number | null>;
}

/** Starts `pausewatch serve` on a port of its own and waits until it is ready. */
export async function startAgent(lab: Pick<Lab, 'endpoint'>, ...flags: string[]): Promise<RunningAgent> {
  const args = ['serve', '--runtime-endpoint', lab.endpoint, '--web.listen-address', '127.0.0.1:0', ...flags];
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  // A test that fails before it stops its agent must not leave it behind.
  process.once('exit', () => child.kill('SIGKILL'));
  const log: string[] = [];
  const lines = createInterface({ input: child.stderr });
  lines.on('line', (line) => log.push(line));
  const url = await listeningUrl(child, log);
  const text = async (path: string): Promise<string> => (await fetch(url + path)).text();
  const status = async (path: string): Promise<number> => {
    const response = await fetch(url + path);
    await response.arrayBuffer();
    return response.status;
  };
  const document = async (): Promise<SandboxesDocument> => parseDocument(await text('/sandboxes'));
  while ((await status('/readyz')) !== 200) await sleep(20);
  return {
    url,
    process: child,
    log,
    text,
    status,
    document,
    async until(satisfied, withinMs = 30_000, everyMs = 50) {
      const deadlineMs = performance.now() + withinMs;
      for (;;) {
        const seen = await document();
        if (satisfied(seen)) return seen;
        if (performance.now() > deadlineMs) throw new Error(`not within ${withinMs} ms: ${describe(seen)}`);
        await sleep(everyMs);
      }
    },
    async stop() {
      if (child.exitCode !== null) return child.exitCode;
      child.kill('SIGTERM');
      await once(child, 'exit');
      return child.exitCode;
    },
  };
}

async function listeningUrl(child: ChildProcess, log: readonly string[]): Promise<string> {
  for (;;) {
    const url = log.map((line) => /msg=listening .*url=(\S+)/.exec(line)?.[1]).find((it) => it !== undefined);
    if (url !== undefined) return url;
    if (child.exitCode !== null) throw new Error(`the agent ended: ${log.join('\n')}`);
    await sleep(10);
  }
}

function parseDocument(text: string): SandboxesDocument {
  return JSON.parse(text) as SandboxesDocument;
}

function describe({ sandboxes, nodeFindings, sources }: SandboxesDocument): string {
  const found = sandboxes.map(({ name, state, zombies, findings }) => ({
    name,
    state,
    zombies: zombies.count,
    findings: findings.map(({ id, confirmed }) => `${id}${confirmed ? '' : ' (new)'}`),
  }));
  return JSON.stringify({ found, node: nodeFindings.map(({ id }) => id), sources }, undefined, 1);
}
