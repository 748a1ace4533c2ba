/** Remembers the details of sandboxes or containers, so that each is asked for once and not in every cycle. */
import type { FaultCode, SourceFault } from '../core/model.ts';
import { answerFault, type Classify, failureFault } from './faults.ts';

/** An item of a list whose details are wanted; `state` as listed: when it changes the details are asked for anew. */
export interface Wanted {
  readonly id: string;
  readonly state: string;
}

/**
 * Details by id, or why there are none. An id that vanished meanwhile is only in `vanished`; one that the next list still
 * names has not gone: of it there are no details for that reason.
 */
export interface DetailsRound<D> {
  readonly details: ReadonlyMap<string, D | FaultCode>;
  readonly vanished: ReadonlySet<string>;
  readonly faults: readonly SourceFault[];
}

/** A memory of details, bounded by what was wanted last. */
export interface DetailsMemory<D> {
  /** Gives the details of what is wanted, asking for those that are not known, until `deadlineMs` (epoch). */
  fetch(wanted: readonly Wanted[], deadlineMs: number): Promise<DetailsRound<D>>;
  forget(id: string): void;
}

/** What decides whether an answer is kept. */
interface Keepable {
  /** What made no sense in it: used as far as it goes, reported, and asked for again. */
  readonly problem: string | undefined;
  /** True of what holds for a moment only: used, and asked for again. */
  readonly isPassing: boolean;
}

/** How details are asked for. */
export interface DetailsQuestion<D> {
  readonly endpoint: string;
  /** Names the call in faults. */
  readonly what: string;
  readonly ask: (id: string) => Promise<D>;
  readonly classify: Classify;
  /** How many are asked for at the same time. */
  readonly concurrency: number;
}

/** Knows nothing yet. */
export function createDetailsMemory<D extends Keepable>(question: DetailsQuestion<D>): DetailsMemory<D> {
  const { endpoint, what, ask, classify, concurrency } = question;
  const failedBefore = new Set<string>();
  let vanishedBefore: ReadonlySet<string> = new Set();
  let known = new Map<string, { readonly listedState: string; readonly details: D }>();

  async function fetch(wanted: readonly Wanted[], deadlineMs: number): Promise<DetailsRound<D>> {
    const kept = new Map<string, { readonly listedState: string; readonly details: D }>();
    const details = new Map<string, D | FaultCode>();
    const vanished = new Set<string>();
    const faults: SourceFault[] = [];
    const missing: Wanted[] = [];
    for (const item of wanted) {
      const old = known.get(item.id);
      if (old?.listedState !== item.state || !isKept(old.details)) missing.push(item);
      else {
        kept.set(item.id, old);
        details.set(item.id, old.details);
      }
    }
    known = kept;
    // Who kept us waiting in vain is asked last: the others must not wait behind it in every round.
    const queue = missing.toSorted((a, b) => Number(failedBefore.has(a.id)) - Number(failedBefore.has(b.id)));
    failedBefore.clear();
    await inParallel(queue, concurrency, async (item) => {
      const subject = `${what} ${item.id}`;
      if (Date.now() >= deadlineMs) {
        details.set(item.id, 'timeout');
        faults.push(failureFault(endpoint, subject, { code: 'timeout', details: '' }));
        return;
      }
      try {
        const answer = await ask(item.id);
        details.set(item.id, answer);
        kept.set(item.id, { listedState: item.state, details: answer });
        if (answer.problem !== undefined) faults.push(answerFault(endpoint, subject, answer.problem));
      } catch (error) {
        const failure = classify(error);
        failedBefore.add(item.id);
        if (failure.code === 'vanished' && !vanishedBefore.has(item.id)) vanished.add(item.id);
        else details.set(item.id, failure.code);
        faults.push(failureFault(endpoint, subject, failure));
      }
    });
    vanishedBefore = new Set(
      queue.flatMap(({ id }) => (vanished.has(id) || details.get(id) === 'vanished' ? [id] : [])),
    );
    return { details, vanished, faults: groupByCode(faults) };
  }

  return { fetch, forget: (id) => void known.delete(id) };
}

function isKept({ problem, isPassing }: Keepable): boolean {
  return problem === undefined && !isPassing;
}

/** A hundred sandboxes that fail alike are one fault with a count, told by the first of them. */
function groupByCode(faults: readonly SourceFault[]): SourceFault[] {
  const groups = new Map<FaultCode, SourceFault>();
  for (const fault of faults) {
    const first = groups.get(fault.code);
    groups.set(fault.code, first === undefined ? fault : { ...first, count: first.count + 1 });
  }
  return [...groups.values()];
}

async function inParallel<T>(items: readonly T[], width: number, work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  const worker = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
}
