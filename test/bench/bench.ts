/** Measures the agent on a busy node made of real pods, beside two exporters in the same minutes, against its limits. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { type Lab, startLab } from '../lab/lab.ts';
import { listProcesses } from '../lab/process-table.ts';
import { askMetrics } from './latency.ts';
import type { LoopGaps } from './loop-gaps.ts';
import { type MeasuredProcess, median, quantile, startMeasured } from './measured-process.ts';
import { type AgentSubject, type Subject, startAgent, startNodeExporter, startProcessExporter } from './subjects.ts';
import { type Line, printTable } from './table.ts';

const run = promisify(execFile);

const PODS = 100;
const CONTAINERS_PER_POD = 2;
const CHILDREN_PER_CONTAINER = 30;
const PROCESSES_FOR_THE_LOOP = 10_000;
/** A whole turn of the agent's looks, so that each window holds one sweep. */
const AUDITS_PER_WINDOW = 4;

const quick = process.argv.includes('--quick');
const ROUNDS = quick ? 4 : 12;
const AUDITS = quick ? 60 : 200;

function progress(line: string): void {
  process.stderr.write(`bench: ${line}\n`);
}

async function startPods(lab: Lab): Promise<void> {
  const command = ['zoo', 'crowd', String(CHILDREN_PER_CONTAINER)];
  const containers = Array.from({ length: CONTAINERS_PER_POD }, (_, i) => ({ name: `c${i}`, command }));
  await Promise.all(
    Array.from({ length: PODS }, (_, i) => lab.runPod({ name: `pod-${i}`, namespace: 'bench', containers })),
  );
}

/** Waits for whole audits and returns the CPU time of one. */
async function cpuOfOneAudit(agent: AgentSubject): Promise<number> {
  const [audits, cpuMs] = [await agent.audits(), agent.process.cpuMs()];
  for (;;) {
    await sleep(250);
    const done = (await agent.audits()) - audits;
    if (done >= AUDITS_PER_WINDOW) return (agent.process.cpuMs() - cpuMs) / done;
  }
}

async function cpuOfOneScrape({ process, scrape }: Subject, times: number): Promise<number> {
  const cpuMs = process.cpuMs();
  for (let i = 0; i < times; i++) await scrape();
  return (process.cpuMs() - cpuMs) / times;
}

/** Audits and scrapes in turn, so that all of them meet the same machine. */
async function compareCpu(agent: AgentSubject): Promise<Line[]> {
  const nodeExporter = await startNodeExporter(progress);
  const processExporter = await startProcessExporter(progress);
  const cpu = { audit: [] as number[], node: [] as number[], process: [] as number[] };
  for (let round = 1; round <= ROUNDS; round++) {
    cpu.audit.push(await cpuOfOneAudit(agent));
    cpu.node.push(await cpuOfOneScrape(nodeExporter, 3));
    cpu.process.push(await cpuOfOneScrape(processExporter, 1));
    const last = [cpu.audit, cpu.node, cpu.process].map((values) => (values.at(-1) ?? 0).toFixed(0));
    progress(
      `round ${round} of ${ROUNDS}: audit ${last[0]} ms, node_exporter ${last[1]} ms, process-exporter ${last[2]} ms`,
    );
  }
  await Promise.all([nodeExporter.stop(), processExporter.stop()]);
  const [audit, node, process] = [median(cpu.audit), median(cpu.node), median(cpu.process)];
  const figures = `${audit.toFixed(0)} ms`;
  return [
    {
      what: 'CPU, audit / node_exporter scrape',
      value: audit / node,
      limit: 0.8,
      note: `${figures} / ${node.toFixed(0)} ms`,
    },
    {
      what: 'CPU, audit / process-exporter scrape',
      value: audit / process,
      limit: 0.1,
      note: `${figures} / ${process.toFixed(0)} ms`,
    },
  ];
}

