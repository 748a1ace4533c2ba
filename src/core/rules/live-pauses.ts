/** The pauses that rules may judge as programs: alive, and under the node's own kernel. */
import type { Verdict } from '../finding.ts';
import { runsForeignKernel } from '../foreign-kernel.ts';
import type { FaultCode, Process, ProcessProbe } from '../model.ts';
import { isFinished, type PodScene, type Scene, sandboxSubject } from '../scene.ts';

/** A sandbox and its living pause. */
export interface LivePause {
  readonly pod: PodScene;
  readonly process: Process;
}

/** Pauses that live, stopped ones included. */
export function livePauses({ pods }: Scene): LivePause[] {
  return pods.flatMap((pod) => {
    const isLive = pod.pauseHealth === 'alive' || pod.pauseHealth === 'stopped';
    if (!isLive || pod.pause.kind !== 'found' || runsForeignKernel(pod)) return [];
    return [{ pod, process: pod.pause.process }];
  });
}

/** Sandboxes whose pause cannot be seen. */
export function* unseenPauses({ pods }: Scene): Generator<Verdict> {
  for (const pod of pods) {
    if (pod.pause.kind !== 'unknown' || isFinished(pod) || runsForeignKernel(pod)) continue;
    const { pause } = pod.sandbox;
    yield { kind: 'unknown', subject: sandboxSubject(pod), reason: pause.kind === 'unknown' ? pause.reason : 'silent' };
  }
}

/** One fact of a pause could not be read. */
export function unknownOf(pod: PodScene, probe: ProcessProbe | undefined, field: string): Verdict {
  const reason: FaultCode = probe === undefined ? 'vanished' : (probe.unknown[field] ?? 'silent');
  return { kind: 'unknown', subject: sandboxSubject(pod), reason };
}
