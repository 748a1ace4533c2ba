/** `pausewatch serve`: audits again and again, serves the results over HTTP, until it is told to stop. */
import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import { type CycleStats, startAgent } from './agent.ts';
import type { Config } from './config/parse.ts';
import type { Policy } from './core/policy.ts';
import type { AuditReport } from './core/report.ts';
import { createReportLog } from './log-report.ts';
import { openNode, policyOf } from './node.ts';
import { startPauseWatch } from './pause-watch.ts';
import { createLedger } from './publish/ledger.ts';
import type { BuildInfo } from './publish/node-samples.ts';
import { createProcessMetrics } from './publish/process-metrics.ts';
import { createPublisher } from './publish/publication.ts';
import { createServer } from './publish/server.ts';
import { VERSION } from './version.ts';

/** How often known pauses are looked at, in milliseconds. */
const WATCH_PERIOD_MS = 1000;

/** Serves until `stopped` resolves. Rejects with a ListenError when the address cannot be listened on. */
export async function serve(config: Config, log: Logger, stopped: Promise<void>): Promise<void> {
  const { name, procfs, capture } = openNode(config);
  const policy = policyOf(config);
  const build = buildInfo(policy);
  const publisher = createPublisher({
    build,
    maxSeries: config.maxSeries,
    ledger: createLedger(),
    processMetrics: createProcessMetrics({ nodejs: false }),
    intervalMs: config.intervalMs,
    monotonicMs: () => performance.now(),
  });
  const server = createServer({
    listenAddress: config.listenAddress,
    access: { details: config.details, authenticated: false, nodeName: name, externalUrl: config.externalUrl },
    publisher,
    isAlive: () => true,
    onError: (error) => log.error({ err: error }, 'an answer could not be made'),
    telemetryPath: config.telemetryPath,
    runbookBase: runbookBase(config),
    intervalMs: config.intervalMs,
    version: VERSION,
  });
  const url = await server.listen();
  log.info({ version: VERSION, node: name, url, policy: build.policyHash }, 'listening');
  const logReport = createReportLog(log);
  let renderSeconds: number | undefined;
  const publish = async (report: AuditReport, stats: CycleStats): Promise<void> => {
    const startMs = performance.now();
    const render = renderSeconds === undefined ? {} : { render: renderSeconds };
    const phaseSeconds = { capture: stats.captureSeconds, audit: stats.auditSeconds, ...render };
    await publisher.publish(report, { phaseSeconds, skipped: stats.skipped });
    renderSeconds = (performance.now() - startMs) / 1000;
    logReport(report);
  };
  const agent = startAgent({
    look: capture.look,
    policy,
    publish,
    onSnapshot: (snapshot) => watch.follow(snapshot),
    onError: (error) => log.error({ err: error }, 'an audit failed'),
    settleMs: config.settleMs,
    intervalMs: config.intervalMs,
  });
  const watch = startPauseWatch({
    readState: procfs.readState,
    onChange: (pid) => {
      log.info({ pid }, 'a pause changed; auditing early');
      agent.hurry();
    },
    periodMs: WATCH_PERIOD_MS,
  });
  await stopped;
  watch.close();
  const ended = agent.stop();
  capture.close();
  await Promise.all([ended, server.close()]);
}

/** Prefix of runbook links: as told, else the agent's own pages. */
export function runbookBase(config: Config): string {
  return config.runbookUrl ?? `${config.externalUrl ?? ''}/runbooks`;
}

/** What this program is and what it judges by, for the metrics. Two files that say the same have one hash. */
export function buildInfo(policy: Policy): BuildInfo {
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  const policyHash = createHash('sha256').update(JSON.stringify(policy)).digest('hex').slice(0, 16);
  return { version: VERSION, revision: '', nodejsVersion: process.versions.node, arch, policyHash };
}
