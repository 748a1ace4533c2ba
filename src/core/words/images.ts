/** Words for the findings on the pause image. */
import { factsOf, type Words } from './facts.ts';

/** By id. */
export const IMAGE_WORDS = {
  'pause-image-missing': ({ evidence }) => {
    const has = factsOf(evidence);
    return {
      summary: `${evidence['configured'] === true ? 'The configured pause image' : 'The pause image of the newest sandbox'} ${has.text('image')} is not on the node: no new pod can start unless it can be pulled.`,
      remedy:
        'Pull or import the image again (crictl pull), with credentials if its registry asks for them, and pin it. Then find what removed it: image garbage collection or a prune job.',
    };
  },
  'pause-image-too-old': ({ evidence }) => {
    const has = factsOf(evidence);
    return {
      summary: `Pause image ${has.text('image')} is older than ${has.text('minimum')} and does not reap (${has.users()}).`,
      remedy:
        'Set the sandbox image to 3.1 or later in the configuration of the runtime, in the node image rather than on one node, and recreate the pods.',
    };
  },
  'pause-image-legacy-registry': ({ evidence }) => {
    const has = factsOf(evidence);
    return {
      summary: `Pause image ${has.text('image')} is named after a frozen registry (${has.users()}).`,
      remedy: `Set the sandbox image to ${has.text('replacement')} or later in the configuration of the runtime; new pods then use it.`,
    };
  },
} as const satisfies Readonly<Record<string, Words>>;
