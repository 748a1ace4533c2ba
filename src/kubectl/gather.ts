/** Asks every agent, a few at a time, and keeps who did not answer apart from who did. */
import { type AgentAnswer, askAgent, fetchText } from '../sources/ask-agent.ts';
import { type AgentPod, type Cluster, withForward } from './kubectl.ts';

/** An agent that answered. */
export interface Answered extends AgentAnswer {
  readonly pod: AgentPod;
  /** The /findings document as it came. */
  readonly findingsJson: string;
}

/** An agent that did not. */
export interface Unanswered {
  readonly pod: AgentPod;
  readonly reason: string;
}

/** What the agents said. */
export interface Gathered {
  readonly answered: readonly Answered[];
  readonly unanswered: readonly Unanswered[];
}

/** Port-forwards open at the same time: each is a process here and a stream through the API server. */
const CONCURRENCY = 8;

/** Asks all of them; never rejects for one of them. Ends early, with everything closed, when the signal fires. */
export async function gather(cluster: Cluster, pods: readonly AgentPod[], signal: AbortSignal): Promise<Gathered> {
  const answered: Answered[] = [];
  const unanswered: Unanswered[] = [];
  const queue = pods.values();
  const worker = async (): Promise<void> => {
    for (const pod of queue) {
      if (signal.aborted) return;
      try {
        if (pod.phase !== 'Running') throw new Error(`the pod is ${pod.phase}`);
        answered.push(await withForward(cluster, pod, signal, (url) => ask(pod, url)));
      } catch (error) {
        unanswered.push({ pod, reason: error instanceof Error ? error.message : String(error) });
      }
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  const byNode = (a: { readonly pod: AgentPod }, b: { readonly pod: AgentPod }) =>
    a.pod.node.localeCompare(b.pod.node, 'en');
  return { answered: answered.sort(byNode), unanswered: unanswered.sort(byNode) };
}

async function ask(pod: AgentPod, url: string): Promise<Answered> {
  const [answer, findingsJson] = await Promise.all([askAgent(url), fetchText(`${url}/findings`)]);
  return { pod, ...answer, findingsJson };
}
