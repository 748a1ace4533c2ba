/** Whether shareProcessNamespace would help a pod: only a pause on the host that reaps can collect for its containers. */
import type { SharingHelps } from '../evidence/worded.ts';
import { judgeReaping } from '../reaping.ts';
import type { PodScene } from '../scene.ts';

/** Judges a pod whose containers have PID namespaces of their own, before it is told to share one. */
export function sharingHelps({ sandbox, pause, pauseHealth }: PodScene): SharingHelps {
  if (sandbox.pause.kind === 'none' && sandbox.pause.reason === 'vm-runtime') return 'no-pause';
  if (pause.kind !== 'found' || pauseHealth === 'mismatch') return 'depends';
  const reaps = judgeReaping(pause.process, 0, true);
  if (reaps === 'unknown') return 'depends';
  return reaps === 'yes' ? 'yes' : 'pause-does-not-reap';
}
