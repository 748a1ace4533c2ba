/** Words for the findings on the pause process. */
import type { Evidence } from '../finding.ts';
import { type Explanation, factsOf, type Words } from './facts.ts';

/** By id. */
export const PAUSE_WORDS = {
  'pause-dead-containers-running': ({ evidence }) => {
    const has = factsOf(evidence);
    if (Array.isArray(evidence['containers']) && evidence['containers'].length === 0) {
      return {
        summary:
          'Pause is dead and nothing runs in this pod, but to the runtime its sandbox is ready: no new one is made.',
        remedy:
          'If that lasts, delete the pod, so that the kubelet makes a new sandbox. If other pods show the same, restart the container runtime: it has missed how they ended.',
      };
    }
    return {
      summary: `Pause is dead and ${has.list('containers')} still ${has.runs('containers')}: nothing in this pod can be restarted in place.`,
      remedy:
        'Delete the pod, so that the kubelet makes a new sandbox. A pod without a controller must be created again.',
    };
  },
  'pause-zombie': ({ evidence }) => {
    const has = factsOf(evidence);
    return {
      summary: `Pause (PID ${has.text('pausePid')}) is dead, and its parent ${has.process('parent')} has not collected it${has.stopped('parentState')}; the runtime still takes the sandbox for ready.`,
      remedy: `Look at the parent${evidence['parentState'] === 'T' ? ': it is stopped, continue it (kill -CONT)' : ' (kill -0, /proc/PID/stack)'}. If it does not recover, delete the pod and end that shim.`,
    };
  },
  'pause-pid-mismatch': ({ evidence }) => {
    const has = factsOf(evidence);
    return {
      summary: `The runtime names PID ${has.text('pausePid')} as pause, but that is ${has.text('comm')}, another process.`,
      remedy:
        'Do not signal that PID. Delete the pod; if other sandboxes show the same, restart the container runtime.',
    };
  },
  'pause-not-reaping': ({ evidence }) => pauseNotReaping(evidence),
} as const satisfies Readonly<Record<string, Words>>;

function pauseNotReaping(evidence: Evidence): Explanation {
  const has = factsOf(evidence);
  const image = evidence['image'] === null ? '' : ` (${has.text('image')})`;
  const none = evidence['zombies'] === 0 || evidence['zombies'] === null;
  return {
    summary: none
      ? `Pause${image} is PID 1 of a shared PID namespace and has no handler for dead children: the first orphan will stay.`
      : `${has.count('zombies', 'zombie')} under pause${image}, PID 1 of the shared PID namespace, which does not reap.`,
    remedy:
      'Set the sandbox image to pause 3.1 or later and recreate the pod; until then set shareProcessNamespace: false. An init inside a container does not help here.',
  };
}
