/** Words for the findings on the container runtime itself. */
import type { Evidence } from '../finding.ts';
import { type Explanation, factsOf, type Words } from './facts.ts';

/** By id. */
export const RUNTIME_WORDS = {
  'runtime-unreachable': ({ evidence }) => runtimeUnreachable(evidence),
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
