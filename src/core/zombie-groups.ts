/** Puts zombies together by who fails to reap them, and follows how each group grows. */
import type { Attribution } from './attribute.ts';
import { groupBy } from './group-by.ts';
import { type Process, processKey } from './model.ts';
import type { ParentKind } from './report.ts';
import { addSample, growthPerHour, type Sample } from './trend.ts';
import { collectorPid, type ZombieFact } from './zombies.ts';

/** Zombies with one culprit: the processes of one kind in one container, or a single process outside of every pod. */
export interface ZombieGroup {
  readonly kind: ParentKind;
  /** The sandbox the dead belong to; undefined for a process of the node that holds them. */
  readonly sandboxId: string | undefined;
  /** The container of the parent that does not wait, which is the one to mend; else that of the dead. */
  readonly containerId: string | undefined;
  /** The parent, where it is what makes the group: a shim, a daemon, the node's PID 1. */
  readonly parent: Pick<Process, 'pid' | 'startTicks'> | undefined;
  readonly zombies: readonly ZombieFact[];
  /** Negative when they become fewer; undefined until watched for long enough. */
  readonly perHour: number | undefined;
}

/** The groups of one look, and the counts to remember. */
export interface ZombieGroups {
  readonly groups: readonly ZombieGroup[];
  /** By key of the group. */
  readonly counts: ReadonlyMap<string, readonly Sample[]>;
}

/** What the looks before this one counted. */
export interface EarlierCounts {
  readonly counts: ReadonlyMap<string, readonly Sample[]>;
  readonly takenAtMs: number;
  readonly spanMs: number;
}

/** Groups the zombies of a look; without any (`undefined`: one look, no /proc) the counts wait. */
export function groupZombies(
  zombies: readonly ZombieFact[] | undefined,
  attribution: Attribution,
  earlier: EarlierCounts,
): ZombieGroups {
  if (zombies === undefined) return { groups: [], counts: earlier.counts };
  const counts = new Map<string, readonly Sample[]>();
  const byCulprit = groupBy(zombies, (zombie) => culpritKey(zombie, attribution));
  const groups = [...byCulprit].flatMap(([key, held]): ZombieGroup[] => {
    const [first] = held;
    if (first?.parent === undefined) return [];
    const samples = addSample(earlier.counts.get(key) ?? [], { atMs: earlier.takenAtMs, value: held.length });
    counts.set(key, samples);
    const { kind } = first.parent;
    const perHour = growthPerHour(samples, earlier.spanMs);
    return [{ ...placeOf(first, kind, attribution), kind, zombies: held, perHour }];
  });
  return { groups, counts };
}

type Place = Pick<ZombieGroup, 'sandboxId' | 'containerId' | 'parent'>;

function placeOf(zombie: ZombieFact, kind: ParentKind, attribution: Attribution): Place {
  const none = { sandboxId: undefined, containerId: undefined, parent: undefined };
  const parent = attribution.processAt(collectorPid(zombie.process));
  if (kind === 'runtime' || kind === 'host') return { ...none, parent };
  const owner = parent === undefined ? undefined : attribution.ownerOf(parent);
  const containerId = owner?.containerId ?? zombie.owner?.containerId;
  return { ...none, sandboxId: zombie.owner?.sandboxId ?? owner?.sandboxId, containerId };
}

function culpritKey(zombie: ZombieFact, attribution: Attribution): string {
  const kind = zombie.parent?.kind;
  if (kind === undefined) return '';
  const { sandboxId, containerId, parent } = placeOf(zombie, kind, attribution);
  return `${kind} ${containerId ?? sandboxId ?? ''} ${parent === undefined ? '' : processKey(parent)}`;
}
