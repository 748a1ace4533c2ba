/** Words for the findings on what hangs: a pause that cannot end or run, shims, commands left behind. */
import type { HolderKind, ShimStuckReason } from '../evidence/worded.ts';
import type { Evidence } from '../finding.ts';
import { ageInWords } from './ages.ts';
import { containerOf, type Explanation, factsOf, hangsInKernel, type Words } from './facts.ts';
import { releaseFrom } from './holders.ts';

/** By id. */
export const HANG_WORDS = {
  'pause-dying': ({ evidence }) => pauseDying(evidence),
  'pause-stopped': ({ evidence }) => pauseStopped(evidence),
  'shim-stuck': ({ evidence }) => shimStuck(evidence),
  'exec-leftover': (finding) => {
    const { evidence } = finding;
    const has = factsOf(evidence);
    const several = Number(evidence['processes']) > 1;
    return {
      summary: `${has.count('processes', 'command')} (${has.list('names')}) started in ${containerOf(finding)} from outside ${several ? 'are' : 'is'} still alive, the oldest after ${ageInWords(evidence['oldestAgeSeconds'])}.`,
      remedy: `If no session is open (kubectl exec), end ${several ? 'them' : 'it'}: kill ${has.list('pids').replaceAll(',', '')}. Give a probe that hangs a time-out of its own, shorter than timeoutSeconds. Restarting the container ends all of it.`,
    };
  },
} as const satisfies Readonly<Record<string, Words>>;

function pauseDying(evidence: Evidence): Explanation {
  const has = factsOf(evidence);
  const isHeld = evidence['holderPid'] !== null;
  const isStuck = evidence['stuckPid'] !== null;
  const waitsFor = [
    ...(isHeld
      ? [
          `${has.process('zombie')}, a zombie whose parent ${has.process('holder')} is outside the pod and does not collect it`,
        ]
      : []),
    ...(isStuck ? [`${has.process('stuck')}, which hangs in the kernel (state D) and cannot be killed`] : []),
  ];
  const steps = [
    ...(isHeld ? [release(evidence)] : []),
    ...(isStuck ? [hangsInKernel(has.text('stuckPid'))] : []),
    ...(isHeld || isStuck
      ? []
      : [
          'Look for the dead of the pod and their parents: ps -eo pid,ppid,stat,comm. The parent outside the pod has to collect them, or end.',
        ]),
  ];
  return {
    summary: `Pause (PID ${has.text('pausePid')}) was killed and cannot end: it waits for ${waitsFor.length > 0 ? waitsFor.join(', and for ') : 'a process of its PID namespace that is not collected'}.`,
    remedy: `${steps.join(' ')} Pause ends by itself then; killing it again does nothing.`,
  };
}

function release(evidence: Evidence): string {
  const has = factsOf(evidence);
  if (evidence['holderState'] === 'T') {
    return `Continue ${has.process('holder')} (kill -CONT ${has.text('holderPid')}): it collects the zombie.`;
  }
  const holder = { comm: has.text('holderComm'), pid: has.text('holderPid') };
  return releaseFrom(evidence['holderKind'] as HolderKind, holder);
}

function pauseStopped(evidence: Evidence): Explanation {
  const has = factsOf(evidence);
  const shared = evidence['sharedPidNamespace'] === true;
  const zombies =
    evidence['zombies'] === null || evidence['zombies'] === 0 ? '' : `: ${has.count('zombies', 'zombie')} so far`;
  const frozen = evidence['frozen'] === true;
  const cgroup = evidence['cgroup'] === null ? 'its cgroup' : has.text('cgroup');
  return {
    summary: `Pause (PID ${has.text('pausePid')}) is ${frozen ? 'frozen with its cgroup' : 'stopped'}${shared ? `, so nothing in the pod is reaped${zombies}` : ''}.`,
    remedy: frozen
      ? `Thaw ${cgroup}: write 0 to its cgroup.freeze (cgroup v2), or THAWED to its freezer.state (v1). Then find who froze it (a paused task, a checkpoint).`
      : `Continue it: kill -CONT ${has.text('pausePid')}. Then find what stopped it (a debugger, a stray SIGSTOP).`,
  };
}

function shimStuck(evidence: Evidence): Explanation {
  const has = factsOf(evidence);
  const who = `${has.text('comm')} (PID ${has.text('pid')})`;
  const end = `Ending it (kill -KILL ${has.text('pid')}) ends the pod's containers with it; the kubelet then makes a new sandbox.`;
  const reason = evidence['reason'] as ShimStuckReason;
  switch (reason) {
    case 'stopped':
      return {
        summary: `The shim of this pod, ${who}, is stopped: nothing in the pod is collected, and calls about it time out.`,
        remedy: `Continue it: kill -CONT ${has.text('pid')}. Then find what stopped it (a debugger, a stray SIGSTOP).`,
      };
    case 'uninterruptible':
      return {
        summary: `The shim of this pod, ${who}, hangs in the kernel (state D): calls about the pod time out.`,
        remedy: `See where: cat /proc/${has.text('pid')}/stack. It is storage most of the time; if that does not recover, the node has to be restarted.`,
      };
    case 'holds-zombies':
      return {
        summary: `The shim of this pod, ${who}, leaves ${has.count('zombies', 'zombie')} uncollected.`,
        remedy: `Keep its state for a report (/proc/${has.text('pid')}/stack, its threads). ${end} Upgrade the runtime.`,
      };
    case 'no-children':
      return {
        summary: `The shim of this pod, ${who}, has no children left, although the runtime says that the pod runs.`,
        remedy: `Keep its state for a report (/proc/${has.text('pid')}/stack, its threads), then end it: kill ${has.text('pid')}. The runtime notices, and the kubelet makes a new sandbox.`,
      };
    default:
      return reason satisfies never;
  }
}
