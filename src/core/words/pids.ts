/** Words for the findings on PID limits. */
import type { Evidence } from '../finding.ts';
import { factsOf, type Words } from './facts.ts';

/** Zombies that are at least this share of the tasks are worth naming as the cause. */
const NAMED_SHARE = 0.25;

/** Fewer than this, and below this share, are no matter beside the rest. */
const FEW = 10;
const FEW_SHARE = 0.05;

const FIND_LIVE =
  'find what starts them (ps -eLf in the pod), or raise the limit: podPidsLimit of the kubelet, pids_limit of CRI-O.';

/** By id. */
export const PID_WORDS = {
  'node-pid-exhaustion': ({ evidence }) => {
    const has = factsOf(evidence);
    const where = evidence['limitFrom'] === 'kubepods' ? 'All pods together use' : 'The node uses';
    const zombies = Number(evidence['zombies'] ?? 0);
    return {
      summary: `${where} ${has.text('current')} of ${has.text('limit')} PIDs (${has.text('limitFrom')})${zombies > 0 ? `, ${has.count('zombies', 'zombie')} among them` : ''}.`,
      remedy: `Restart or drain the largest first: ${has.list('pods')}. Then limit each pod (podPidsLimit of the kubelet), and mend what leaks. Other findings may follow from this one.`,
    };
  },
  'pid-limit-hit': ({ evidence }) => {
    const has = factsOf(evidence);
    if (evidence['limit'] === 0) {
      return {
        summary: `The PID limit ${placeOf(evidence)} is 0: nothing can be started in it.`,
        remedy:
          'A limit of 0 was meant as none. Set pids_limit = -1 in the configuration of CRI-O, or upgrade it to 1.29 or later, and recreate the pod.',
      };
    }
    const refused = Number(evidence['refused']);
    const full =
      evidence['limit'] === null ? '' : ` (${has.text('tasks')} of ${has.text('limit')} tasks ${placeOf(evidence)})`;
    return {
      summary:
        refused > 0
          ? `${has.text('refused')} fork${refused === 1 ? ' was' : 's were'} refused ${has.text('lastRefusedSecondsAgo')} s ago under a PID limit${full}${split(evidence)}.`
          : `The PID limit is reached: the next fork fails${full}${split(evidence)}.`,
      remedy: remedyOf(evidence),
    };
  },
  'pid-limit-near': ({ evidence }) => {
    const has = factsOf(evidence);
    const seconds = evidence['exhaustedInSeconds'];
    const when = typeof seconds === 'number' ? `; at its rate it is full in ${timeOf(seconds)}` : '';
    return {
      summary: `${has.text('tasks')} of ${has.text('limit')} tasks are used ${placeOf(evidence)}${split(evidence)}${when}.`,
      remedy: remedyOf(evidence),
    };
  },
} as const satisfies Readonly<Record<string, Words>>;

function placeOf(evidence: Evidence): string {
  return evidence['container'] === null ? 'of the pod' : `of container ${factsOf(evidence).text('container')}`;
}

function zombieShare({ zombies, tasks }: Evidence): number | undefined {
  return typeof zombies === 'number' && typeof tasks === 'number' && tasks > 0 ? zombies / tasks : undefined;
}

function split(evidence: Evidence): string {
  const share = zombieShare(evidence);
  if (share === undefined) return '';
  return share === 0 ? ', none of them zombies' : `, ${factsOf(evidence).count('zombies', 'zombie')} among them`;
}

/** Nobody is acquitted before the dead were counted. */
function remedyOf(evidence: Evidence): string {
  const { zombies } = evidence;
  if (typeof zombies !== 'number') {
    return `How many of these are zombies is not known yet; the next audit says it. If many are, see the finding on them for who must reap; if not, ${FIND_LIVE}`;
  }
  const share = zombieShare(evidence) ?? 0;
  if (share >= NAMED_SHARE) {
    return 'Zombies take the room: see the finding on them for who must reap and what frees them. A higher limit only buys time.';
  }
  if (zombies < FEW && share < FEW_SHARE) {
    return `These are live threads and processes, so no reaper is to blame: ${FIND_LIVE}`;
  }
  return `Most of these are live threads and processes: ${FIND_LIVE} The zombies come on top: see the finding on them for who must reap.`;
}

function timeOf(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} minutes` : `${Math.round(seconds / 3600)} hours`;
}
