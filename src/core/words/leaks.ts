/** Words for the findings on what is left over: sandboxes, shims, processes. */
import type { LeakedReadyReason } from '../evidence/worded.ts';
import type { Evidence } from '../finding.ts';
import { ageInWords } from './ages.ts';
import { type Explanation, factsOf, hangsInKernel, type Words } from './facts.ts';

/** By id. */
export const LEAK_WORDS = {
  'orphan-process': ({ evidence }) => orphanProcess(evidence),
  'sandbox-duplicate': ({ evidence }) => {
    const has = factsOf(evidence);
    const running = evidence['runningContainers'] === 0 ? '' : ' and still runs containers';
    return {
      summary: `A newer sandbox of this pod (attempt ${has.text('newestAttempt')}) is ready too; this one (attempt ${has.text('attempt')}) should have ended ${ageInWords(evidence['ageSeconds'])} ago${running}.`,
      remedy: `Before the runtime is restarted, clear it away: crictl stopp ${has.text('sandboxId')} && crictl rmp ${has.text('sandboxId')}. If it comes back, restart the kubelet and upgrade the runtime.`,
    };
  },
  'sandbox-leaked-ready': ({ evidence }) => leakedReady(evidence),
  'sandbox-leaked-notready': ({ evidence }) => {
    const has = factsOf(evidence);
    return {
      summary: `This sandbox (attempt ${has.text('attempt')}) has ended and was replaced ${ageInWords(evidence['ageSeconds'])} ago (now attempt ${has.text('newestAttempt')}), and nobody removed it.`,
      remedy: `Restart the kubelet, which then tries again to clear up; what stays is removed with crictl rmp ${has.text('sandboxId')}.`,
    };
  },
  'shim-orphaned': ({ evidence }) => {
    const has = factsOf(evidence);
    const served = evidence['program'] === 'conmon' ? 'container' : 'sandbox';
    return {
      summary: `${has.text('comm')} (PID ${has.text('pid')}) serves ${served} ${has.text('id').slice(0, 13)}, which the runtime does not know${evidence['children'] === 0 ? '; it has no children left' : ''}.`,
      remedy: `Make sure that nothing has this id (crictl pods --id ${has.text('id')}; crictl ps -a --id ${has.text('id')}), then end it: kill ${has.text('pid')}. Until then it costs some memory. An upgrade of the runtime ends the cause.`,
    };
  },
} as const satisfies Readonly<Record<string, Words>>;

function leakedReady(evidence: Evidence): Explanation {
  const has = factsOf(evidence);
  const age = ageInWords(evidence['ageSeconds']);
  const remove = `crictl stopp ${has.text('sandboxId')} && crictl rmp ${has.text('sandboxId')}`;
  const reason = evidence['reason'] as LeakedReadyReason;
  if (reason === 'superseded') {
    return {
      summary: `This sandbox (attempt ${has.text('attempt')}) is ready and runs nothing: a newer one (attempt ${has.text('newestAttempt')}) replaced it ${age} ago.`,
      remedy: `Restart the kubelet, which then tries again to clear up; if it stays: ${remove}.`,
    };
  }
  return {
    summary: `This sandbox has been ready for ${age}, and no container of it is on record.`,
    remedy: `See whether the pod is still wanted (kubectl get pod). If it is, its events say what it waits for, most often an image that cannot be pulled; if it is not: ${remove}, and restart the kubelet if more of them appear.`,
  };
}

function orphanProcess(evidence: Evidence): Explanation {
  const has = factsOf(evidence);
  const others = Number(evidence['processes']) - 1;
  const who = `${has.text('comm')} (PID ${has.text('pid')}${others > 0 ? `, and ${others} more` : ''})`;
  const why =
    evidence['record'] === 'exited' ? 'its container has ended by the record' : 'the runtime has no record of it';
  const isTwice = evidence['newerSandboxId'] !== null;
  return {
    summary: `${who} lives in the cgroup of this pod, and ${why}${isTwice ? ', while a newer sandbox of the pod runs: two copies are at work' : ''}.`,
    remedy: remedyOfOrphan(evidence, isTwice),
  };
}

/** What is below a pause ends with it; nothing else does, and what hangs in the kernel does not even heed a signal. */
function remedyOfOrphan(evidence: Evidence, isTwice: boolean): string {
  const has = factsOf(evidence);
  const sandboxId = evidence['pauseSandboxId'];
  if (evidence['state'] === 'D') {
    return `${hangsInKernel(has.text('pid'))}${isTwice ? ' Until then the new copy may share its volume or port: stop that one if it must not.' : ''}`;
  }
  const first = 'Stop the old copy first, since it may hold the volume or the port of the new one';
  if (typeof sandboxId === 'string') {
    return isTwice
      ? `${first}: crictl stopp ${sandboxId}. Pause of that sandbox is above it, and all below it ends with pause.`
      : 'Delete the pod: its pause is above these processes, and they end with it. Until then they keep files and log of the container open.';
  }
  const shim = /^(containerd-shim|conmon)/.test(has.text('parentComm')) ? `, then its ${has.process('parent')}` : '';
  return `${isTwice ? first : 'Make sure that nobody needs it, and end it'}: kill ${has.text('pid')}${shim}. Deleting the pod does not reach it.`;
}
