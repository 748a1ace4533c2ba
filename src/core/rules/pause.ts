/** Rules about the pause process: is it there, is it alive, is it the right one, does it reap. */
import type { Evidence, Severity, Verdict } from '../finding.ts';
import { isPauseBefore31 } from '../reaping.ts';
import { isAlive, isFinished, type PodScene, type Scene, sandboxSubject } from '../scene.ts';
import { collectorPid, isTraced, type ZombieFact } from '../zombies.ts';

/** pause-dead-containers-running: the sandbox lost its pause, and a container or the runtime's record runs on. */
export function* pauseDeadContainersRunning(scene: Scene): Generator<Verdict> {
  for (const pod of judgedPods(scene)) {
    if (pod.pauseHealth === 'unknown') yield unknownPause(pod);
    if (pod.pauseHealth !== 'dead') continue;
    const alive = pod.containers.filter(isAlive);
    const isUnknown = alive.length === 0 && pod.containers.some(({ init }) => init.kind === 'unknown');
    if (isUnknown) yield unknownPause(pod);
    // With pause everything has ended, and a runtime that missed it lets nothing take its place.
    else if (alive.length > 0 || pod.sandbox.state === 'ready') {
      const found = finding(pod, alive.length > 0 ? 'critical' : 'warning', {
        containers: alive.map(({ container }) => container.name),
        sandboxState: pod.sandbox.state,
        pausePid: pod.pause.kind === 'gone' ? pod.pause.pid : null,
      });
      yield alive.length > 0 ? found : { ...found, looks: 2 };
    }
  }
}

/** pause-zombie: pause is dead and nobody collected it while the runtime counts on it. */
export function* pauseZombie(scene: Scene): Generator<Verdict> {
  for (const pod of judgedPods(scene)) {
    if (pod.pauseHealth === 'unknown') yield unknownPause(pod);
    if (pod.pauseHealth !== 'zombie' || pod.pause.kind !== 'found') continue;
    const parent = scene.attribution.processAt(collectorPid(pod.pause.process));
    yield finding(pod, worseWhenShared(pod), {
      pausePid: pod.pause.process.pid,
      parentPid: parent?.pid ?? null,
      parentComm: parent?.comm ?? null,
      parentState: parent?.state ?? null,
      parentTraces: isTraced(pod.pause.process),
    });
  }
}

/** pause-pid-mismatch: the PID the runtime names belongs to a process that is not this sandbox's pause. */
export function* pausePidMismatch(scene: Scene): Generator<Verdict> {
  for (const pod of judgedPods(scene)) {
    if (pod.pauseHealth === 'unknown') yield unknownPause(pod);
    if (pod.pauseHealth !== 'mismatch' || pod.pause.kind !== 'reused') continue;
    const { pid, comm, cgroup } = pod.pause.process;
    yield finding(pod, 'critical', { pausePid: pid, comm, cgroup: cgroup ?? null });
  }
}

/** pause-not-reaping: pause leaves the dead lying, or as PID 1 of a shared PID namespace must be expected to. */
export function* pauseNotReaping(scene: Scene): Generator<Verdict> {
  const { notReapingCriticalCount, notReapingCriticalUtilization } = scene.policy;
  for (const pod of judgedPods(scene)) {
    if (pod.pauseHealth === 'unknown' || pod.sharesPid === undefined) yield unknownPause(pod);
    if (pod.pauseHealth !== 'alive' || pod.pause.kind !== 'found') continue;
    const { pid, probe } = pod.pause.process;
    const zombies = zombiesUnderPause(pod);
    const count = zombies?.length ?? 0;
    // Of its own accord pause has no children: alone in its namespace it has those of whoever entered.
    if (pod.sharesPid !== true && count === 0) continue;
    const knownNotToReap = isPauseBefore31(pod.pause.process);
    if (zombies === undefined && !knownNotToReap) {
      yield { kind: 'unknown', subject: sandboxSubject(pod), reason: 'one-look' };
    } else if (knownNotToReap || count > 0) {
      const full = (pod.pids.utilization ?? 0) > notReapingCriticalUtilization;
      const severe = count >= notReapingCriticalCount || (full && count > 0);
      const evidence = {
        pausePid: pid,
        zombies: zombies?.length ?? null,
        signalsCaught: probe?.signalsCaught ?? null,
        handlesChild: probe?.signalsCaught === undefined ? null : !knownNotToReap,
        image: pod.sandbox.imageRef ?? null,
        exe: probe?.exe ?? null,
      };
      const atLeast = zombies?.some(({ firstSeen }) => firstSeen.atLeast) ?? false;
      yield { ...finding(pod, severe ? 'critical' : 'warning', evidence), atLeast };
    }
  }
}

function judgedPods({ pods }: Scene): readonly PodScene[] {
  return pods.filter((pod) => !isFinished(pod));
}

function zombiesUnderPause({ zombies, pause }: PodScene): readonly ZombieFact[] | undefined {
  const pid = pause.kind === 'found' ? pause.process.pid : undefined;
  return zombies?.filter(({ process }) => collectorPid(process) === pid);
}

function worseWhenShared({ sharesPid }: PodScene): Severity {
  return sharesPid === true ? 'critical' : 'warning';
}

function finding(pod: PodScene, severity: Severity, facts: Evidence): Extract<Verdict, { kind: 'finding' }> {
  const evidence = { ...facts, sharedPidNamespace: pod.sharesPid ?? null };
  return { kind: 'finding', severity, subject: sandboxSubject(pod), evidence };
}

function unknownPause(pod: PodScene): Verdict {
  const { pause } = pod.sandbox;
  return { kind: 'unknown', subject: sandboxSubject(pod), reason: pause.kind === 'unknown' ? pause.reason : 'silent' };
}
