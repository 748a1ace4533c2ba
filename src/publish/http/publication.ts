/** The board between agent and server: the agent swaps in what an audit found, the server reads bytes off it. */
import { gzipSync } from 'node:zlib';
import type { DepthSource } from '../../core/pod-depth.ts';
import type { AuditReport } from '../../core/report.ts';
import type { FamilyBlock } from '../metrics/exposition.ts';
import type { AuditStats, Ledger } from '../metrics/ledger.ts';
import { type MetricsOptions, renderMetrics } from '../metrics/metrics.ts';
import type { ProcessMetrics } from '../metrics/process-metrics.ts';

/** A body in both encodings. */
export interface Body {
  readonly plain: Buffer;
  /** Compressed when first asked for, then kept. */
  gzip(): Buffer;
}

/** What one audit published. */
export interface Publication {
  readonly report: AuditReport;
  readonly blocks: readonly FamilyBlock[];
  /** What pods can be shown in depth from; undefined when that was not kept. */
  readonly depth: DepthSource | undefined;
  /** Differs from that of every other audit of this node. */
  readonly tag: string;
  /** The body of that name, rendered when first asked for and, while there is room, kept until the next audit. */
  body(name: string, render: () => string): Body;
}

/** Where the latest audit hangs. */
export interface Publisher {
  /** Renders a report and swaps it in. Once per report: it books counters. */
  publish(report: AuditReport, stats: AuditStats, depth?: DepthSource): Promise<void>;
  /** Undefined before the first audit. */
  readonly current: Publication | undefined;
  /** No audit has been published for three intervals. False before the first. */
  isStale(): boolean;
  /** None has been for much longer than any audit takes, or since the board was made: the loop does not run. */
  isStuck(): boolean;
}

/** What a publisher is made of. */
export interface PublisherOptions extends MetricsOptions {
  readonly ledger: Ledger;
  /** Undefined leaves `process_*` out. */
  readonly processMetrics: ProcessMetrics | undefined;
  /** `--audit.interval` in milliseconds. */
  readonly intervalMs: number;
  /** Milliseconds of a clock that never jumps. */
  readonly monotonicMs: () => number;
}

const INTERVALS_UNTIL_STALE = 3;
/** Beyond that time, in milliseconds. Every call of a runtime has a deadline: the slowest audit takes a fraction of it. */
const STUCK_MS = 10 * 60_000;
/** Bodies kept per audit; a query beyond them, or beyond MAX_KEPT_BYTES, is rendered each time. */
const MAX_BODIES = 64;
/** What they may take altogether, compressed forms included; all that is made of 250 pods needs less than half. */
const MAX_KEPT_BYTES = 8 * 1024 * 1024;

/** An empty board. */
export function createPublisher(options: PublisherOptions): Publisher {
  const { ledger, processMetrics, intervalMs, monotonicMs } = options;
  let current: Publication | undefined;
  let publishedAtMs = monotonicMs();
  const isSilentFor = (ms: number): boolean => monotonicMs() - publishedAtMs > ms;
  return {
    async publish(report, stats, depth) {
      const blocks = await renderMetrics(report, stats, ledger, options);
      const own = (await processMetrics?.read()) ?? [];
      current = createPublication(report, [...blocks, ...own], ledger.totals.audits, depth);
      publishedAtMs = monotonicMs();
    },
    get current() {
      return current;
    },
    isStale: () => current !== undefined && isSilentFor(INTERVALS_UNTIL_STALE * intervalMs),
    isStuck: () => isSilentFor(INTERVALS_UNTIL_STALE * intervalMs + STUCK_MS),
  };
}

/** One audit's worth of bodies. */
export function createPublication(
  report: AuditReport,
  blocks: readonly FamilyBlock[],
  sequence: number,
  depth?: DepthSource,
): Publication {
  const bodies = new Map<string, Body>();
  let keptBytes = 0;
  return {
    report,
    blocks,
    depth,
    tag: `${report.takenAtMs.toString(36)}-${sequence.toString(36)}`,
    body(name, render) {
      const kept = bodies.get(name);
      if (kept !== undefined) return kept;
      const made = createBody(render());
      // The compressed form, made later or never, is no larger than the plain one.
      const bytes = 2 * made.plain.length;
      if (bodies.size < MAX_BODIES && keptBytes + bytes <= MAX_KEPT_BYTES) {
        bodies.set(name, made);
        keptBytes += bytes;
      }
      return made;
    },
  };
}

/** A body whose compressed form is made at most once. */
export function createBody(text: string): Body {
  const plain = Buffer.from(text, 'utf8');
  let compressed: Buffer | undefined;
  return {
    plain,
    gzip() {
      compressed ??= gzipSync(plain);
      return compressed;
    },
  };
}
