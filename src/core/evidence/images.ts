/** What the evidence of the findings on pause images says. */
import { USERS } from './shared.ts';
import { IMAGE_OBJECTIONS, oneOf } from './worded.ts';

const IMAGE = 'the image, in one of its names';
const IMAGE_ID = 'its id; null: not stored';
const CONFIGURED = 'it is the one the runtime is configured with';
const PULLABLE = 'false: the name belongs to no registry (localhost/…)';
const RUNTIME = 'name and version of the runtime';

/** By finding id, then by key. */
export const IMAGE_EVIDENCE = {
  'pause-image-missing': {
    image: IMAGE,
    configured:
      'true: the configured image; false: that of the newest sandbox, since the runtime hides the configured one',
    ...USERS,
    pullable: PULLABLE,
    lastSeenSecondsAgo: 'when this agent last saw it stored; null: never',
    lastImageId: 'its id then',
    wasPinned: 'whether it was pinned then',
    goneWith: 'other images that went between the same two looks: many point to a prune job',
  },
  'pause-image-config-mismatch': {
    image: 'the configured image',
    imageId: 'its id',
    running: 'image of the newest sandbox',
    runningImageId: 'id of that image',
    newestPod: 'pod of the newest sandbox, namespace/name',
    exeSha256: 'SHA-256 of the pause program that runs in it',
    madeUnderThisConfig: 'it was made after this agent saw the configuration; false: before; null: not known',
    sandboxesOnConfigured: 'unfinished sandboxes that run on the configured image',
    sandboxesOnOthers: 'and those that do not',
  },
  'pause-image-unpinned': {
    image: IMAGE,
    imageId: IMAGE_ID,
    configured: CONFIGURED,
    pullable: PULLABLE,
    fullName: 'the name it is stored under, registry included',
    runtime: RUNTIME,
    flavour: 'family of the runtime: containerd, cri-o, cri-dockerd, docker or unknown',
    kubeletVersion: 'as the policy gives it; null: it does not',
    pinnedInstead: 'other pause images in use that are pinned',
  },
  'pause-image-too-old': {
    image: IMAGE,
    version: 'its version by the tag',
    minimum: 'the first version that would do',
    reaps: 'false: before 3.1; true: only the policy asks for more',
    configured: CONFIGURED,
    ...USERS,
  },
  'pause-image-legacy-registry': {
    image: IMAGE,
    replacement: 'the same version where it is still published, and 3.1 at least',
    publishedThere: 'false: this version was never published in the frozen registry; null: the tag has no version',
    configured: CONFIGURED,
    ...USERS,
  },
  'pause-image-version-skew': {
    image: IMAGE,
    version: 'its version by the tag',
    expected: 'version that kubeadm of this release asks for',
    kubeletVersion: 'as the policy gives it',
    configured: CONFIGURED,
    ...USERS,
  },
  'pause-image-unqualified': {
    image: 'the configured name, as written',
    lacks: 'registry, tag or both',
    refused: 'this version of the runtime does not find such an image',
    runtime: RUNTIME,
  },
  'pause-image-unrecognized': {
    image: IMAGE,
    imageId: IMAGE_ID,
    why: oneOf(IMAGE_OBJECTIONS),
    configured: CONFIGURED,
    ...USERS,
  },
} as const;
