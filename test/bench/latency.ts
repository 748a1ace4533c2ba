/** Asks for /metrics again and again, and keeps the times of the questions that met an audit. */
import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** Answer times in milliseconds. */
export interface Latencies {
  /** Of requests that were under way while an audit was. */
  readonly duringAudits: readonly number[];
  /** Of all. */
  readonly all: readonly number[];
}

interface Asked {
  readonly atMs: number;
  readonly tookMs: number;
  readonly text: string;
}

/** Asks for `forMs` milliseconds, one request at a time over one connection. */
export async function askMetrics(url: string, forMs: number): Promise<Latencies> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const asked: Asked[] = [];
  const untilMs = performance.now() + forMs;
  while (performance.now() < untilMs) {
    asked.push(await ask(`${url}/metrics`, agent));
    await sleep(3);
  }
  agent.destroy();
  const audits = auditsIn(asked);
  const met = ({ atMs, tookMs }: Asked): boolean =>
    audits.some(({ fromMs, toMs }) => atMs < toMs && atMs + tookMs > fromMs);
  return { duringAudits: asked.filter(met).map(({ tookMs }) => tookMs), all: asked.map(({ tookMs }) => tookMs) };
}

function ask(url: string, agent: Agent): Promise<Asked> {
  return new Promise((resolve, reject) => {
    const atMs = Date.now();
    const startMs = performance.now();
    const request = get(url, { agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        resolve({ atMs, tookMs: performance.now() - startMs, text: Buffer.concat(chunks).toString('latin1') });
      });
    });
    request.on('error', reject);
  });
}

/** When the audits were: from the moment their look began, as their own metrics tell afterwards. */
function auditsIn(asked: readonly Asked[]): { readonly fromMs: number; readonly toMs: number }[] {
  const audits = new Map<number, number>();
  for (const { text } of asked) {
    const fromMs = Number(/^pausewatch_last_audit_timestamp_seconds ([\d.e+]+)/m.exec(text)?.[1]) * 1000;
    const phases = [...text.matchAll(/^pausewatch_audit_duration_seconds\{phase="\w+"\} ([\d.e-]+)/gm)];
    audits.set(fromMs, phases.reduce((sum, [, seconds]) => sum + Number(seconds), 0) * 1000);
  }
  return [...audits].map(([fromMs, lastedMs]) => ({ fromMs, toMs: fromMs + lastedMs }));
}
