/** Words for the findings on the first process of a container. */
import type { Evidence } from '../finding.ts';
import { containerOf, type Explanation, factsOf, type Words } from './facts.ts';
import { because } from './halted.ts';
import { collectFrom, collectorOf } from './holders.ts';

/** By id. */
export const CONTAINER_WORDS = {
  'container-init-zombie': (finding) => containerInitZombie(finding.evidence, containerOf(finding)),
  'container-running-dead': (finding) => {
    const { evidence } = finding;
    const has = factsOf(evidence);
    const isLeft = Number(evidence['leftProcesses'] ?? 0) > 0;
    const left = isLeft
      ? `; ${has.count('leftProcesses', 'other process')} of it live on (${has.list('leftNames')})`
      : '';
    return {
      summary: `The runtime says ${containerOf(finding)} runs, but its PID ${has.text('pid')} ${evidence['takenBy'] === null ? 'does not exist' : `now belongs to ${has.text('takenBy')}`}${left}.`,
      remedy: isLeft
        ? 'Delete the pod: what lives on keeps the container from ending. A server of several processes is better off without shareProcessNamespace on this runtime; upgrade it.'
        : 'Delete the pod. If it comes back, restart the container runtime so that it notices, and upgrade it.',
    };
  },
} as const satisfies Readonly<Record<string, Words>>;

function containerInitZombie(evidence: Evidence, container: string): Explanation {
  const has = factsOf(evidence);
  const threads = evidence['liveThreads'];
  if (typeof threads === 'number' && threads > 0) {
    return {
      summary: `The main thread of ${has.text('comm')} (PID ${has.text('pid')}), first process of ${container}, has ended while ${has.count('liveThreads', 'thread')} of it live${threads === 1 ? 's' : ''} on: it cannot be collected${stuckIn(evidence)}.`,
      remedy: remedyForThreads(evidence),
    };
  }
  return {
    summary: `${has.text('comm')} (PID ${has.text('pid')}), first process of ${container}, is dead, and ${collectorOf(evidence)} has not collected it${because(evidence)}.`,
    remedy: collectFrom(evidence),
  };
}

function stuckIn(evidence: Evidence): string {
  const has = factsOf(evidence);
  if (typeof evidence['stuckThread'] !== 'number') return '';
  const where = typeof evidence['stuckIn'] === 'string' ? ` in ${has.text('stuckIn')}` : '';
  return `. Thread ${has.text('stuckThread')} hangs in the kernel${where}`;
}

/** A thread in D cannot be killed; one that sleeps can. */
function remedyForThreads(evidence: Evidence): string {
  const has = factsOf(evidence);
  if (typeof evidence['stuckThread'] === 'number') {
    return `Look at the storage or driver behind that thread: cat /proc/${has.text('pid')}/task/${has.text('stuckThread')}/stack. It ends when that answers; else the node has to be restarted. No signal reaches it.`;
  }
  const states = evidence['threadStates'];
  if (Array.isArray(states) && states.length > 0) {
    return `None of its threads hangs in the kernel: kill -KILL ${has.text('pid')} from the node ends them.`;
  }
  return `See where its threads hang: grep State /proc/${has.text('pid')}/task/*/status. If one is in D, look at its storage or driver; if all sleep, kill -KILL ${has.text('pid')} from the node; else reboot.`;
}
