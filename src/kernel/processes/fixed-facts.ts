/** Reads what rarely changes in the life of a process, its namespaces and its program file, through their links. */
import { readlinkSync } from 'node:fs';
import { type FaultCode, type Known, type NamespaceInodes, type NamespaceKind } from '../../core/model.ts';
import { parseNamespaceLink } from '../parse/counters.ts';
import { faultCodeOf } from '../reading/fault-tally.ts';

/** Facts that change only by exec or setns. */
export interface FixedFacts {
  readonly namespaces: NamespaceInodes;
  /** Target of /proc/PID/exe as the kernel gives it, " (deleted)" included. */
  readonly exe: string | undefined;
  /** Why one of them is missing, by the name of the field ("exe", "namespaces.net"). */
  readonly unknown: Readonly<Record<string, FaultCode>>;
}

/** Fields that were denied or that hung, by name: not asked for again while the process lives. */
export type Refusals = Map<string, FaultCode>;

/** What the kernel keeps of a dead process (L5); asking for the rest would only fail. */
const KEPT_OF_THE_DEAD: ReadonlySet<NamespaceKind> = new Set(['pid', 'user']);

/** Reads the links of `<root>/<pid>`; of a dead process those that are left, the others are `unsupported`. */
export function readFixedFacts(directory: string, isDead: boolean, refusals: Refusals): FixedFacts {
  const unknown: Record<string, FaultCode> = {};
  const inodeOf = (kind: NamespaceKind): number | undefined => {
    const isAsked = !isDead || KEPT_OF_THE_DEAD.has(kind);
    const fact = isAsked ? readNamespace(directory, kind, refusals) : GONE;
    return settle(`namespaces.${kind}`, fact, unknown);
  };
  const namespaces = {
    net: inodeOf('net'),
    ipc: inodeOf('ipc'),
    uts: inodeOf('uts'),
    pid: inodeOf('pid'),
    mnt: inodeOf('mnt'),
    cgroup: inodeOf('cgroup'),
    user: inodeOf('user'),
  };
  const link = isDead ? GONE : attempt('exe', refusals, () => readlinkSync(`${directory}/exe`));
  return { namespaces, exe: settle('exe', link, unknown), unknown };
}

/**
 * Reads one field. A denial is remembered, so that an audit log of the node sees one attempt. A file that is not
 * there while the process is (the caller checks that) is `unsupported`: the kernel has no such fact of this process.
 */
export function attempt<T>(field: string, refusals: Refusals, read: () => T): Known<T> {
  const refusal = refusals.get(field);
  if (refusal !== undefined) return { unknown: refusal };
  try {
    return { value: read() };
  } catch (error) {
    const code = faultCodeOf(error);
    if (code === 'denied') refusals.set(field, code);
    return { unknown: code === 'vanished' ? 'unsupported' : code };
  }
}

/** The value of a fact; the reason of a missing one is noted under the field's name. */
export function settle<T>(field: string, fact: Known<T>, unknown: Record<string, FaultCode>): T | undefined {
  if ('value' in fact) return fact.value;
  unknown[field] = fact.unknown;
  return undefined;
}

const GONE = { unknown: 'unsupported' } as const;

function readNamespace(directory: string, kind: NamespaceKind, refusals: Refusals): Known<number> {
  const link = attempt(`namespaces.${kind}`, refusals, () => readlinkSync(`${directory}/ns/${kind}`));
  if ('unknown' in link) return link;
  const inode = parseNamespaceLink(link.value);
  return inode === undefined ? { unknown: 'malformed' } : { value: inode };
}
