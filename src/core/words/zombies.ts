/** Words for the findings on zombies, by who fails to reap them. */
import type { HolderKind, SharingHelps } from '../evidence/worded.ts';
import type { Evidence, Finding } from '../finding.ts';
import { containerOf, type Explanation, factsOf, type Words } from './facts.ts';
import { haltOf, orHangs, resumeFirst } from './halted.ts';
import { ASK_NODE_INIT, letGo, restartDaemon } from './holders.ts';

/** By id. */
export const ZOMBIE_WORDS = {
  'zombies-runtime': (finding) =>
    unlessHalted(finding, ', a part of the container runtime', {
      fault: 'that does not collect them',
      remedy: `${remedyOfRuntime(finding)} Upgrade the runtime (${factsOf(finding.evidence).text('runtime')}).`,
    }),
  'zombies-container-init': (finding) =>
    unlessHalted(finding, `, PID 1 of ${containerOf(finding)},`, {
      fault: 'which does not reap',
      remedy: `Start the image through an init (tini, dumb-init)${orShare(finding.evidence)} Restarting the container frees them until then.`,
    }),
  'zombies-probe': (finding) => zombiesProbe(finding),
  'zombies-app-parent': (finding) =>
    unlessHalted(finding, ` in ${containerOf(finding)},`, {
      fault: 'which lives on and does not wait for its children',
      remedy:
        'Mend that program: it must wait for its children. Neither an init nor shareProcessNamespace helps while it lives; restarting it frees them.',
    }),
  'zombies-host': (finding) =>
    unlessHalted(finding, ',', {
      fault: 'which belongs to no pod',
      remedy:
        finding.evidence['parentPid'] === 1
          ? `PID 1 of the node does not reap. ${ASK_NODE_INIT}. No pod is at fault.`
          : 'Mend or restart that process of the node. No pod is at fault, and no setting of one helps.',
    }),
  'init-not-reaping': (finding) => {
    const { evidence } = finding;
    const has = factsOf(evidence);
    return {
      summary: `${has.process('parent')}, PID 1 of ${containerOf(finding)}, never waits for children it did not start, and has adopted ${has.text('adopted')} (${has.list('names')}): each stays as a zombie when it ends.`,
      remedy: `Start the image through an init (tini, dumb-init)${orShare(evidence)}`,
    };
  },
} as const satisfies Readonly<Record<string, Words>>;

/** "12 zombies (curl ×12) under tini (PID 1010)". */
function underParent(evidence: Evidence): string {
  const has = factsOf(evidence);
  return `${has.count('zombies', 'zombie')} (${has.list('names')}) under ${has.process('parent')}`;
}

/** A parent that cannot run is continued first: whether it reaps shows only then. */
function unlessHalted(
  { evidence }: Finding,
  place: string,
  blame: { readonly fault: string; readonly remedy: string },
): Explanation {
  const halt = haltOf(evidence, 'parent');
  if (halt !== undefined) {
    return {
      summary: `${underParent(evidence)}${place.replace(/,$/, '')}, which is ${halt.how} and collects nobody.`,
      remedy: resumeFirst(halt),
    };
  }
  if (evidence['traced'] === evidence['zombies']) {
    return {
      summary: `${underParent(evidence)}, which traces them (strace, a debugger) and does not collect them.`,
      remedy: `${letGo(factsOf(evidence).text('parentPid'))} Their parents collect them then.`,
    };
  }
  return {
    summary: `${underParent(evidence)}${place} ${blame.fault}.`,
    remedy: `${orHangs(evidence, 'parent')}${blame.remedy}`,
  };
}

function zombiesProbe(finding: Finding): Explanation {
  const { evidence } = finding;
  const halt = haltOf(evidence, 'parent');
  const fault = halt === undefined ? 'does not reap' : `is ${halt.how} and collects nobody`;
  return {
    summary: `An exec probe of ${containerOf(finding)}, run about every ${factsOf(evidence).text('periodSeconds')} s, leaves its children behind: ${underParent(evidence)}, which ${fault}.`,
    remedy:
      halt === undefined
        ? `${orHangs(evidence, 'parent')}Make the probe a single process (exec in its script, no pipes), with a time limit of its own below timeoutSeconds. Or start the image through an init (tini, dumb-init)${orShare(evidence)}`
        : resumeFirst(halt),
  };
}

/** Only a shim ends with a pod; a daemon has none. */
function remedyOfRuntime({ evidence, subject }: Finding): string {
  const has = factsOf(evidence);
  const pid = has.text('parentPid');
  switch (evidence['holderKind'] as HolderKind | null) {
    case 'shim':
      return subject.pod === undefined
        ? `It serves no pod that is known: see which id it was started for (ps -o args= ${pid}), make sure that nothing has it (crictl ps -a --id ID; crictl pods --id ID), and end it: kill ${pid}.`
        : 'Delete the pod so that this shim ends with it; restarting only the container does not help.';
    case 'daemon':
      return `${restartDaemon({ comm: has.text('parentComm'), pid })}, and its zombies go to PID 1 of the node, which collects them.`;
    default:
      return `It works on one call of the runtime and ends with that: if it does not, see what it waits for (cat /proc/${pid}/stack), and end it: kill ${pid}.`;
  }
}

/** Ends the sentence that begins with the init: sharing the PID namespace is advised only where a pause would reap. */
function orShare(evidence: Evidence): string {
  const sharingHelps = evidence['sharingHelps'] as SharingHelps;
  switch (sharingHelps) {
    case 'yes':
      return ', or set shareProcessNamespace: true so that pause reaps (every process of the pod then sees the others).';
    case 'no-pause':
      return '. shareProcessNamespace would not help: this sandbox has no pause on the host that could reap.';
    case 'pause-does-not-reap':
      return '. shareProcessNamespace would not help: the pause of this pod does not reap either.';
    case 'depends':
      return ', or set shareProcessNamespace: true if the pause image of this node reaps (3.1 or later).';
    default:
      return sharingHelps satisfies never;
  }
}
