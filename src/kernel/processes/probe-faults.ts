/** Says in a few faults which details of processes were denied, what is lost without them, and how to get them. */
import type { ProcessProbe, SourceFault } from '../../core/model.ts';

/** Fields that are denied together and lost together. */
interface FieldGroup {
  readonly subject: string;
  /** What cannot be told without them. */
  readonly loss: string;
  /** Whether a field of a probe, by its name in `unknown`, is of this group. */
  readonly holds: (field: string) => boolean;
}

const GROUPS: readonly FieldGroup[] = [
  {
    subject: 'namespace links',
    loss: 'which namespaces a pod shares cannot be told, and zombies are joined to pods by cgroup and parent only',
    holds: (field) => field.startsWith('namespaces.'),
  },
  {
    subject: 'exe',
    loss: 'which program a pause runs, and its hash, cannot be told',
    holds: (field) => field === 'exe' || field === 'exeSha256',
  },
];

/**
 * One fault for each group of fields that was denied, with the number of processes. Only the processes of pods count:
 * those of PID 1 of the node may be closed even to root, and nothing depends on them.
 */
export function faultsOfProbes(
  probes: ReadonlyMap<number, ProcessProbe>,
  pidsOfPods: ReadonlySet<number>,
): readonly SourceFault[] {
  return GROUPS.flatMap(({ subject, loss, holds }): SourceFault[] => {
    let count = 0;
    for (const [pid, { unknown }] of probes) if (pidsOfPods.has(pid) && isDenied(unknown, holds)) count++;
    const message =
      `The kernel denied the ${subject} of processes, so ${loss}. ` +
      'Reading them takes CAP_SYS_PTRACE: run the agent as root with that capability.';
    return count === 0 ? [] : [{ source: 'procfs', endpoint: undefined, code: 'denied', subject, message, count }];
  });
}

function isDenied(unknown: ProcessProbe['unknown'], holds: FieldGroup['holds']): boolean {
  for (const field in unknown) if (unknown[field] === 'denied' && holds(field)) return true;
  return false;
}
