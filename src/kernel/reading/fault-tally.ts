/** Turns what could not be read into few faults: one per code and cause, with a count and one example. */
import type { FaultCode, SourceFault, SourceName } from '../../core/model.ts';

/** One thing that could not be read. */
interface FaultNote {
  readonly code: FaultCode;
  /** What faults are grouped by, beside the code: "stat EACCES". */
  readonly cause: string;
  /** Path that was asked for; the first one of a group is shown. */
  readonly subject: string;
  /** One sentence for a person, the same for the whole group. */
  readonly message: string;
}

/** Collects the faults of one look. */
export interface FaultTally {
  add(note: FaultNote): void;
  /** In the order of their first appearance. */
  list(): readonly SourceFault[];
}

/** Starts an empty tally for one of the kernel's file systems. */
export function createFaultTally(source: SourceName): FaultTally {
  const groups = new Map<string, { note: FaultNote; count: number }>();
  return {
    add(note) {
      const key = `${note.code} ${note.cause}`;
      const group = groups.get(key);
      if (group === undefined) groups.set(key, { note, count: 1 });
      else group.count++;
    },
    list: () =>
      [...groups.values()].map(({ note: { code, subject, message }, count }) => ({
        source,
        endpoint: undefined,
        code,
        subject,
        message,
        count,
      })),
  };
}

/** The errno name of a failed call ("ENOENT"); "unknown" when it is no error of the system. */
export function errnoOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
}

/**
 * What an errno means for an observer. ENOENT and ESRCH are a process or cgroup that ended, which is normal life;
 * what has no better name (EIO, EMFILE, ENOMEM) is `silent`: asked, and the fact did not come.
 */
export function faultCodeOf(error: unknown): FaultCode {
  switch (errnoOf(error)) {
    case 'ENOENT':
    case 'ESRCH':
    case 'ENODEV':
      return 'vanished';
    case 'EACCES':
    case 'EPERM':
      return 'denied';
    case 'ENOTDIR':
    case 'EISDIR':
    case 'EINVAL':
    case 'ENOSYS':
    case 'ENOTSUP':
    case 'EOPNOTSUPP':
      return 'unsupported';
    case 'ETIMEDOUT':
      return 'timeout';
    default:
      return 'silent';
  }
}
