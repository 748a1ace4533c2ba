/** Words for the findings on the container runtime itself. */
import type { Evidence } from '../finding.ts';
import type { Unreported } from '../runtime-knowledge.ts';
import { type Explanation, factsOf, type Words } from './facts.ts';

/** By id. */
export const RUNTIME_WORDS = {
  'runtime-unreachable': ({ evidence }) => runtimeUnreachable(evidence),
  'runtime-info-incomplete': ({ evidence }) => runtimeInfoIncomplete(evidence),
} as const satisfies Readonly<Record<string, Words>>;

function runtimeUnreachable(evidence: Evidence): Explanation {
  const has = factsOf(evidence);
  const { endpoint, lastAnsweredSecondsAgo } = evidence;
  const since =
    lastAnsweredSecondsAgo === null
      ? 'has not answered yet'
      : `last answered ${has.text('lastAnsweredSecondsAgo')} s ago`;
  const why = evidence['error'] === null ? '' : ` ${has.text('error')}`;
  return {
    summary:
      endpoint === null
        ? `No container runtime was found.${why}`
        : `The runtime at ${has.text('endpoint')} ${since}.${why}`,
    remedy:
      endpoint === null
        ? 'Name the socket with --runtime-endpoint, mount its directory if the agent runs in a container, or start the runtime.'
        : 'See whether the runtime is alive (systemctl status, its log) and whether this agent may use its socket.',
  };
}

function runtimeInfoIncomplete(evidence: Evidence): Explanation {
  const has = factsOf(evidence);
  const { missing, knownFaults } = evidence;
  const isFaulty = isFilled(knownFaults);
  const parts = [
    ...(isFilled(missing) ? [`does not report ${has.list('missing')}`] : []),
    ...(isFaulty
      ? [
          `is known for ${Array.isArray(knownFaults) && knownFaults.length > 1 ? 'faults' : 'a fault'}: ${has.list('knownFaults')}`,
        ]
      : []),
  ];
  const first = isFaulty
    ? `Upgrade to ${has.text('upgradeTo')} or a later release of that line, which has none of the known faults, before you look for one in your pods.`
    : 'Nothing is broken, and nothing has to be done.';
  return {
    summary: `${has.text('runtime')} ${parts.join(', and ')}.`,
    remedy: [first, ...consequencesOf(missing)].join(' '),
  };
}

/** What becomes of the findings that rest on a fact. */
const CONSEQUENCES: Readonly<Record<Unreported, string>> = {
  'the configured pause image':
    'The image of the newest sandbox stands in for the configured one (missing, unpinned); whether the configuration names another, or leaves out registry or tag, is not judged.',
  'whether images are pinned':
    'Whether the pause image is pinned is not judged: that takes containerd 1.6.22 or 1.7.3, CRI-O 1.28 or cri-dockerd 0.3.10, each or later.',
  'the PIDs of pauses': 'What findings say of the process of a pause is not judged for these pods.',
  'the PID mode of pods': 'For the PID mode the kernel is asked in its place.',
  "its own version (it gives Docker's)": 'Faults of its version cannot be named.',
};

function consequencesOf(missing: Evidence[string] | undefined): string[] {
  return Array.isArray(missing) ? missing.map((fact) => CONSEQUENCES[fact as Unreported]) : [];
}

function isFilled(value: Evidence[string] | undefined): boolean {
  return Array.isArray(value) && value.length > 0;
}
