/** The agent's own process: prom-client's default metrics, of which the `nodejs_*` ones are off unless asked for. */
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { FamilyBlock } from './exposition.ts';

/** Reads the agent's own process. */
export interface ProcessMetrics {
  /** One block of text per family, read now. */
  read(): Promise<readonly FamilyBlock[]>;
}

/** prom-client samples the event loop's delay with a timer; one that fires once an hour is one that is off. */
const DELAY_TIMER_OFF_MS = 3_600_000;
const DELAY_TIMER_MS = 10;

/** Starts to watch the agent's own process. */
export function createProcessMetrics(options: { readonly nodejs: boolean }): ProcessMetrics {
  const registry = new Registry();
  const eventLoopMonitoringPrecision = options.nodejs ? DELAY_TIMER_MS : DELAY_TIMER_OFF_MS;
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision });
  const names = registry.getMetricsAsArray().map((metric) => metric.name);
  const wanted = names.filter((name) => options.nodejs || name.startsWith('process_'));
  return {
    read: () => Promise.all(wanted.map(async (name) => ({ name, text: await registry.getSingleMetricAsString(name) }))),
  };
}
