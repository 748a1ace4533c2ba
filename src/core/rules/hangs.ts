/** Rules about a pause that cannot go on: dying without an end, stopped, frozen. */
import type { Evidence, Severity, Verdict } from '../finding.ts';
import type { FaultCode, Process } from '../model.ts';
import { isDying, isFrozen } from '../pause-health.ts';
import { isDeadState } from '../process-life.ts';
import { isFinished, type PodScene, type Scene, sandboxSubject } from '../scene.ts';
import { collectorPid } from '../zombies.ts';
import { holderKindOf } from './outside.ts';

/** pause-dying: pause was killed and waits in the kernel for a zombie of its PID namespace that somebody outside holds. */
export function* pauseDying(scene: Scene): Generator<Verdict> {
  for (const pod of scene.pods) {
    const { pause } = pod;
    const denied = pause.kind === 'found' ? whyNoWchan(pause.process) : undefined;
    if (pause.kind === 'unknown') yield unknown(pod);
    if (denied !== undefined) yield { kind: 'unknown', subject: sandboxSubject(pod), reason: denied };
    if (pause.kind !== 'found' || !isDying(pause.process)) continue;
    const held = zombiesHeldOutside(scene, pause.process);
    const holder = held.map((it) => scene.attribution.processAt(collectorPid(it))).find((it) => it !== undefined);
    const stuck = memberInKernel(scene, pod, pause.process);
    const evidence: Evidence = {
      pausePid: pause.process.pid,
      wchan: pause.process.probe?.wchan ?? null,
      zombies: held.length,
      zombiePid: held[0]?.pid ?? null,
      zombieComm: held[0]?.comm ?? null,
      holderPid: holder?.pid ?? null,
      holderComm: holder?.comm ?? null,
      holderState: holder?.state ?? null,
      holderKind: holder === undefined ? null : holderKindOf(scene, holder),
      stuckPid: stuck?.pid ?? null,
      stuckComm: stuck?.comm ?? null,
    };
    yield { kind: 'finding', severity: 'critical', subject: sandboxSubject(pod), evidence };
  }
}

/** The kernel tells wait channels to whom it tells the program: undefined where it told this one, or would have. */
function whyNoWchan({ probe }: Process): FaultCode | undefined {
  if (probe === undefined) return 'silent';
  return probe.wchan === undefined ? probe.unknown['exe'] : undefined;
}

/** Dead members of pause's PID namespace whose parent is not in it: pause cannot collect them, and waits for each. */
function zombiesHeldOutside({ snapshot, attribution }: Scene, pause: Process): readonly Process[] {
  const namespace = pause.probe?.namespaces.pid;
  if (namespace === undefined) return [];
  return snapshot.kernel.processes.filter((process) => {
    if (process === pause || !isDeadState(process.state) || process.probe?.namespaces.pid !== namespace) return false;
    return attribution.processAt(collectorPid(process))?.probe?.namespaces.pid !== namespace;
  });
}

/**
 * A living member of pause's PID namespace that hangs in the kernel: it was killed with pause and cannot end. Of ordinary
 * processes the namespace is not read; in a pod that shares one, all that are the pod's are members.
 */
function memberInKernel({ snapshot, attribution }: Scene, pod: PodScene, pause: Process): Process | undefined {
  const namespace = pause.probe?.namespaces.pid;
  return snapshot.kernel.processes.find((process) => {
    if (process === pause || process.state !== 'D') return false;
    const its = process.probe?.namespaces.pid;
    if (its !== undefined && namespace !== undefined) return its === namespace;
    return pod.sharesPid === true && attribution.ownerOf(process)?.sandboxId === pod.sandbox.id;
  });
}

/** pause-stopped: pause cannot run: it neither reaps nor answers signals. */
export function* pauseStopped(scene: Scene): Generator<Verdict> {
  for (const pod of scene.pods) {
    const { pause, pauseHealth, zombies } = pod;
    if (isFinished(pod)) continue;
    if (pauseHealth === 'unknown') yield unknown(pod);
    if (pauseHealth !== 'stopped' || pause.kind !== 'found') continue;
    const { pid, state } = pause.process;
    const evidence: Evidence = {
      pausePid: pid,
      state,
      frozen: isFrozen(pause.process, pod.isFrozenByV2),
      cgroup: scene.snapshot.kernel.cgroupOf[pod.sandbox.id] ?? null,
      zombies: zombies?.filter(({ process }) => collectorPid(process) === pid).length ?? null,
      sharedPidNamespace: pod.sharesPid ?? null,
    };
    const severity: Severity = pod.sharesPid === true ? 'critical' : 'warning';
    yield { kind: 'finding', severity, subject: sandboxSubject(pod), evidence };
  }
}

function unknown(pod: PodScene): Verdict {
  const { pause } = pod.sandbox;
  return { kind: 'unknown', subject: sandboxSubject(pod), reason: pause.kind === 'unknown' ? pause.reason : 'silent' };
}
