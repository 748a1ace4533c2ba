/** Words for the findings on sandboxes that do not last. */
import { factsOf, type Words } from './facts.ts';

/** By id. */
export const CHURN_WORDS = {
  'pause-exits-early': ({ evidence }) => {
    const has = factsOf(evidence);
    const image = evidence['image'] === null ? 'the pause image' : has.text('image');
    return {
      summary: `${has.text('endedEarly')} sandboxes of the pod ended within seconds of their start (one within ${has.count('shortestSeconds', 'second')}); this is attempt ${has.text('attempt')}.`,
      remedy: `See whether ${image} is for the architecture of this node (file header of /pause, pause before 3.2 is labelled wrongly) and whether other new pods start. If they do, find who ends this one: the log of the runtime names the exit code.`,
    };
  },
  'sandbox-churn': ({ evidence }) => {
    const has = factsOf(evidence);
    const shared = evidence['sharedPidNamespace'] === true;
    return {
      summary: `The sandbox of the pod was replaced ${has.count('replaced', 'time')} within ${Math.round(Number(evidence['withinSeconds']) / 60)} minutes; this is attempt ${has.text('attempt')}.`,
      remedy: `${shared ? 'The pod shares its PID namespace, so PID 1 in it is pause: whoever runs "kill 1" there ends the whole pod; signal the PID of the program instead. Else look' : 'Look'} for out-of-memory kills of the pod (kernel log) and compare the cgroup drivers of kubelet and runtime (SystemdCgroup).`,
    };
  },
} as const satisfies Readonly<Record<string, Words>>;
