/** Words for a process that ought to collect the dead and cannot run: it is continued before anybody blames it. */
import type { Evidence } from '../finding.ts';

/** What keeps a process from running, and how to let it go on. */
export interface Halt {
  /** "stopped", "held by a debugger", "frozen with its cgroup". */
  readonly how: string;
  /** A sentence: "Continue it: kill -CONT 4711." */
  readonly resume: string;
}

/** What halts the process whose PID, state and freezer are in the evidence under this name; undefined when it can run. */
export function haltOf(evidence: Evidence, name: string): Halt | undefined {
  const pid = String(evidence[`${name}Pid`]);
  if (evidence[`${name}Frozen`] === true) {
    return {
      how: 'frozen with its cgroup',
      resume: `Thaw it: write 0 to cgroup.freeze (cgroup v2), or THAWED to freezer.state (v1), of the cgroup that /proc/${pid}/cgroup names or of one above it.`,
    };
  }
  switch (evidence[`${name}State`]) {
    case 'T':
      return { how: 'stopped', resume: `Continue it: kill -CONT ${pid}.` };
    case 't':
      return {
        how: 'held by a debugger',
        resume: `Detach or end the debugger that holds it: TracerPid in /proc/${pid}/status.`,
      };
    default:
      return undefined;
  }
}

/** " because it is stopped", of a parent that has not collected somebody; nothing when it can run. */
export function because(evidence: Evidence): string {
  const halt = haltOf(evidence, 'parent');
  return halt === undefined ? '' : ` because it is ${halt.how}`;
}

/** What to do about zombies under a halted parent: until it has run again, nobody knows whether it reaps. */
export function resumeFirst({ resume }: Halt): string {
  return `${resume} It may well collect them then: only what still lies there afterwards is its own fault. Find out what halted it.`;
}

/** Said before blame, of a parent that this look found in state D: once is chance, every time is not. */
export function orHangs(evidence: Evidence, name: string): string {
  if (evidence[`${name}State`] !== 'D') return '';
  return `It was in state D in this look: if it always is, it hangs in the kernel or is frozen (cat /proc/${String(evidence[`${name}Pid`])}/stack), and that comes first. `;
}
