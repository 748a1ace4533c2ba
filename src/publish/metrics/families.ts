/** The one table of pausewatch's metric families, in the order of output. */
import { AGENT_FAMILIES } from './agent-families.ts';
import type { MetricFamily, Sample } from './metric-family.ts';
import { NODE_FAMILIES } from './node-families.ts';
import { POD_FAMILIES } from './pod-families.ts';

/** Every family but those of the agent's own process (`process_*`), which prom-client defines. */
export const FAMILIES = [
  ...AGENT_FAMILIES,
  ...NODE_FAMILIES,
  ...POD_FAMILIES,
] as const satisfies readonly MetricFamily[];

/** Name of a family in the table. */
export type FamilyName = (typeof FAMILIES)[number]['name'];

/** Labels a family asks for. */
export type LabelsOf<Name extends FamilyName> = Readonly<
  Record<Extract<(typeof FAMILIES)[number], { readonly name: Name }>['labels'][number], string>
>;

/** The samples of one exposition, by family. */
export interface Samples {
  /** Adds a sample; nothing when the value is undefined or not finite: an unknown fact is absent, never 0. */
  add<Name extends FamilyName>(name: Name, labels: LabelsOf<Name>, value: number | undefined): void;
  /** Adds all samples of another collection. */
  append(other: Samples): void;
  /** Samples of a family, in the order they were added. */
  of(name: FamilyName): readonly Sample[];
  /** How many there are. */
  readonly count: number;
}

/** An empty collection of samples. */
export function createSamples(): Samples {
  const byFamily = new Map<FamilyName, Sample[]>();
  let count = 0;
  function push(name: FamilyName, sample: Sample): void {
    const samples = byFamily.get(name);
    if (samples === undefined) byFamily.set(name, [sample]);
    else samples.push(sample);
    count++;
  }
  return {
    add(name, labels, value) {
      if (value !== undefined && Number.isFinite(value)) push(name, { labels, value });
    },
    append(other) {
      for (const { name } of FAMILIES) {
        for (const sample of other.of(name)) push(name, sample);
      }
    },
    of: (name) => byFamily.get(name) ?? [],
    get count() {
      return count;
    },
  };
}
