/** Looks at every known pause once a second, so that a death is noticed long before the next audit is due. */

import { type Known, type NodeSnapshot, processKey } from '../core/model.ts';
import { isDeadState, isStoppedState } from '../core/process-life.ts';
import { createSlicer, DEFAULT_SLICE_MS } from '../kernel/reading/slicer.ts';

/** State of one process, as the kernel shows it now. */
interface ProcessNow {
  readonly startTicks: number;
  readonly state: string;
}

/** What the watch needs. */
export interface PauseWatchOptions {
  /** Reads one process; 5 to 50 µs. */
  readonly readState: (pid: number) => Known<ProcessNow>;
  /** Called once for each change: a pause that ended, stopped or continued. */
  readonly onChange: (pid: number) => void;
  /** Milliseconds between two looks. */
  readonly periodMs: number;
}

/** A running watch. */
export interface PauseWatch {
  /** Watches the pauses of this snapshot from now on, and no others. */
  follow(snapshot: NodeSnapshot): void;
  close(): void;
}

/** Starts a watch that follows nobody yet. */
export function startPauseWatch({ readState, onChange, periodMs }: PauseWatchOptions): PauseWatch {
  let followed = new Map<number, string>();
  let isLooking = false;

  async function look(): Promise<void> {
    const mine = followed;
    const slicer = createSlicer({ sliceMs: DEFAULT_SLICE_MS });
    for (const [pid, fingerprint] of mine) {
      // An audit has looked meanwhile, and knows better.
      if (followed !== mine) return;
      const now = fingerprintOf(pid, readState(pid));
      if (now !== undefined && now !== fingerprint) {
        mine.set(pid, now);
        onChange(pid);
      }
      if (slicer.isDue()) await slicer.nextTurn();
    }
  }

  const timer = setInterval(() => {
    if (isLooking) return;
    isLooking = true;
    void look().finally(() => void (isLooking = false));
  }, periodMs);
  return {
    follow(snapshot) {
      followed = new Map(pauses(snapshot).map((pause) => [pause.pid, fingerprint(pause.pid, pause)]));
    },
    close: () => {
      clearInterval(timer);
      followed = new Map();
    },
  };
}

function pauses({ runtimes, kernel }: NodeSnapshot): NodeSnapshot['kernel']['processes'] {
  const pids = new Set<number>();
  for (const { sandboxes } of runtimes) {
    for (const { pause } of sandboxes) if (pause.kind === 'pid') pids.add(pause.pid);
  }
  return kernel.processes.filter(({ pid }) => pids.has(pid));
}

/** Undefined when the process could not be read for another reason than being gone. */
function fingerprintOf(pid: number, now: Known<ProcessNow>): string | undefined {
  if ('value' in now) return fingerprint(pid, now.value);
  return now.unknown === 'vanished' ? 'gone' : undefined;
}

/** Identity and what matters of the state: dead, stopped, or anything else. */
function fingerprint(pid: number, { startTicks, state }: ProcessNow): string {
  const kind = isDeadState(state) ? 'dead' : isStoppedState(state) ? 'stopped' : 'runs';
  return `${processKey({ pid, startTicks })} ${kind}`;
}
