/** What each piece of evidence means: the one list that pages and documents are made from. */
import type { FindingId } from '../finding.ts';
import { IMAGE_EVIDENCE } from './images.ts';
import { NODE_EVIDENCE } from './node.ts';
import { PAUSE_EVIDENCE } from './pause.ts';
import { POD_EVIDENCE } from './pods.ts';

/** What the keys of a finding's evidence mean, in the order to show them. */
export type EvidenceKeys = Readonly<Record<string, string>>;

/** By finding id: the compiler sees to it that each has its entry, a test that it shows no key that is not in it. */
export const EVIDENCE: Readonly<Record<FindingId, EvidenceKeys>> = {
  ...NODE_EVIDENCE,
  ...PAUSE_EVIDENCE,
  ...POD_EVIDENCE,
  ...IMAGE_EVIDENCE,
};
