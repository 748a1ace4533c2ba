/** Rules about the first process of a container: does it exist, is it alive. */

import type { Verdict } from '../finding.ts';
import type { Process } from '../model.ts';
import { isDeadState } from '../process-life.ts';
import { containerSubject, type Scene } from '../scene.ts';
import { collectorPid, isTraced } from '../zombies.ts';
import { LISTED } from './rule.ts';

/** container-running-dead: the runtime says RUNNING, the kernel has no such process any more. */
export function* containerRunningDead(scene: Scene): Generator<Verdict> {
  for (const pod of scene.pods) {
    for (const { container, init } of pod.containers) {
      if (container.state !== 'running' || (pod.runtime.up && init.kind === 'found')) continue;
      const subject = containerSubject(pod, container);
      if (!pod.runtime.up) {
        yield { kind: 'unknown', subject, reason: 'silent' };
      } else if (init.kind === 'unknown') {
        const reason = container.pid !== undefined && 'unknown' in container.pid ? container.pid.unknown : 'silent';
        yield { kind: 'unknown', subject, reason };
      } else if (init.kind === 'gone' || init.kind === 'reused') {
        const pid = init.kind === 'gone' ? init.pid : init.process.pid;
        const takenBy = init.kind === 'reused' ? init.process.comm : null;
        const left = livingIn(scene, container.id);
        const names = [...new Set(left.map(({ comm }) => comm))].slice(0, LISTED);
        const evidence = { pid, takenBy, leftProcesses: left.length, leftNames: names };
        yield { kind: 'finding', severity: 'critical', subject, evidence };
      }
    }
  }
}

/** What still runs in a container whose first process is gone: they keep its files open, and the runtime waiting (case 5). */
function livingIn({ snapshot, attribution }: Scene, containerId: string): readonly Process[] {
  return snapshot.kernel.processes.filter(
    (process) => !isDeadState(process.state) && attribution.ownerOf(process)?.containerId === containerId,
  );
}

/** The thread that keeps a dead leader from ending and cannot be killed itself, with the kernel function it hangs in. */
function stuckThread({ probe }: Process) {
  const stuck = probe?.threads?.find(({ state }) => state === 'D');
  return {
    stuckThread: stuck?.tid ?? null,
    stuckIn: stuck?.wchan ?? null,
    threadStates: [...new Set((probe?.threads ?? []).map(({ state }) => state))],
  };
}

/** container-init-zombie: the runtime says RUNNING, its first process is dead and uncollected, or a dead leader. */
export function* containerInitZombie({ pods, attribution }: Scene): Generator<Verdict> {
  for (const pod of pods) {
    for (const { container, init } of pod.containers) {
      if (init.kind === 'unknown')
        yield { kind: 'unknown', subject: containerSubject(pod, container), reason: 'silent' };
      if (init.kind !== 'found' || !isDeadState(init.process.state)) continue;
      const subject = containerSubject(pod, container);
      const { pid, comm, threads } = init.process;
      const parent = attribution.processAt(collectorPid(init.process));
      const evidence = {
        pid,
        comm,
        liveThreads: Math.max(threads - 1, 0),
        ...stuckThread(init.process),
        parentPid: parent?.pid ?? null,
        parentComm: parent?.comm ?? null,
        parentState: parent?.state ?? null,
        parentTraces: isTraced(init.process),
      };
      yield { kind: 'finding', severity: 'critical', subject, evidence };
    }
  }
}
