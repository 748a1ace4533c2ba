/** Words for the findings on zombies, by who fails to reap them. */
import { containerOf, factsOf, type Words } from './facts.ts';

/** By id. */
export const ZOMBIE_WORDS = {
  'zombies-runtime': ({ evidence }) => {
    const has = factsOf(evidence);
    return {
      summary: `${has.count('zombies', 'zombie')} under ${has.process('parent')}, a part of the container runtime that does not collect them.`,
      remedy: `Delete the pod so that this shim ends with it; restarting only the container does not help. If the parent is a daemon, restart it. Upgrade the runtime (${has.text('runtime')}).`,
    };
  },
  'zombies-container-init': (finding) => {
    const { evidence } = finding;
    const has = factsOf(evidence);
    return {
      summary: `${has.count('zombies', 'zombie')} (${has.list('names')}) under ${has.process('parent')}, PID 1 of ${containerOf(finding)}, which does not reap.`,
      remedy:
        'Start the image through an init (tini, dumb-init), or set shareProcessNamespace: true so that pause reaps (every process of the pod then sees the others). Restarting the container frees them until then.',
    };
  },
  'zombies-app-parent': (finding) => {
    const { evidence } = finding;
    const has = factsOf(evidence);
    return {
      summary: `${has.count('zombies', 'zombie')} (${has.list('names')}) under ${has.process('parent')} in ${containerOf(finding)}, which lives on and does not wait for its children.`,
      remedy:
        'Mend that program: it must wait for its children. Neither an init nor shareProcessNamespace helps while it lives; restarting it frees them.',
    };
  },
} as const satisfies Readonly<Record<string, Words>>;
