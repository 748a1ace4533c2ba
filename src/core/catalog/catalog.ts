/** Every finding there is: the one list that rules, JSON, metrics, pages and documents are made from. */
import { FINDING_IDS, type FindingId } from '../finding.ts';
import { CHURN_FINDINGS } from './churn.ts';
import { CONTAINER_FINDINGS } from './containers.ts';
import type { FindingFacts } from './finding-facts.ts';
import { HANG_FINDINGS } from './hangs.ts';
import { IMAGE_NAME_FINDINGS } from './image-names.ts';
import { IMAGE_FINDINGS } from './images.ts';
import { LEAK_FINDINGS } from './leaks.ts';
import { PAUSE_FINDINGS } from './pause.ts';
import { PAUSE_PROGRAM_FINDINGS } from './pause-program.ts';
import { PID_FINDINGS } from './pids.ts';
import { PLACEMENT_FINDINGS } from './placement.ts';
import { RUNTIME_FINDINGS } from './runtime.ts';
import { ZOMBIE_FINDINGS } from './zombies.ts';

/** One kind of finding. */
export type CatalogEntry = FindingFacts & { readonly id: FindingId };

/** By topic; the compiler sees to it that no id is missing. */
const FACTS: Readonly<Record<FindingId, FindingFacts>> = {
  ...RUNTIME_FINDINGS,
  ...PID_FINDINGS,
  ...CHURN_FINDINGS,
  ...PAUSE_FINDINGS,
  ...HANG_FINDINGS,
  ...PLACEMENT_FINDINGS,
  ...LEAK_FINDINGS,
  ...PAUSE_PROGRAM_FINDINGS,
  ...CONTAINER_FINDINGS,
  ...ZOMBIE_FINDINGS,
  ...IMAGE_FINDINGS,
  ...IMAGE_NAME_FINDINGS,
};

/** In the order of causes: what stands earlier may explain what stands later. */
export const CATALOG: readonly CatalogEntry[] = FINDING_IDS.map((id) => ({ id, ...FACTS[id] }));
