/** The loop: look, judge, publish, again. A tick is skipped while the last one still runs. */
import { auditSteps } from '../core/audit.ts';
import { EMPTY_MEMORY } from '../core/memory.ts';
import type { NodeSnapshot } from '../core/model.ts';
import type { DepthSource } from '../core/pod-depth.ts';
import type { Policy } from '../core/policy.ts';
import type { AuditReport } from '../core/report.ts';
import { createSlicer, DEFAULT_SLICE_MS, doInSlices } from '../kernel/reading/slicer.ts';

/** How long each part of an audit took, in seconds, and how many audits were skipped since the one before. */
export interface CycleStats {
  readonly captureSeconds: number;
  readonly auditSeconds: number;
  readonly skipped: number;
}

/** What the loop drives. */
export interface AgentOptions {
  readonly look: () => Promise<NodeSnapshot>;
  readonly policy: Policy;
  readonly publish: (report: AuditReport, stats: CycleStats, depth: DepthSource) => Promise<void>;
  /** Called with each snapshot after its report is published. */
  readonly onSnapshot: (snapshot: NodeSnapshot) => void;
  /** A cycle threw: a bug of ours, since sources that fail are faults. */
  readonly onError: (error: unknown) => void;
  /** Time from the end of the first audit to the second, in milliseconds. */
  readonly settleMs: number;
  /** Time between audits, in milliseconds. */
  readonly intervalMs: number;
}

/** A running loop. */
export interface Agent {
  /** Asks for an audit before its time; at most one in 5 s. */
  hurry(): void;
  /** Ends the loop; resolves when the cycle that runs has ended. */
  stop(): Promise<void>;
}

/** Least time between two early audits, in milliseconds. */
const HURRY_APART_MS = 5000;

/** Starts the loop with a first audit at once and a second `settleMs` after it. */
export function startAgent(options: AgentOptions): Agent {
  const { look, policy, publish, onSnapshot, onError, settleMs, intervalMs } = options;
  let memory = EMPTY_MEMORY;
  let skipped = 0;
  let running: Promise<void> | undefined;
  let stopped = false;
  let hurriedAtMs = Number.NEGATIVE_INFINITY;
  let hurryTimer: NodeJS.Timeout | undefined;

  async function cycle(): Promise<void> {
    const startMs = performance.now();
    const snapshot = await look();
    // What a look could not see because it was cut short is not news.
    if (stopped) return;
    const lookedMs = performance.now();
    const slicer = createSlicer({ sliceMs: DEFAULT_SLICE_MS });
    await slicer.nextTurn();
    const audit = await doInSlices(auditSteps(snapshot, memory, policy), slicer);
    memory = audit.memory;
    const auditSeconds = (performance.now() - lookedMs) / 1000;
    const stats = { captureSeconds: (lookedMs - startMs) / 1000, auditSeconds, skipped };
    skipped = 0;
    await slicer.nextTurn();
    await publish(audit.report, stats, { snapshot, memory });
    onSnapshot(snapshot);
  }

  function tick(): void {
    if (stopped) return;
    if (running !== undefined) skipped++;
    else
      running = cycle()
        .catch(onError)
        .finally(() => void (running = undefined));
  }

  /** Changes that come in while an audit runs, or too soon after the last early one, wait for one more. */
  function hurry(): void {
    if (stopped || hurryTimer !== undefined) return;
    const waitMs = Math.max(0, hurriedAtMs + HURRY_APART_MS - performance.now());
    hurryTimer = setTimeout(async () => {
      await running;
      hurryTimer = undefined;
      hurriedAtMs = performance.now();
      tick();
    }, waitMs);
  }

  let settle: NodeJS.Timeout | undefined;
  tick();
  void running?.then(() => {
    if (!stopped) settle = setTimeout(tick, settleMs);
  });
  const timer = setInterval(tick, intervalMs);
  return {
    hurry,
    async stop() {
      stopped = true;
      clearTimeout(settle);
      clearTimeout(hurryTimer);
      clearInterval(timer);
      await running;
    },
  };
}
