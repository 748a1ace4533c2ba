/** Words for the findings on the pause image as it is stored. */
import type { Evidence } from '../finding.ts';
import type { RuntimeFlavour } from '../model.ts';
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
      remedy: remedyOfUnpinned(evidence),
    };
  },
} as const satisfies Readonly<Record<string, Words>>;

/** Each runtime pins in its own way; what no registry has cannot be pulled. */
function remedyOfUnpinned(evidence: Evidence): string {
  const has = factsOf(evidence);
  const name = has.text('fullName');
  switch (evidence['flavour'] as RuntimeFlavour) {
    case 'cri-o':
      return `See that pause_image in the configuration of CRI-O names exactly this image: CRI-O pins that one itself. Or add it to pinned_images there (section crio.image, ${name}). Then restart CRI-O; pods go on running.`;
    case 'cri-dockerd':
      return `See that --pod-infra-container-image of cri-dockerd names exactly this image (${name}): cri-dockerd pins that one itself since 0.3.10. Then restart cri-dockerd; pods go on running.`;
    default:
      return `Pin it: ctr -n k8s.io images label ${name} io.cri-containerd.pinned=pinned, then restart containerd; pods go on running.${evidence['pullable'] === false ? '' : ` Or pull it through CRI: crictl pull ${name}.`} Imported images are pinned only by newer versions (from 1.6.29, 1.7.14 and 2.0), and only where the configured name matches exactly.`;
  }
}

function pauseImageMissing(evidence: Evidence): Explanation {
  const has = factsOf(evidence);
  const pull =
    evidence['pullable'] === false
      ? 'It exists in no registry: import it from the archive that the node image was built with (with containerd: ctr -n k8s.io images import), or replace the node'
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
