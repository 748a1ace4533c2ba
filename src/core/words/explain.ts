/** Words for findings: one sentence that says what is wrong, and a remedy that fits who is to blame. */
import type { Finding, FindingId } from '../finding.ts';
import { CHURN_WORDS } from './churn.ts';
import { CONTAINER_WORDS } from './containers.ts';
import type { Explanation, Words } from './facts.ts';
import { HANG_WORDS } from './hangs.ts';
import { IMAGE_NAME_WORDS } from './image-names.ts';
import { IMAGE_WORDS } from './images.ts';
import { LEAK_WORDS } from './leaks.ts';
import { PAUSE_WORDS } from './pause.ts';
import { PAUSE_PROGRAM_WORDS } from './pause-program.ts';
import { PID_WORDS } from './pids.ts';
import { PLACEMENT_WORDS } from './placement.ts';
import { RUNTIME_WORDS } from './runtime.ts';
import { ZOMBIE_WORDS } from './zombies.ts';

/** By topic; the compiler sees to it that no id is missing. */
const WORDS: Readonly<Record<FindingId, Words>> = {
  ...RUNTIME_WORDS,
  ...PID_WORDS,
  ...CHURN_WORDS,
  ...PAUSE_WORDS,
  ...HANG_WORDS,
  ...PLACEMENT_WORDS,
  ...LEAK_WORDS,
  ...PAUSE_PROGRAM_WORDS,
  ...CONTAINER_WORDS,
  ...ZOMBIE_WORDS,
  ...IMAGE_WORDS,
  ...IMAGE_NAME_WORDS,
};

/** Puts a finding into words. */
export function explain(finding: Finding): Explanation {
  return WORDS[finding.id](finding);
}
