/** `pausewatch scan`: two looks at this node, or the report of a running agent, printed once. */
import { setTimeout as sleep } from 'node:timers/promises';
import { askAgent, fetchText } from './ask-agent.ts';
import type { Config } from './config/parse.ts';
import { auditNode } from './core/audit.ts';
import { type Finding, isAtLeast } from './core/finding.ts';
import { EMPTY_MEMORY } from './core/memory.ts';
import type { AuditReport } from './core/report.ts';
import { explain } from './core/words/explain.ts';
import type { Explanation } from './core/words/facts.ts';
import { openNode, policyOf } from './node.ts';
import { renderText } from './publish/exposition.ts';
import { NO_FILTER } from './publish/filter.ts';
import { renderSandboxes } from './publish/json.ts';
import { createLedger } from './publish/ledger.ts';
import { renderMetrics } from './publish/metrics.ts';
import { isFinished } from './publish/pods.ts';
import { listBlindSpots } from './publish/summary.ts';
import { renderLine, renderTable } from './publish/table.ts';
import { buildInfo, runbookBase } from './serve.ts';

/** Where the result goes. */
export interface ScanTerminal {
  /** stdout carries the result alone. */
  readonly write: (text: string) => void;
  /** A message for a person, on stderr. */
  readonly say: (message: string) => void;
  readonly columns: number;
  readonly colour: boolean;
}

/** A report, whoever made it, with its other forms. */
interface Scanned {
  readonly report: AuditReport;
  readonly explain: (finding: Finding) => Explanation;
  readonly json: () => string;
  readonly metrics: () => Promise<string>;
}

/** Scans and prints. The exit code: 0 fine, 1 findings at or above the bar, 2 could not look. Rejects with an AgentError. */
export async function scan(config: Config, terminal: ScanTerminal): Promise<number> {
  const scanned = config.agent === undefined ? await lookTwice(config) : await lookThroughAgent(config.agent);
  terminal.write(await render(scanned, config, terminal));
  const { report } = scanned;
  const open = report.sandboxes.filter((sandbox) => !isFinished(sandbox));
  const judged = open.filter(({ unjudged }) => unjudged.length === 0).length;
  const blind = listBlindSpots(report).join('; ');
  if (!report.complete) {
    terminal.say(`judged ${judged} of ${open.length} sandboxes${blind === '' ? '' : `; could not see ${blind}`}`);
  }
  return exitCode(report, config);
}

/** The first look finds what may be a zombie, the second whether it still is. */
async function lookTwice(config: Config): Promise<Scanned> {
  const policy = policyOf(config);
  const { capture } = openNode(config);
  try {
    const first = auditNode(await capture.look(), EMPTY_MEMORY, policy);
    await sleep(config.settleMs);
    const { report } = auditNode(await capture.look(), first.memory, policy);
    const options = { build: buildInfo(policy), maxSeries: config.maxSeries };
    const blocks = () => renderMetrics(report, { phaseSeconds: {}, skipped: 0 }, createLedger(), options);
    return {
      report,
      explain,
      json: () => renderSandboxes(report, NO_FILTER, runbookBase(config)),
      metrics: async () => renderText(await blocks()),
    };
  } finally {
    capture.close();
  }
}

async function lookThroughAgent(url: string): Promise<Scanned> {
  const { report, explain: words, json } = await askAgent(url);
  return { report, explain: words, json: () => json, metrics: () => fetchText(`${url}/metrics`) };
}

async function render(scanned: Scanned, config: Config, { columns, colour }: ScanTerminal): Promise<string> {
  switch (config.output) {
    case 'table':
      return renderTable(scanned.report, { columns, colour, all: config.all, explain: scanned.explain });
    case 'json':
      return scanned.json();
    case 'line':
      return renderLine(scanned.report);
    case 'prometheus':
      return scanned.metrics();
    default:
      return config.output satisfies never;
  }
}

function exitCode(report: AuditReport, { failOn, strict }: Config): number {
  const runtimeAnswered = report.runtimes.some(({ up }) => up);
  const procfsAnswered = report.sources.some(({ source, up }) => source === 'procfs' && up);
  if (!runtimeAnswered || !procfsAnswered || (strict && !report.complete)) return 2;
  if (failOn === 'never') return 0;
  return report.findings.some(({ severity }) => isAtLeast(severity, failOn)) ? 1 : 0;
}
