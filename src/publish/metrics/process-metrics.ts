/** The agent's own process: prom-client's `process_*` metrics, without its `nodejs_*` ones. */
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { FamilyBlock } from './exposition.ts';

/** Reads the agent's own process. */
export interface ProcessMetrics {
  /** One block of text per family, read now. */
  read(): Promise<readonly FamilyBlock[]>;
}

/** prom-client samples the event loop's delay with a timer; one that fires once an hour is one that is off. */
const DELAY_TIMER_OFF_MS = 3_600_000;

/** Starts to watch the agent's own process. */
export function createProcessMetrics(): ProcessMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: DELAY_TIMER_OFF_MS });
  const names = registry.getMetricsAsArray().map((metric) => metric.name);
  const wanted = names.filter((name) => name.startsWith('process_'));
  return {
    read: () => Promise.all(wanted.map(async (name) => ({ name, text: await registry.getSingleMetricAsString(name) }))),
  };
}
