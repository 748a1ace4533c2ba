/** What one audit tells the next. Rebuilt from the present snapshot each time, so that it is bounded by what exists. */

import type { SandboxLife } from './churn.ts';
import type { CpuSamples } from './cpu-use.ts';
import type { Finding, FindingId } from './finding.ts';
import { type ImageMemory, NO_IMAGES } from './image-history.ts';
import type { ProcessKey } from './model.ts';
import type { EarlierRefusals } from './refusals.ts';
import type { Sample } from './trend.ts';
import type { FirstSeen } from './zombies.ts';

/** The life of one finding between audits. */
export interface FindingMemory {
  /** As last raised. */
  readonly finding: Finding;
  /** Begin of the run of audits that raised it with no clean one between, milliseconds since the epoch. */
  readonly runSinceMs: number;
  /** When it was last raised, or unknown while it held; milliseconds since the epoch. */
  readonly lastHeldMs: number;
  /** Audits of that run, 0 since the last clean audit. */
  readonly raised: number;
  /** Enough looks agree for it to be reported. */
  readonly shown: boolean;
  /** Consecutive audits that found its subject fine. */
  readonly clean: number;
}

/** Everything kept between audits; starts afresh with the process. */
export interface AuditMemory {
  /** Audits so far. */
  readonly audits: number;
  /** Audits that could read /proc: looks at zombies. */
  readonly looks: number;
  readonly zombies: ReadonlyMap<ProcessKey, FirstSeen>;
  /** By finding id and subject key. */
  readonly findings: ReadonlyMap<string, FindingMemory>;
  /** Start ticks of the process each sandbox and container id was seen with. */
  readonly startTicks: ReadonlyMap<string, number>;
  /** Sandboxes whose pause was alive. */
  readonly livePauses: ReadonlySet<string>;
  /** Sandboxes whose pause had just died when the last audit looked. */
  readonly undecidedDeaths: ReadonlySet<string>;
  /** Sandboxes the last audit knew. */
  readonly sandboxIds: ReadonlySet<string>;
  readonly cpu: CpuSamples;
  readonly images: ImageMemory;
  /** How many zombies each culprit had. */
  readonly zombieCounts: ReadonlyMap<string, readonly Sample[]>;
  /** How many tasks each pod had, since its newest container was made. */
  readonly taskCounts: ReadonlyMap<string, readonly Sample[]>;
  readonly refused: EarlierRefusals;
  /** Sandboxes of each pod (`podKey`) that were made lately. */
  readonly lives: ReadonlyMap<string, readonly SandboxLife[]>;
}

/** The memory of an agent that has seen nothing yet. */
export const EMPTY_MEMORY: AuditMemory = {
  audits: 0,
  looks: 0,
  zombies: new Map(),
  findings: new Map(),
  startTicks: new Map(),
  livePauses: new Set(),
  undecidedDeaths: new Set(),
  sandboxIds: new Set(),
  cpu: new Map(),
  images: NO_IMAGES,
  zombieCounts: new Map(),
  taskCounts: new Map(),
  refused: { cgroups: {}, refusals: new Map() },
  lives: new Map(),
};

/** Key of a finding's memory. */
export function findingKey(id: FindingId, subject: string): string {
  return `${id} ${subject}`;
}
