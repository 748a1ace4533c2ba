/** What is compared: pausewatch as it is built, and two exporters that also read every process, from Debian's packages. */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Progress } from '../lab/cache-directory.ts';
import { findProgram, unpackPackages } from '../lab/debian-packages.ts';
import { guardExit } from '../lab/exit-guard.ts';
import { type MeasuredProcess, startMeasured } from './measured-process.ts';

/** A program with a page of metrics. */
export interface Subject {
  readonly process: MeasuredProcess;
  /** Fetches its metrics once. */
  scrape(): Promise<string>;
  stop(): Promise<void>;
}

/** node_exporter with the one collector that looks at processes. */
export async function startNodeExporter(progress: Progress): Promise<Subject> {
  const port = await freePort();
  const program = findProgram(await exporters(progress), 'prometheus-node-exporter');
  const flags = ['--collector.disable-defaults', '--collector.processes'];
  return started(startMeasured(program, [...flags, `--web.listen-address=127.0.0.1:${port}`]), port);
}

/** process-exporter with its usual grouping, by comm. */
export async function startProcessExporter(progress: Progress): Promise<Subject> {
  const program = findProgram(await exporters(progress), 'prometheus-process-exporter');
  const port = await freePort();
  const directory = mkdtempSync(join(tmpdir(), 'pausewatch-bench-'));
  const remove = () => rmSync(directory, { recursive: true, force: true });
  const release = guardExit(remove);
  const config = join(directory, 'config.yml');
  writeFileSync(config, 'process_names:\n  - name: "{{.Comm}}"\n    cmdline:\n    - ".+"\n');
  const args = ['-config.path', config, '-web.listen-address', `127.0.0.1:${port}`];
  const subject = await started(startMeasured(program, args), port);
  return {
    ...subject,
    async stop() {
      await subject.stop();
      remove();
      release();
    },
  };
}

function exporters(progress: Progress): Promise<string> {
  return unpackPackages({ names: ['prometheus-node-exporter', 'prometheus-process-exporter'] }, progress);
}

/** The agent, auditing every second, and what its metrics say of it. */
export interface AgentSubject extends Subject {
  readonly url: string;
  /** From the start of the process until the first audit is published, in milliseconds. */
  readonly readyMs: number;
  audits(): Promise<number>;
}

/** Starts `dist/pausewatch.js serve` and waits for its first audit. */
export async function startAgent(endpoint: string): Promise<AgentSubject> {
  const program = join(import.meta.dirname, '../../dist/pausewatch.js');
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const times = ['--audit.interval', '1s', '--settle', '500ms'];
  const where = ['--runtime-endpoint', endpoint, '--web.listen-address', `127.0.0.1:${port}`];
  const startMs = performance.now();
  let readyMs: number | undefined;
  // Its log tells: whoever asks again and again takes CPU time from the first audit.
  const process = startMeasured(globalThis.process.execPath, [program, 'serve', ...times, ...where], (line) => {
    if (line.includes('msg="first audit done"')) readyMs ??= performance.now() - startMs;
  });
  while (readyMs === undefined) {
    if (performance.now() - startMs > 30_000) throw new Error('the first audit does not end');
    await sleep(20);
  }
  const subject = await started(process, port);
  return {
    ...subject,
    url,
    readyMs,
    audits: async () => Number(/^pausewatch_audits_total (\d+)/m.exec(await subject.scrape())?.[1]),
  };
}

/** A port that nobody listens on right now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return address.port;
}

async function started(process: MeasuredProcess, port: number): Promise<Subject> {
  const url = `http://127.0.0.1:${port}/metrics`;
  for (let left = 1000; !(await answers(url)); left--) {
    if (left === 0) throw new Error(`nothing answers at ${url}`);
    await sleep(20);
  }
  return { process, scrape: async () => (await fetch(url)).text(), stop: () => process.stop() };
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url);
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}
