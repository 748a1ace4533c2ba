/** Words for the findings on the pause process. */
import { factsOf, type Words } from './facts.ts';
import { because } from './halted.ts';
import { collectFrom } from './holders.ts';
import { pauseNotReaping } from './not-reaping.ts';

/** By id. */
export const PAUSE_WORDS = {
  'pause-dead-containers-running': ({ evidence }) => {
    const has = factsOf(evidence);
    return {
      summary: `Pause is dead and ${has.list('containers')} still ${has.runs('containers')}: nothing in this pod can be restarted in place.`,
      remedy:
        'Delete the pod, so that the kubelet makes a new sandbox. A pod without a controller must be created again.',
    };
  },
  'pause-zombie': ({ evidence }) => {
    const has = factsOf(evidence);
    return {
      summary: `Pause (PID ${has.text('pausePid')}) is dead, and its parent ${has.process('parent')} has not collected it${because(evidence)}; the runtime still takes the sandbox for ready.`,
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
