/** Words for the findings on the pause image as it is stored. */
import type { Evidence } from '../finding.ts';
import { type Explanation, factsOf, type Words } from './facts.ts';

/** By id. */
export const IMAGE_WORDS = {
  'pause-image-missing': ({ evidence }) => pauseImageMissing(evidence),
  'pause-image-config-mismatch': ({ evidence }) => {
    const has = factsOf(evidence);
    const change = evidence['madeUnderThisConfig'] === false;
    return {
      summary: `The runtime is configured with pause image ${has.text('image')}, and the newest sandbox (${has.text('newestPod')}) runs on ${has.text('running')}${change ? ', made before that was configured' : ''}.`,
      remedy: change
        ? 'Nothing is broken: pods keep their pause image for life, the next one will use the configured image. Make sure that it is on every node before pods are moved.'
        : "Make the names equal: the runtime's sandbox image and, before Kubernetes 1.29, the kubelet's --pod-infra-container-image (drop that flag since). Restart the runtime so that it reads its configuration; then see what the next pod runs on.",
    };
  },
  'pause-image-unpinned': ({ evidence }) => {
    const has = factsOf(evidence);
    return {
      summary: `Pause image ${has.text('image')} is not pinned: image garbage collection may remove it${evidence['pullable'] === false ? ', and it cannot be pulled again' : ''}.`,
      remedy: `Pin it: ctr -n k8s.io images label ${has.text('image')} io.cri-containerd.pinned=pinned, then restart containerd; or pull it through CRI (crictl pull). containerd pins imported images by itself since 1.6.29, 1.7.14 and 2.0 when the configured name matches exactly.`,
    };
  },
} as const satisfies Readonly<Record<string, Words>>;

function pauseImageMissing(evidence: Evidence): Explanation {
  const has = factsOf(evidence);
  const pull =
    evidence['pullable'] === false
      ? 'It exists in no registry: import it from the archive that the node image was built with (ctr -n k8s.io images import), or replace the node'
      : 'Pull or import the image again (crictl pull), with credentials if its registry asks for them';
  const others = evidence['goneWith'];
  const culprit =
    typeof others === 'number' && others > 0
      ? `${has.count('goneWith', 'other image')} went with it: look for a prune job or image garbage collection`
      : 'look for image garbage collection or a prune job';
  return {
    summary: `${evidence['configured'] === true ? 'The configured pause image' : 'The pause image of the newest sandbox'} ${has.text('image')} is not on the node: no new pod can start unless it can be pulled${lastSeen(evidence)}.`,
    remedy: `${pull}, and pin it. Then find what removed it: ${culprit}.`,
  };
}

function lastSeen(evidence: Evidence): string {
  const { lastSeenSecondsAgo, wasPinned } = evidence;
  if (typeof lastSeenSecondsAgo !== 'number') return '';
  return `; it was last seen ${lastSeenSecondsAgo} s ago${wasPinned === true ? ', pinned' : ''}`;
}
