/** Remembers the details of sandboxes or containers, so that each is asked for once and not in every cycle. */
import type { FaultCode, SourceFault } from '../../core/model.ts';
import { answerFault, callFault, faultCodeOf } from './errors.ts';

/** How many details are asked for at the same time. */
const CONCURRENCY = 8;

/** An item of a list whose details are wanted; `state` as listed: when it changes the details are asked for anew. */
export interface Wanted {
  readonly id: string;
  readonly state: string;
}

/** Details by id, or why there are none. An id that vanished meanwhile is in neither. */
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

/** `what` names the call in faults; `ask` makes it. Details with a problem are used, reported, and asked for again. */
export function createDetailsMemory<D extends { readonly problem: string | undefined }>(
  endpoint: string,
  what: string,
  ask: (id: string) => Promise<D>,
): DetailsMemory<D> {
  let known = new Map<string, { readonly listedState: string; readonly details: D }>();

  async function fetch(wanted: readonly Wanted[], deadlineMs: number): Promise<DetailsRound<D>> {
    const kept = new Map<string, { readonly listedState: string; readonly details: D }>();
    const details = new Map<string, D | FaultCode>();
    const vanished = new Set<string>();
    const faults: SourceFault[] = [];
    const missing: Wanted[] = [];
    for (const item of wanted) {
      const old = known.get(item.id);
      if (old?.listedState !== item.state || old.details.problem !== undefined) missing.push(item);
      else {
        kept.set(item.id, old);
        details.set(item.id, old.details);
      }
    }
    known = kept;
    await inParallel(missing, async (item) => {
      const subject = `${what} ${item.id}`;
      if (Date.now() >= deadlineMs) {
        details.set(item.id, 'timeout');
        faults.push(callFault(endpoint, subject, { code: 4 }));
        return;
      }
      try {
        const answer = await ask(item.id);
        details.set(item.id, answer);
        kept.set(item.id, { listedState: item.state, details: answer });
        if (answer.problem !== undefined) faults.push(answerFault(endpoint, subject, answer.problem));
      } catch (error) {
        const code = faultCodeOf(error);
        if (code === 'vanished') vanished.add(item.id);
        else details.set(item.id, code);
        faults.push(callFault(endpoint, subject, error));
      }
    });
    return { details, vanished, faults: groupByCode(faults) };
  }

  return { fetch, forget: (id) => void known.delete(id) };
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

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  const worker = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, items.length) }, worker));
}
