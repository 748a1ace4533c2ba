/** `pausewatch serve`: audits again and again, or once from a recording, serves over HTTP until it is told to stop. */
import type { Logger } from 'pino';
import { type CycleStats, startAgent } from '../agent/agent.ts';
import { createReportLog } from '../agent/log-report.ts';
import { startPauseWatch } from '../agent/pause-watch.ts';
import type { Config } from '../config/parse.ts';
import type { DepthSource } from '../core/pod-depth.ts';
import type { AuditReport } from '../core/report.ts';
import { createPodLooks } from '../kernel/closer/pod-look.ts';
import { createPublisher, type Publisher } from '../publish/http/publication.ts';
import { createServer, type WebServer } from '../publish/http/server.ts';
import { createLedger } from '../publish/metrics/ledger.ts';
import { createProcessMetrics } from '../publish/metrics/process-metrics.ts';
import { RUNBOOKS, runbookBase } from '../runbooks.ts';
import { auditLooks } from '../sources/looks.ts';
import { openNode, policyOf } from '../sources/node.ts';
import { replayFile } from '../sources/replay.ts';
import { buildInfo, VERSION } from '../version.ts';

/** How often known pauses are looked at, in milliseconds. */
const WATCH_PERIOD_MS = 1000;

/** Serves until `stopped` resolves. Rejects with a ListenError or a RecordingFileError. */
export function serve(config: Config, log: Logger, stopped: Promise<void>): Promise<void> {
  const { recording } = config;
  return recording === undefined
    ? serveNode(config, log, stopped)
    : serveRecording({ ...config, recording }, log, stopped);
}

/** Every look is judged once, at the start: what was recorded neither changes nor grows stale. */
async function serveRecording(
  config: Config & { readonly recording: string },
  log: Logger,
  stopped: Promise<void>,
): Promise<void> {
  const { settleMs, looks: snapshots } = await replayFile(config.recording);
  const name = snapshots.at(-1)?.node ?? '';
  const { publisher, server } = openSite(config, log, name);
  log.info({ version: VERSION, node: name, recording: config.recording, url: await server.listen() }, 'listening');
  const logReport = createReportLog(log);
  for (const { report, ...source } of auditLooks({ settleMs, snapshots }, policyOf(config))) {
    await publisher.publish(report, { phaseSeconds: {}, skipped: 0 }, source);
    logReport(report);
  }
  await stopped;
  await server.close();
}

/** The board and the server that reads from it. */
function openSite(config: Config, log: Logger, nodeName: string): { publisher: Publisher; server: WebServer } {
  const { intervalMs, listenAddress, details, externalUrl, telemetryPath } = config;
  const recorded = config.recording !== undefined;
  const publisher = createPublisher({
    build: buildInfo(config),
    maxSeries: config.maxSeries,
    ledger: createLedger(),
    processMetrics: createProcessMetrics(),
    intervalMs: recorded ? Number.POSITIVE_INFINITY : intervalMs,
    monotonicMs: () => performance.now(),
  });
  const server = createServer({
    listenAddress,
    access: { details, nodeName, externalUrl },
    publisher,
    onError: (error) => log.error({ err: error }, 'an answer could not be made'),
    telemetryPath,
    runbookBase: runbookBase(config),
    runbooks: RUNBOOKS,
    intervalMs,
    version: VERSION,
    recorded,
    // What was recorded is not in the /proc of this machine.
    lookAtPod: recorded ? undefined : createPodLooks({ root: config.procfs }),
  });
  return { publisher, server };
}

async function serveNode(config: Config, log: Logger, stopped: Promise<void>): Promise<void> {
  const { name, procfs, capture } = openNode(config);
  const { publisher, server } = openSite(config, log, name);
  const url = await server.listen();
  log.info({ version: VERSION, node: name, url, policy: buildInfo(config).policyHash }, 'listening');
  const logReport = createReportLog(log);
  let renderSeconds: number | undefined;
  const publish = async (report: AuditReport, stats: CycleStats, depth: DepthSource): Promise<void> => {
    const startMs = performance.now();
    const render = renderSeconds === undefined ? {} : { render: renderSeconds };
    const phaseSeconds = { capture: stats.captureSeconds, audit: stats.auditSeconds, ...render };
    await publisher.publish(report, { phaseSeconds, skipped: stats.skipped }, depth);
    renderSeconds = (performance.now() - startMs) / 1000;
    logReport(report);
  };
  const agent = startAgent({
    look: capture.look,
    policy: policyOf(config),
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
