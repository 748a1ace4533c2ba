/** Words for the findings on how the pause image is called. */
import type { ImageObjection } from '../evidence/worded.ts';
import type { Evidence } from '../finding.ts';
import { type Explanation, factsOf, type Words } from './facts.ts';

/** By id. */
export const IMAGE_NAME_WORDS = {
  'pause-image-too-old': ({ evidence }) => {
    const has = factsOf(evidence);
    const fault = evidence['reaps'] === true ? 'as the policy asks' : 'and does not reap';
    return {
      summary: `Pause image ${has.text('image')} is older than ${has.text('minimum')} ${fault} (${has.users()}).`,
      remedy: `Set the sandbox image to ${has.text('minimum')} or later in the configuration of the runtime, in the node image rather than on one node, and recreate the pods.`,
    };
  },
  'pause-image-legacy-registry': ({ evidence }) => {
    const has = factsOf(evidence);
    const never =
      evidence['publishedThere'] === false ? '; this version was never published there and cannot be pulled' : '';
    return {
      summary: `Pause image ${has.text('image')} is named after a frozen registry (${has.users()})${never}.`,
      remedy: `Set the sandbox image to ${has.text('replacement')} or later in the configuration of the runtime; new pods then use it.`,
    };
  },
  'pause-image-version-skew': ({ evidence }) => {
    const has = factsOf(evidence);
    return {
      summary: `Pause image ${has.text('image')} is not the ${has.text('expected')} that kubeadm of ${has.text('kubeletVersion')} asks for (${has.users()}).`,
      remedy:
        'Nothing has to be done: on Linux all versions from 3.1 on do the same. To silence kubeadm, set the sandbox image of the runtime to its version at the next upgrade.',
    };
  },
  'pause-image-unqualified': ({ evidence }) => pauseImageUnqualified(evidence),
  'pause-image-unrecognized': ({ evidence }) => pauseImageUnrecognized(evidence),
} as const satisfies Readonly<Record<string, Words>>;

function pauseImageUnqualified(evidence: Evidence): Explanation {
  const has = factsOf(evidence);
  const refused = evidence['refused'] === true;
  return {
    summary: `The configured pause image ${has.text('image')} has no ${has.list('lacks').replace(', ', ' and no ')}${refused ? `, and ${has.text('runtime')} does not find such an image` : ''}.`,
    remedy: `Write registry, path and tag in full in the configuration of the runtime (crictl images shows the full name)${refused ? ', or upgrade to containerd 2.3.4' : ''}.`,
  };
}

function pauseImageUnrecognized(evidence: Evidence): Explanation {
  const has = factsOf(evidence);
  const image = `Pause image ${has.text('image')}`;
  const why = evidence['why'] as ImageObjection;
  switch (why) {
    case 'digest-not-allowed':
      return {
        summary: `${image} has none of the digests that the policy allows (${has.users()}).`,
        remedy: `Find out what it is (crictl inspecti ${has.text('imageId')}). If it is meant, add its digest to the policy; else pull the right one, and treat pods started on this one as suspect.`,
      };
    case 'registry-not-allowed':
      return {
        summary: `${image} comes from a registry that the policy does not allow (${has.users()}).`,
        remedy:
          'Set the sandbox image of the runtime to one from an allowed registry, or add this registry to the policy.',
      };
    case 'unknown-repository':
      return {
        summary: `${image} is not of the Kubernetes project nor of a vendor that is known (${has.users()}).`,
        remedy:
          'If it is your own mirror, name it under allowedPauseRegistries in the policy, which then watches over it. If nobody knows it, find out who configured it.',
      };
    default:
      return why satisfies never;
  }
}
