/** Rules about the first process of a container: does it exist, is it alive. */
import type { Verdict } from '../finding.ts';
import { containerSubject, isDeadState, type Scene } from '../scene.ts';

/** container-running-dead: the runtime says RUNNING, the kernel has no such process any more. */
export function* containerRunningDead({ pods }: Scene): Generator<Verdict> {
  for (const pod of pods) {
    for (const { container, init } of pod.containers) {
      const subject = containerSubject(pod, container);
      if (container.state !== 'running') continue;
      if (!pod.runtime.up) {
        yield { kind: 'unknown', subject, reason: 'silent' };
      } else if (init.kind === 'unknown') {
        const reason = container.pid !== undefined && 'unknown' in container.pid ? container.pid.unknown : 'silent';
        yield { kind: 'unknown', subject, reason };
      } else if (init.kind === 'gone' || init.kind === 'reused') {
        const pid = init.kind === 'gone' ? init.pid : init.process.pid;
        const takenBy = init.kind === 'reused' ? init.process.comm : null;
        yield { kind: 'finding', severity: 'critical', subject, evidence: { pid, takenBy } };
      }
    }
  }
}

/** container-init-zombie: the runtime says RUNNING, its first process is dead and uncollected, or a dead leader. */
export function* containerInitZombie({ pods, attribution }: Scene): Generator<Verdict> {
  for (const pod of pods) {
    for (const { container, init } of pod.containers) {
      const subject = containerSubject(pod, container);
      if (init.kind === 'unknown') yield { kind: 'unknown', subject, reason: 'silent' };
      if (init.kind !== 'found' || !isDeadState(init.process)) continue;
      const { pid, comm, threads } = init.process;
      const parent = attribution.processAt(init.process.ppid);
      const evidence = {
        pid,
        comm,
        liveThreads: Math.max(threads - 1, 0),
        parentPid: parent?.pid ?? null,
        parentComm: parent?.comm ?? null,
        parentState: parent?.state ?? null,
      };
      yield { kind: 'finding', severity: 'critical', subject, evidence };
    }
  }
}
