/** Where `scan` gets its reports: looks at this node, those of a recording, or what a running agent found. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../config/parse.ts';
import { auditNode } from '../core/audit.ts';
import type { Finding } from '../core/finding.ts';
import { EMPTY_MEMORY } from '../core/memory.ts';
import type { AuditReport } from '../core/report.ts';
import { explain } from '../core/words/explain.ts';
import type { Explanation } from '../core/words/facts.ts';
import { NO_FILTER } from '../publish/documents/filter.ts';
import { renderSandboxes } from '../publish/documents/json.ts';
import { renderText } from '../publish/metrics/exposition.ts';
import { createLedger } from '../publish/metrics/ledger.ts';
import { renderMetrics } from '../publish/metrics/metrics.ts';
import { runbookBase } from '../runbooks.ts';
import { askAgent, fetchText } from '../sources/ask-agent.ts';
import { auditLooks, takeLooks } from '../sources/looks.ts';
import { openNode, policyOf } from '../sources/node.ts';
import { buildInfo } from '../version.ts';

/** A report, whoever made it, with its other forms. */
export interface Scanned {
  /** Of the whole node, whatever is shown of it. */
  readonly report: AuditReport;
  readonly explain: (finding: Finding) => Explanation;
  /** The /sandboxes document, less what the configuration filters out. */
  readonly json: () => Promise<string>;
  readonly metrics: () => Promise<string>;
}

/** Gives reports, one at a time. */
export interface Scanner {
  /** The next report, sooner and less sure when the signal fires. May reject with an AgentError or a RecordingFileError. */
  next(signal?: AbortSignal): Promise<Scanned>;
  close(): void;
}

/** A scanner of what the configuration names. */
export function createScanner(config: Config): Scanner {
  if (config.recording !== undefined) return createRecordingScanner(config);
  return config.agent === undefined ? createNodeScanner(config) : createAgentScanner(config.agent, config);
}

/** What an audit learns is kept for the next: ages grow, and what held twice is confirmed. */
function createNodeScanner(config: Config): Scanner {
  const policy = policyOf(config);
  const { capture } = openNode(config);
  let memory = EMPTY_MEMORY;

  async function look(): Promise<AuditReport> {
    const audit = auditNode(await capture.look(), memory, policy);
    memory = audit.memory;
    return audit.report;
  }

  return {
    async next(signal) {
      if (memory.audits === 0) {
        // The first look finds what may be a zombie, the second whether it still is.
        await look();
        await pause(config.settleMs, signal);
      }
      return scannedHere(await look(), config);
    },
    close: () => capture.close(),
  };
}

/** The last look is the verdict; those before it are what it is judged in the light of. */
function createRecordingScanner(config: Config): Scanner {
  return {
    async next() {
      const last = [...auditLooks(await takeLooks(config), policyOf(config))].at(-1);
      if (last === undefined) throw new Error('there was no look');
      return scannedHere(last.report, config);
    },
    close: () => undefined,
  };
}

function scannedHere(report: AuditReport, config: Config): Scanned {
  const filter = { ...NO_FILTER, namespaces: config.namespaces, severity: askedSeverity(config) };
  const options = { build: buildInfo(config), maxSeries: config.maxSeries };
  const blocks = () => renderMetrics(report, { phaseSeconds: {}, skipped: 0 }, createLedger(), options);
  return {
    report,
    explain,
    json: async () => renderSandboxes(report, filter, runbookBase(config)),
    metrics: async () => renderText(await blocks()),
  };
}

function createAgentScanner(url: string, config: Config): Scanner {
  const query = new URLSearchParams();
  for (const namespace of config.namespaces) query.append('namespace', namespace);
  const severity = askedSeverity(config);
  if (severity !== undefined) query.set('severity', severity);
  return {
    async next() {
      const { report, explain: words, json } = await askAgent(url);
      return {
        report,
        explain: words,
        json: async () => (query.size === 0 ? json : await fetchText(`${url}/sandboxes?${query.toString()}`)),
        metrics: () => fetchText(`${url}/metrics`),
      };
    },
    close: () => undefined,
  };
}

/** In the document `severity` also leaves out every sandbox without findings: "info", the default, is no wish for that. */
function askedSeverity({ severity }: Config): Config['severity'] | undefined {
  return severity === 'info' ? undefined : severity;
}

/** Waits that long, or until the signal. */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
}
