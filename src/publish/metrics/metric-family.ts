/** What one metric family is: the row type of the family tables, from which series, metadata and documentation are made. */

/** One metric family. */
export interface MetricFamily {
  /** Full name, as scraped from the text format. */
  readonly name: string;
  readonly kind: 'gauge' | 'counter';
  readonly labels: readonly string[];
  /** One sentence: meaning, unit, when there is no series. No double quotes: OpenMetrics and text escape them differently. */
  readonly help: string;
}

/** One sample of a family. Values that are not finite are not exported. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}
