/** A real Prometheus of one's own: private storage and port, the shipped scrape configuration and rules. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse, stringify } from 'yaml';
import { freePort } from './free-port.ts';
import { prometheusProgram } from './prometheus-tools.ts';

/** One series of an answer. */
export interface SeriesValue {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

/** An alert as Prometheus has it. */
export interface ActiveAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly state: 'pending' | 'firing';
}

/** A running Prometheus. */
export interface Prometheus {
  /** Instant query; throws with Prometheus' words when it is refused. */
  query(expr: string): Promise<readonly SeriesValue[]>;
  alerts(): Promise<readonly ActiveAlert[]>;
  /** The first answer that satisfies. */
  until<T>(ask: () => Promise<T>, satisfied: (answer: T) => boolean, withinMs: number): Promise<T>;
  stop(): Promise<void>;
}

/** What to scrape, and with which labels service discovery comes. */
export interface ScrapeTarget {
  /** host:port. */
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Starts it; what takes a minute in `rules` should take seconds, since it scrapes every second. */
export async function startPrometheus(target: ScrapeTarget, rules: string): Promise<Prometheus> {
  const directory = mkdtempSync(join(tmpdir(), 'pausewatch-prometheus-'));
  writeFileSync(join(directory, 'rules.yaml'), rules);
  writeFileSync(join(directory, 'prometheus.yml'), renderConfig(target));
  const port = await freePort();
  const child = spawn(
    await prometheusProgram('prometheus'),
    [
      `--config.file=${join(directory, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(directory, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=warn',
    ],
    { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  process.once('exit', () => child.kill('SIGKILL'));
  let log = '';
  child.stderr.on('data', (chunk) => {
    log += String(chunk);
  });
  const url = `http://127.0.0.1:${port}`;
  while (!(await isReady(url))) {
    if (child.exitCode !== null) throw new Error(`prometheus ended: ${log}`);
    await sleep(100);
  }
  const ask = async <T>(path: string): Promise<T> => {
    const answer = (await (await fetch(url + path)).json()) as {
      readonly status: string;
      readonly error?: string;
      readonly data: T;
    };
    if (answer.status !== 'success') throw new Error(`${path}: ${answer.error}`);
    return answer.data;
  };
  return {
    query: async (expr) =>
      (await ask<{ readonly result: readonly SeriesValue[] }>(`/api/v1/query?query=${encodeURIComponent(expr)}`))
        .result,
    alerts: async () => (await ask<{ readonly alerts: readonly ActiveAlert[] }>('/api/v1/alerts')).alerts,
    async until(question, satisfied, withinMs) {
      const deadlineMs = performance.now() + withinMs;
      for (;;) {
        const answer = await question();
        if (satisfied(answer)) return answer;
        if (performance.now() > deadlineMs) throw new Error(`not within ${withinMs} ms: ${JSON.stringify(answer)}`);
        await sleep(500);
      }
    },
    async stop() {
      if (child.exitCode === null) {
        child.kill('SIGTERM');
        await once(child, 'exit');
      }
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The shipped scrape configuration; only who discovers the targets and how often they are asked is another. */
function renderConfig({ address, labels }: ScrapeTarget): string {
  const shipped = parse(readFileSync('deploy/prometheus/scrape.yaml', 'utf8')) as {
    readonly scrape_configs: readonly Readonly<Record<string, unknown>>[];
  };
  const scrape_configs = shipped.scrape_configs.map((config) => ({
    ...config,
    kubernetes_sd_configs: undefined,
    scrape_interval: '1s',
    scrape_timeout: '1s',
    static_configs: [{ targets: [address], labels }],
  }));
  return stringify({
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    rule_files: ['rules.yaml'],
    scrape_configs,
  });
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/-/ready`)).ok;
  } catch {
    return false;
  }
}
