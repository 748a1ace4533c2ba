/** Turns the evidence of a finding into words. */
import type { Evidence, Finding } from '../finding.ts';

/** What a person reads. */
export interface Explanation {
  /** One sentence: what, where, since it is about one subject. */
  readonly summary: string;
  /** What to do, in the order to do it. */
  readonly remedy: string;
}

/** Puts one kind of finding into words. */
export type Words = (finding: Finding) => Explanation;

/** "container app", or "the pod" where no container is known. */
export function containerOf({ subject }: Finding): string {
  return subject.container === undefined ? 'the pod' : `container ${subject.container}`;
}

/** Reads evidence as words. */
export function factsOf(evidence: Evidence) {
  const text = (name: string): string => String(evidence[name] ?? 'unknown');
  return {
    text,
    list: (name: string): string => {
      const value = evidence[name];
      return Array.isArray(value) && value.length > 0 ? value.join(', ') : 'something';
    },
    runs: (name: string): string => (Array.isArray(evidence[name]) && evidence[name].length > 1 ? 'run' : 'runs'),
    count: (name: string, noun: string): string => `${text(name)} ${evidence[name] === 1 ? noun : pluralOf(noun)}`,
    process: (name: string): string => {
      const comm = evidence[`${name}Comm`];
      return comm === null || comm === undefined ? '(gone)' : `${text(`${name}Comm`)} (PID ${text(`${name}Pid`)})`;
    },
    users: (): string => {
      const { sandboxes, pods } = evidence;
      const names = Array.isArray(pods) ? pods.join(', ') : '';
      return sandboxes === 0 ? 'no pod runs on it' : `used by ${names}${Number(sandboxes) > 5 ? ', …' : ''}`;
    },
  };
}

/** What to do about a process in state D, in full sentences. */
export function hangsInKernel(pid: string): string {
  return `No signal reaches PID ${pid} in state D. See where it hangs: cat /proc/${pid}/stack. It goes on when that storage or driver answers; else the node has to be restarted.`;
}

function pluralOf(noun: string): string {
  return /(s|x)$/.test(noun) ? `${noun}es` : `${noun}s`;
}

/** The text as the beginning of a sentence. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