async function watchMemory(agent: AgentSubject): Promise<Line[]> {
  const samples: number[] = [];
  let half = agent.process.rssMib();
  for (let audits = await agent.audits(); audits < AUDITS; audits = await agent.audits()) {
    if (audits < AUDITS / 2) half = agent.process.rssMib();
    samples.push(agent.process.rssMib());
    if (samples.length % 10 === 0) progress(`${audits} of ${AUDITS} audits, ${agent.process.rssMib().toFixed(1)} MiB`);
    await sleep(1000);
  }
  const last = agent.process.rssMib();
  return [
    { what: `RSS after ${AUDITS} audits, MiB`, value: last, limit: 80, note: '' },
    {
      what: 'RSS at the end / half-way',
      value: last / half,
      limit: 1.1,
      note: `${last.toFixed(1)} / ${half.toFixed(1)} MiB`,
    },
  ];
}

async function measureLoop(lab: Lab, agent: AgentSubject): Promise<Line[]> {
  const more = PROCESSES_FOR_THE_LOOP - listProcesses().length;
  const crowd: MeasuredProcess | undefined =
    more > 0 ? startMeasured(lab.programs.zoo, ['crowd', String(more)]) : undefined;
  await sleep(3000);
  progress('asking for /metrics while the agent audits 10,000 processes');
  const { duringAudits, all } = await askMetrics(agent.url, quick ? 10_000 : 30_000);
  await agent.stop();
  progress('sweeping 10,000 processes');
  const gaps = await measureGaps();
  await crowd?.stop();
  const usually = `usually ${gaps.usualLongestMs.toFixed(1)} ms`;
  const held = `longest of ${gaps.sweeps} sweeps; ${usually}, ${gaps.longestOnWallMs.toFixed(1)} ms on the wall`;
  const answered = `${duringAudits.length} requests during audits; p99 of all ${quantile(all, 0.99).toFixed(1)} ms`;
  return [
    { what: `loop held by a sweep of ${gaps.processes}, ms`, value: gaps.longestMs, limit: 10, note: held },
    { what: '/metrics p99 during audits, ms', value: quantile(duringAudits, 0.99), limit: 20, note: answered },
  ];
}

/**
 * In a bundle, as the agent is one: what compiles the sources would be in the measured process, with a heap of its own.
 * Before all others (sched(7)), for a thread that waits for its turn is not held by its own work.
 */
async function measureGaps(): Promise<LoopGaps> {
  const directory = mkdtempSync(join(tmpdir(), 'pausewatch-bench-'));
  try {
    const outfile = join(directory, 'loop-gaps.mjs');
    const entry = join(import.meta.dirname, 'loop-gaps.ts');
    await build({ entryPoints: [entry], outfile, bundle: true, minify: true, platform: 'node', format: 'esm' });
    return JSON.parse((await run('chrt', ['--fifo', '1', process.execPath, outfile])).stdout) as LoopGaps;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function measureStart(endpoint: string): Promise<Line> {
  const starts: number[] = [];
  for (let i = 0; i < 5; i++) {
    const agent = await startAgent(endpoint);
    starts.push(agent.readyMs);
    await agent.stop();
  }
  const note = `median of ${starts.map((ms) => ms.toFixed(0)).join(', ')}`;
  return { what: 'first audit after start, ms', value: median(starts), limit: 1000, note };
}

await run(process.execPath, [join(import.meta.dirname, '../../build.mjs')]);
const lab = await startLab({ progress });
try {
  progress(`starting ${PODS} pods with ${PODS * CONTAINERS_PER_POD} containers`);
  await startPods(lab);
  progress(`${listProcesses().length} processes`);
  const start = await measureStart(lab.endpoint);
  const agent = await startAgent(lab.endpoint);
  const lines = [
    ...(await compareCpu(agent)),
    ...(await watchMemory(agent)),
    ...(await measureLoop(lab, agent)),
    start,
  ];
  process.exitCode = printTable(lines) ? 0 : 1;
} finally {
  await lab.close();
}
