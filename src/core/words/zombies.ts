/** Words for the findings on zombies, by who fails to reap them. */
import type { Evidence } from '../finding.ts';
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
      remedy: `Start the image through an init (tini, dumb-init)${orShare(evidence)} Restarting the container frees them until then.`,
    };
  },
  'zombies-probe': (finding) => {
    const { evidence } = finding;
    const has = factsOf(evidence);
    return {
      summary: `An exec probe of ${containerOf(finding)}, run about every ${has.text('periodSeconds')} s, leaves its children behind: ${has.count('zombies', 'zombie')} (${has.list('names')}) under ${has.process('parent')}, which does not reap.`,
      remedy: `Make the probe a single process (exec in its script, no pipes), with a time limit of its own below timeoutSeconds. Or start the image through an init (tini, dumb-init)${orShare(evidence)}`,
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
  'zombies-host': ({ evidence }) => {
    const has = factsOf(evidence);
    const isInit = evidence['parentPid'] === 1;
    return {
      summary: `${has.count('zombies', 'zombie')} (${has.list('names')}) under ${has.process('parent')}, which belongs to no pod.`,
      remedy: isInit
        ? 'PID 1 of the node does not reap: if the node is a container (kind, dind), run it with an init. No pod is at fault.'
        : 'Mend or restart that process of the node. No pod is at fault, and no setting of one helps.',
    };
  },
  'init-not-reaping': (finding) => {
    const { evidence } = finding;
    const has = factsOf(evidence);
    return {
      summary: `${has.process('parent')}, PID 1 of ${containerOf(finding)}, never waits for children it did not start, and has adopted ${has.text('adopted')} (${has.list('names')}): each stays as a zombie when it ends.`,
      remedy: `Start the image through an init (tini, dumb-init)${orShare(evidence)}`,
    };
  },
} as const satisfies Readonly<Record<string, Words>>;

/** Ends the sentence that begins with the init: sharing the PID namespace is advised only where a pause would reap. */
function orShare({ sharingHelps }: Evidence): string {
  switch (sharingHelps) {
    case 'yes':
      return ', or set shareProcessNamespace: true so that pause reaps (every process of the pod then sees the others).';
    case 'no-pause':
      return '. shareProcessNamespace would not help: this sandbox has no pause on the host that could reap.';
    case 'pause-does-not-reap':
      return '. shareProcessNamespace would not help: the pause of this pod does not reap either.';
    default:
      return ', or set shareProcessNamespace: true if the pause image of this node reaps (3.1 or later).';
  }
}
