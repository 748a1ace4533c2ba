/** Renders reports as metrics with fixed facts of the program. */
import type { AuditReport } from '../../src/core/report.ts';
import { renderOpenMetrics, renderText } from '../../src/publish/metrics/exposition.ts';
import { type AuditStats, createLedger, type Ledger } from '../../src/publish/metrics/ledger.ts';
import { renderMetrics } from '../../src/publish/metrics/metrics.ts';
import { type ParsedSample, parseExposition } from './exposition-parser.ts';

const BUILD = {
  version: '0.1.0',
  revision: 'abc1234',
  nodejsVersion: '20.20.2',
  arch: 'amd64',
  policyHash: 'f00d',
};
export const STATS: AuditStats = { phaseSeconds: { capture: 0.041, audit: 0.002 }, skipped: 0 };
export const METRICS_OPTIONS = { build: BUILD, maxSeries: 20_000 };

/** The samples of one report, after those before it. */
export async function samplesOf(
  report: AuditReport,
  {
    ledger = createLedger(),
    maxSeries = 20_000,
    stats = STATS,
  }: { ledger?: Ledger; maxSeries?: number; stats?: AuditStats } = {},
): Promise<readonly ParsedSample[]> {
  return parseExposition(renderText(await renderMetrics(report, stats, ledger, { build: BUILD, maxSeries })));
}

/** Both formats of one report. */
export async function bothFormats(report: AuditReport): Promise<{ text: string; openMetrics: string }> {
  const blocks = await renderMetrics(report, STATS, createLedger(), METRICS_OPTIONS);
  return { text: renderText(blocks), openMetrics: renderOpenMetrics(blocks) };
}

/** Values of one family, by the labels named, joined with a slash. */
export function valuesOf(samples: readonly ParsedSample[], name: string, ...labels: string[]): Record<string, number> {
  const own = samples.filter((sample) => sample.name === name);
  return Object.fromEntries(own.map((sample) => [labels.map((label) => sample.labels[label]).join('/'), sample.value]));
}
