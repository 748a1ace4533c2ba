/** Words for the findings on what runs as pause, or under its name. */
import type { OomScoreReason } from '../evidence/worded.ts';
import type { Evidence } from '../finding.ts';
import { capital, containerOf, type Explanation, factsOf, type Words } from './facts.ts';

/** By id. */
export const PAUSE_PROGRAM_WORDS = {
  'pause-unexpected-binary': ({ evidence }) => {
    const has = factsOf(evidence);
    const image = evidence['image'] === null ? '' : ` (image ${has.text('image')})`;
    return {
      summary: `Pause (PID ${has.text('pausePid')}) runs ${has.text('exe')}${image}, which is no known pause.`,
      remedy: `If the image is your own, name its program under pauseCommands in the policy. If not, find out who configured it (crictl inspectp), compare the hash${evidence['exeSha256'] === null ? ` (sha256sum /proc/${has.text('pausePid')}/exe)` : ` ${has.text('exeSha256').slice(0, 12)}…`} with another node, and until you know, treat the node as compromised.`,
    };
  },
  'pause-impersonation': (finding) => {
    const has = factsOf(finding.evidence);
    return {
      summary: `${capital(containerOf(finding))} calls itself pause (by ${has.list('calledPauseBy')}) and uses ${has.text('cpuPercent')} % of a CPU in ${has.count('threads', 'thread')}: real pause sleeps.`,
      remedy:
        'Treat it as an intruder until you know better: isolate the pod (deny all its traffic by network policy), keep image name, digest and a copy of its program, find who created it, then delete it. If it is yours, give it another name.',
    };
  },
  'pause-cpu-usage': ({ evidence }) => pauseCpuUsage(evidence),
  'pause-oom-score-adj': ({ evidence }) => pauseOomScoreAdj(evidence),
} as const satisfies Readonly<Record<string, Words>>;

function pauseCpuUsage(evidence: Evidence): Explanation {
  const has = factsOf(evidence);
  const shared = evidence['sharedPidNamespace'] === true;
  return {
    summary: `Pause (PID ${has.text('pausePid')}) used ${has.text('cpuPercent')} % of a CPU over the last ${has.text('windowSeconds')} s; it should use none.`,
    remedy: `${shared ? 'It reaps for the whole pod: see first whether a container makes short-lived orphans by the hundred (probes, shell loops). ' : ''}See what it does: cat /proc/${has.text('pausePid')}/wchan, ls -l /proc/${has.text('pausePid')}/exe; compare the hash of its program with other pods. A real pause that spins is cured by deleting the pod; another program is no pause.`,
  };
}

function pauseOomScoreAdj(evidence: Evidence): Explanation {
  const has = factsOf(evidence);
  const explainedBy = evidence['explainedBy'] as OomScoreReason | null;
  if (explainedBy === 'restricted-runtime') {
    return {
      summary: `Pause has oom_score_adj ${has.text('oomScoreAdj')}, no better than containers of its pod (${has.users()}), because the runtime itself may not go lower: when such a pod runs out of memory, pause may be killed first.`,
      remedy:
        'Give the runtime CAP_SYS_RESOURCE and set restrict_oom_score_adj = false (containerd), then recreate the pods. Where the node runs in a container or rootless that cannot be had: leave memory to spare.',
    };
  }
  const summary = `Pause has oom_score_adj ${has.text('oomScoreAdj')}, no better than ${has.list('notAbove')}: when the pod runs out of memory, pause may be killed first`;
  if (explainedBy === 'user-namespace') {
    return {
      summary: `${summary}; its user namespace does not let the runtime go lower.`,
      remedy: 'Nothing to mend on this node: leave memory to spare in the limits of this pod.',
    };
  }
  return { summary: `${summary}.`, remedy: remedyOfScore(evidence) };
}

/** Pause cannot go below what runtimes give it: a container that is as low has to go up. */
function remedyOfScore(evidence: Evidence): string {
  const has = factsOf(evidence);
  const { oomScoreAdj, expected, raisePids } = evidence;
  const raise = Array.isArray(raisePids) ? raisePids : [];
  const steps: string[] = [];
  if (typeof oomScoreAdj === 'number' && typeof expected === 'number' && oomScoreAdj > expected) {
    steps.push(
      `Put pause right for now: echo ${expected} > /proc/${has.text('pausePid')}/oom_score_adj. Then find who changed it: the runtime's configuration, an init script, a tuning agent. Recreating the pod sets it anew.`,
    );
  }
  if (raise.length > 0) {
    steps.push(
      `Put the container above pause for now: ${raise.map((pid) => `echo -997 > /proc/${pid}/oom_score_adj`).join('; ')} (the same for its other processes). The kubelet gives -997 at the lowest; find who gave it less: an old kubelet (upgrade it, then recreate the pod), the program itself, a tuning agent.`,
    );
  }
  return steps.join(' ');
}
