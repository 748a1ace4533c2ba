/** The /metrics document of one report. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AuditReport } from '../../core/report.ts';
import { type FamilyBlock, renderFamilies } from './exposition.ts';
import { createSamples } from './families.ts';
import type { AuditStats, Ledger } from './ledger.ts';
import { addAgentSamples, addNodeSamples, type BuildInfo } from './node-samples.ts';
import { addPodSamples } from './pod-samples.ts';

/** What a rendering needs beside the report. */
export interface MetricsOptions {
  readonly build: BuildInfo;
  /** Hard cap on the series of pods; the node's own are about a hundred and not counted. */
  readonly maxSeries: number;
}

/** Books the audit in the ledger and renders every family of the table; once per report. */
export async function renderMetrics(
  report: AuditReport,
  stats: AuditStats,
  ledger: Ledger,
  options: MetricsOptions,
): Promise<readonly FamilyBlock[]> {
  ledger.add(report, stats);
  await nextTurn();
  const pods = createSamples();
  ledger.addDropped(addPodSamples(pods, report, ledger, options.maxSeries));
  await nextTurn();
  const samples = createSamples();
  addAgentSamples(samples, report, stats, ledger.totals, options.build);
  addNodeSamples(samples, report, ledger.totals, options.build);
  samples.append(pods);
  return await renderFamilies(samples);
}
