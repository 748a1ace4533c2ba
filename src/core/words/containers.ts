/** Words for the findings on the first process of a container. */
import type { Evidence } from '../finding.ts';
import { containerOf, type Explanation, factsOf, type Words } from './facts.ts';

/** By id. */
export const CONTAINER_WORDS = {
  'container-init-zombie': (finding) => containerInitZombie(finding.evidence, containerOf(finding)),
  'container-running-dead': (finding) => {
    const { evidence } = finding;
    const has = factsOf(evidence);
    return {
      summary: `The runtime says ${containerOf(finding)} runs, but its PID ${has.text('pid')} ${evidence['takenBy'] === null ? 'does not exist' : `now belongs to ${has.text('takenBy')}`}.`,
      remedy: 'Delete the pod. If it comes back, restart the container runtime so that it notices, and upgrade it.',
    };
  },
} as const satisfies Readonly<Record<string, Words>>;

function containerInitZombie(evidence: Evidence, container: string): Explanation {
  const has = factsOf(evidence);
  const threads = evidence['liveThreads'];
  if (typeof threads === 'number' && threads > 0) {
    return {
      summary: `The main thread of ${has.text('comm')} (PID ${has.text('pid')}), first process of ${container}, has ended while ${has.count('liveThreads', 'thread')} of it live${threads === 1 ? 's' : ''} on: it cannot be collected.`,
      remedy: `See where its threads hang: grep State /proc/${has.text('pid')}/task/*/status. If one is in D, look at its storage or driver; if all sleep, kill -KILL ${has.text('pid')} from the node; else reboot.`,
    };
  }
  return {
    summary: `${has.text('comm')} (PID ${has.text('pid')}), first process of ${container}, is dead, and its parent ${has.process('parent')} has not collected it${has.stopped('parentState')}.`,
    remedy: `Look at the parent${evidence['parentState'] === 'T' ? ': it is stopped, continue it (kill -CONT)' : ''}. If it does not recover, delete the pod and end that shim.`,
  };
}
