/** Words for a pause that does not reap: what it is decides where a better one comes from. */
import type { Evidence } from '../finding.ts';
import { compareVersions, parseImageRef } from '../image-ref.ts';
import { followsUpstreamNumbers } from '../pause-vendors.ts';
import { type Explanation, factsOf } from './facts.ts';

/** Program of OpenShift's pods: it comes with the release, not from a setting of the runtime. */
const OPENSHIFT_POD = '/usr/bin/pod';

/** Puts pause-not-reaping into words. */
export function pauseNotReaping(evidence: Evidence): Explanation {
  const has = factsOf(evidence);
  const image = evidence['image'] === null ? '' : ` (${has.text('image')})`;
  const none = evidence['zombies'] === 0 || evidence['zombies'] === null;
  const isShared = evidence['sharedPidNamespace'] !== false;
  if (none) {
    return {
      summary: `Pause${image} is PID 1 of ${isShared ? 'a shared' : 'its'} PID namespace and has no handler for dead children: the first orphan will stay.`,
      remedy: remedyOf(evidence, isShared),
    };
  }
  return {
    summary: `${has.count('zombies', 'zombie')} under pause${image}, ${isShared ? 'PID 1 of the shared PID namespace, which does not reap' : 'which does not reap; the pod does not share its PID namespace, so they were left by whoever entered that of pause'}.`,
    remedy: remedyOf(evidence, isShared),
  };
}

function remedyOf(evidence: Evidence, isShared: boolean): string {
  if (isShared) {
    return `${betterPause(evidence)} Until then set shareProcessNamespace: false. An init inside a container does not help here.`;
  }
  const pid = factsOf(evidence).text('pausePid');
  return `The containers are innocent. Look for who enters the namespaces of pause (nsenter, an agent of the node) by the names of what it left: ps -o pid,stat,lstart,comm --ppid ${pid}. It has to wait for its children itself. ${betterPause(evidence)}`;
}

/** A tag is a claim: a pause that is called 3.9 and leaves the dead lying may be something else. */
function betterPause(evidence: Evidence): string {
  const has = factsOf(evidence);
  if (evidence['exe'] === OPENSHIFT_POD) {
    return "This is OpenShift's own pause, which comes with the release: update the cluster to a release whose pod program reaps, then recreate the pod.";
  }
  if (evidence['image'] !== null && shouldReap(has.text('image'))) {
    const handlers = evidence['handlesChild'] === false ? ', by its signal handlers it is older than 3.1' : '';
    return `By its tag this pause reaps${handlers}. Recreate the pod; if it comes back, see whether the image is what its tag says: compare sha256sum /proc/${has.text('pausePid')}/exe with another node, and pull the image again if they differ.`;
  }
  return 'Set the sandbox image to pause 3.1 or later in the configuration of the runtime, and recreate the pod.';
}

function shouldReap(ref: string): boolean {
  const image = parseImageRef(ref);
  return followsUpstreamNumbers(image) && compareVersions(image.version ?? '0', '3.1') >= 0;
}
