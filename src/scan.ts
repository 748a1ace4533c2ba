/** `pausewatch scan`: two looks at this node, or the report of a running agent, printed once. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from './config/parse.ts';
import { auditNode } from './core/audit.ts';
import { isAtLeast } from './core/finding.ts';
import { EMPTY_MEMORY } from './core/memory.ts';
import { policyForSettle } from './core/policy.ts';
import type { AuditReport } from './core/report.ts';
import { openNode } from './node.ts';
import { renderText } from './publish/exposition.ts';
import { NO_FILTER } from './publish/filter.ts';
import { renderSandboxes } from './publish/json.ts';
import { createLedger } from './publish/ledger.ts';
import { renderMetrics } from './publish/metrics.ts';
import { summarize } from './publish/summary.ts';
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

/** Scans and prints. The exit code: 0 fine, 1 findings at or above the bar, 2 could not look. */
export async function scan(config: Config, terminal: ScanTerminal): Promise<number> {
  const report = await lookTwice(config);
  terminal.write(await render(report, config, terminal));
  const { pods, notJudged } = summarize(report);
  if (!report.complete) terminal.say(`judged ${pods - notJudged} of ${pods} sandboxes`);
  return exitCode(report, config);
}

/** The first look finds what may be a zombie, the second whether it still is. */
async function lookTwice(config: Config): Promise<AuditReport> {
  const policy = policyForSettle(config.settleMs);
  const { capture } = openNode(config);
  try {
    const first = auditNode(await capture.look(), EMPTY_MEMORY, policy);
    await sleep(config.settleMs);
    return auditNode(await capture.look(), first.memory, policy).report;
  } finally {
    capture.close();
  }
}

async function render(report: AuditReport, config: Config, terminal: ScanTerminal): Promise<string> {
  switch (config.output) {
    case 'table':
      return renderTable(report, { columns: terminal.columns, colour: terminal.colour, all: config.all });
    case 'json':
      return renderSandboxes(report, NO_FILTER, runbookBase(config));
    case 'line':
      return renderLine(report);
    case 'prometheus': {
      const stats = { phaseSeconds: {}, skipped: 0 };
      const options = { build: buildInfo(), maxSeries: config.maxSeries };
      return renderText(await renderMetrics(report, stats, createLedger(), options));
    }
    default:
      return config.output satisfies never;
  }
}

function exitCode(report: AuditReport, { failOn, strict }: Config): number {
  const couldLook = report.runtimes.some(({ up }) => up) && report.nodeView.pids !== undefined;
  if (!couldLook || (strict && !report.complete)) return 2;
  if (failOn === 'never') return 0;
  return report.findings.some(({ severity }) => isAtLeast(severity, failOn)) ? 1 : 0;
}
