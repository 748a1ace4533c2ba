/** Rules about what stands between the runtime and a pod: a shim that hangs, and what an exec left behind. */

import type { ShimStuckReason } from '../evidence/worded.ts';
import type { Evidence, Subject, Verdict } from '../finding.ts';
import { groupBy } from '../group-by.ts';
import type { Process } from '../model.ts';
import { isDeadState, startedAtMs } from '../process-life.ts';
import { containerSubject, type PodScene, type Scene } from '../scene.ts';
import { collectorPid } from '../zombies.ts';
import { LISTED } from './rule.ts';

/** shim-stuck: the shim of a pod cannot run, leaves the dead lying, or serves nothing that is left. */
export function* shimStuck(scene: Scene): Generator<Verdict> {
  const { snapshot, pods, census } = scene;
  const podById = podsById(pods);
  if (snapshot.kernel.shims === undefined) yield { kind: 'unknown', subject: { kind: 'node' }, reason: 'silent' };
  const countChildren = (pid: number): number => snapshot.kernel.processes.filter(({ ppid }) => ppid === pid).length;
  const deadOf = groupBy(census.confirmed ?? [], ({ process }) => collectorPid(process));
  for (const { pid, id, kind } of snapshot.kernel.shims ?? []) {
    const process = scene.attribution.processAt(pid);
    const pod = podById.get(id ?? '');
    if (process === undefined || pod === undefined) continue;
    const dead = (deadOf.get(pid) ?? []).filter((it) => isOverdue(scene, it.firstSeen.ms));
    const isChildless = kind === 'shim' && oughtToHaveChildren(scene, pod, id) && countChildren(pid) === 0;
    const reason = reasonOf(process, dead.length, isChildless);
    if (reason === undefined) continue;
    const evidence = {
      pid,
      comm: process.comm,
      state: process.state,
      reason,
      zombies: dead.length,
      children: countChildren(pid),
    };
    const { namespace, name, id: sandboxId } = pod.sandbox;
    const subject: Subject = { kind: 'shim', namespace, pod: name, sandboxId, pid, startTicks: process.startTicks };
    yield { kind: 'finding', severity: 'warning', subject, evidence };
  }
}

function reasonOf({ state }: Process, overdue: number, isChildless: boolean): ShimStuckReason | undefined {
  if (state === 'T' || state === 't') return 'stopped';
  if (state === 'D') return 'uninterruptible';
  if (overdue > 0) return 'holds-zombies';
  return isChildless ? 'no-children' : undefined;
}

function isOverdue({ snapshot, policy }: Scene, firstSeenMs: number): boolean {
  return snapshot.takenAtMs - firstSeenMs >= policy.shimZombieAgeMs;
}

/** What it serves runs by the runtime's word and does not exist; where a process could not be read nobody can tell. */
function oughtToHaveChildren({ snapshot }: Scene, pod: PodScene, id: string | undefined): boolean {
  if (!pod.runtime.up || snapshot.kernel.unreadablePids.length > 0) return false;
  if (pod.sandbox.id === id && pod.sandbox.state === 'ready' && pod.pause.kind === 'gone') return true;
  return pod.containers.some(({ container, init }) => {
    const isServed = container.id === id || pod.sandbox.id === id;
    return isServed && container.state === 'running' && init.kind === 'gone';
  });
}

function podsById(pods: readonly PodScene[]): ReadonlyMap<string, PodScene> {
  const byId = new Map<string, PodScene>();
  for (const pod of pods) {
    byId.set(pod.sandbox.id, pod);
    for (const { container } of pod.containers) byId.set(container.id, pod);
  }
  return byId;
}

/** exec-leftover: started in a container from outside (exec) and alive for long, whether or not somebody still listens. */
export function* execLeftover(scene: Scene): Generator<Verdict> {
  const { snapshot, attribution, pods } = scene;
  const { shims, processes, bootTimeMs } = snapshot.kernel;
  if (shims === undefined || bootTimeMs === undefined) {
    yield { kind: 'unknown', subject: { kind: 'node' }, reason: 'silent' };
    return;
  }
  const shimPids = new Set(shims.map(({ pid }) => pid));
  const named = namedPids(pods);
  const candidates = processes.filter(
    (process) => shimPids.has(process.ppid) && !named.has(process.pid) && isLongAlive(scene, process),
  );
  const byContainer = groupBy(candidates, (process) => attribution.ownerOf(process)?.containerId);
  for (const pod of pods) {
    for (const { container, init } of pod.containers) {
      // In the node's PID namespace orphans come to the shim as well (L14): they are no exec.
      if (container.state !== 'running' || init.kind !== 'found' || isInNodePidNamespace(pod)) continue;
      const left = byContainer.get(container.id) ?? [];
      if (left.length > 0) yield leftover(scene, containerSubject(pod, container), left);
    }
  }
}

/** Pauses and first processes: children of a shim that are no exec. */
function namedPids(pods: readonly PodScene[]): ReadonlySet<number> {
  const pids = new Set<number>();
  for (const { pause, containers } of pods) {
    if (pause.kind === 'found') pids.add(pause.process.pid);
    for (const { init } of containers) if (init.kind === 'found') pids.add(init.process.pid);
  }
  return pids;
}

function isLongAlive({ snapshot, policy }: Scene, process: Process): boolean {
  const started = startedAtMs(process, snapshot.kernel.bootTimeMs);
  return (
    !isDeadState(process.state) && started !== undefined && snapshot.takenAtMs - started >= policy.execLeftoverAgeMs
  );
}

/** By the runtime's word, or by the kernel's: one column of NSpid. */
function isInNodePidNamespace({ sandbox, pause }: PodScene): boolean {
  const columns = pause.kind === 'found' ? pause.process.probe?.nsPids.length : undefined;
  return sandbox.pidMode === undefined || sandbox.pidMode === 'node' || columns === 1;
}

function leftover({ snapshot }: Scene, subject: Subject, left: readonly Process[]): Verdict {
  const { takenAtMs, kernel } = snapshot;
  const ages = left.map((process) => takenAtMs - (startedAtMs(process, kernel.bootTimeMs) ?? takenAtMs));
  const oldestMs = Math.max(...ages);
  const evidence: Evidence = {
    processes: left.length,
    names: [...new Set(left.map(({ comm }) => comm))].slice(0, LISTED),
    pids: left.slice(0, LISTED).map(({ pid }) => String(pid)),
    oldestAgeSeconds: Math.round(oldestMs / 1000),
  };
  return { kind: 'finding', severity: 'info', subject, evidence, heldSinceMs: takenAtMs - oldestMs };
}
