/** Whether the parent of zombies can run at all: one that is stopped or frozen is not to blame for what lies under it. */
import type { Evidence } from '../finding.ts';
import { isFrozen } from '../pause-health.ts';
import type { PodScene, Scene } from '../scene.ts';
import type { ZombieFact } from '../zombies.ts';

/** Its state, and whether it is known to be frozen: a container that was frozen alone does not show. */
export function parentState({ attribution }: Scene, parent: ZombieFact['parent'], pod: PodScene | undefined): Evidence {
  const process = parent && attribution.processAt(parent.pid);
  if (parent === undefined || process === undefined) return { parentState: null, parentFrozen: null };
  const isOfPod = parent.kind !== 'runtime' && parent.kind !== 'host';
  const frozen = isFrozen(process, isOfPod && pod?.isFrozenByV2 === true);
  return { parentState: process.state, parentFrozen: frozen ? true : null };
}
