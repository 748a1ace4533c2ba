/** Words for the findings on the pause process. */
import { factsOf, type Words } from './facts.ts';
import { because } from './halted.ts';
import { collectFrom, collectorOf } from './holders.ts';
import { pauseNotReaping } from './not-reaping.ts';

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
      summary: `Pause (PID ${has.text('pausePid')}) is dead, and ${collectorOf(evidence)} has not collected it${because(evidence)}; the runtime still takes the sandbox for ready.`,
      remedy: collectFrom(evidence),
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
