/** Words for the findings on the container runtime itself. */
import type { Evidence } from '../finding.ts';
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
  const parts = [
    ...(isFilled(missing) ? [`does not tell ${has.list('missing')}`] : []),
    ...(isFilled(knownFaults) ? [`is known for a fault: ${has.list('knownFaults')}`] : []),
  ];
  return {
    summary: `${has.text('runtime')} ${parts.join(', and ')}.`,
    remedy: isFilled(knownFaults)
      ? 'Upgrade the runtime before you look for the fault in your pods. What it does not tell is not judged here.'
      : 'Nothing is broken; what depends on these facts is not judged on this node. A newer runtime, or the policy file, may tell them.',
  };
}

function isFilled(value: Evidence[string] | undefined): boolean {
  return Array.isArray(value) && value.length > 0;
}
