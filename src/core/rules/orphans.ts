/** Rules about what lives in a pod's name without a record: processes, and shims that serve nothing. */

import { isNamespaceInit } from '../attribute.ts';
import { podKey } from '../churn.ts';
import type { Evidence, Subject, Verdict } from '../finding.ts';
import { groupBy } from '../group-by.ts';
import type { Process } from '../model.ts';
import { startedAtMs } from '../process-life.ts';
import { containerSubject, type PodScene, type Scene, sandboxSubject } from '../scene.ts';
import type { Orphans } from '../unclaimed.ts';
import { LISTED } from './rule.ts';

/** orphan-process: alive in a pod's cgroup, and no container that runs to belong to. */
export function* orphanProcess(scene: Scene): Generator<Verdict> {
  const { orphans } = scene;
  if (orphans === undefined) yield { kind: 'unknown', subject: { kind: 'node' }, reason: 'silent' };
  for (const group of orphans ?? []) {
    if (scene.snapshot.takenAtMs - group.startedAtMs < scene.policy.orphanGraceMs) continue;
    const pod = podOf(scene, group);
    const newer = newerSandbox(scene, group);
    yield {
      kind: 'finding',
      severity: newer === undefined ? 'warning' : 'critical',
      subject: subjectOf(newer ?? pod, pod, group),
      evidence: describe(scene, group, newer),
    };
  }
}

/** shim-orphaned: a shim (or conmon) of pods whose sandbox or container no runtime knows. */
export function* shimOrphaned(scene: Scene): Generator<Verdict> {
  const { snapshot, attribution, policy, strayShims: strays } = scene;
  if (strays === undefined) yield { kind: 'unknown', subject: { kind: 'node' }, reason: 'silent' };
  for (const { pid, id, kind } of strays ?? []) {
    const process = attribution.processAt(pid);
    const started = process && startedAtMs(process, snapshot.kernel.bootTimeMs);
    const subject: Subject = {
      kind: 'shim',
      pid,
      ...(process === undefined ? {} : { startTicks: process.startTicks }),
    };
    if (process === undefined || started === undefined) yield { kind: 'unknown', subject, reason: 'silent' };
    else if (snapshot.takenAtMs - started >= policy.orphanGraceMs) {
      const children = snapshot.kernel.processes.filter(({ ppid }) => ppid === pid).length;
      const ageSeconds = Math.round((snapshot.takenAtMs - started) / 1000);
      const evidence = { pid, comm: process.comm, program: kind, id: id ?? null, children, ageSeconds };
      yield { kind: 'finding', severity: 'info', subject, evidence };
    }
  }
}

/** The listed sandbox of the record, else the newest of the pod that the path names. */
function podOf(scene: Scene, group: Orphans): PodScene | undefined {
  return recordedPod(scene, group) ?? sandboxesOf(scene, group).toSorted(newestFirst)[0];
}

function recordedPod({ pods }: Scene, { id }: Orphans): PodScene | undefined {
  return pods.find(({ containers }) => containers.some(({ container }) => container.id === id));
}

/** Every sandbox of the pod: by the record, else by the UID in the path, unless pods of several names share it. */
function sandboxesOf(scene: Scene, group: Orphans): readonly PodScene[] {
  const recorded = recordedPod(scene, group);
  const uid = recorded?.sandbox.uid ?? group.uid ?? '';
  const sameUid = uid === '' ? [] : scene.pods.filter(({ sandbox }) => sandbox.uid === uid);
  const byPod = groupBy(sameUid, ({ sandbox }) => podKey(sandbox));
  if (recorded !== undefined) return byPod.get(podKey(recorded.sandbox)) ?? [];
  return byPod.size === 1 ? sameUid : [];
}

/** A ready sandbox of the same pod, made after these processes were started: the pod runs twice. */
function newerSandbox(scene: Scene, group: Orphans): PodScene | undefined {
  const own = recordedPod(scene, group);
  const ready = sandboxesOf(scene, group).filter((pod) => pod !== own && pod.sandbox.state === 'ready');
  return ready.toSorted(newestFirst).find(({ sandbox }) => sandbox.createdAtMs > group.startedAtMs);
}

function newestFirst(a: PodScene, b: PodScene): number {
  return b.sandbox.createdAtMs - a.sandbox.createdAtMs;
}

function subjectOf(shown: PodScene | undefined, recorded: PodScene | undefined, group: Orphans): Subject {
  const [{ pid, startTicks }] = group.processes;
  if (shown === undefined) return { kind: 'process', pid, startTicks };
  const container = recorded?.containers.find((it) => it.container.id === group.id)?.container;
  const place = container === undefined ? sandboxSubject(shown) : containerSubject(shown, container);
  return { ...place, kind: 'process', pid, startTicks };
}

function describe(scene: Scene, group: Orphans, newer: PodScene | undefined): Evidence {
  const { snapshot, attribution } = scene;
  const [oldest] = group.processes;
  const parent = attribution.processAt(oldest.ppid);
  return {
    pid: oldest.pid,
    comm: oldest.comm,
    processes: group.processes.length,
    names: [...new Set(group.processes.map(({ comm }) => comm))].slice(0, LISTED),
    containerId: group.id,
    podUid: group.uid ?? null,
    record: group.isRecorded ? 'exited' : 'none',
    newerSandboxId: newer?.sandbox.id ?? null,
    parentPid: parent?.pid ?? null,
    parentComm: parent?.comm ?? null,
    state: oldest.state,
    pauseSandboxId: pauseAbove(scene, oldest)?.sandbox.id ?? null,
    ageSeconds: Math.round((snapshot.takenAtMs - group.startedAtMs) / 1000),
  };
}

/** The pod whose pause is among the ancestors of a process: it is in that PID namespace, and ends with pause (case 5). */
function pauseAbove({ pods, attribution }: Scene, process: Process): PodScene | undefined {
  const seen = new Set<number>();
  for (
    let at: Process | undefined = process;
    at !== undefined && !seen.has(at.pid);
    at = attribution.processAt(at.ppid)
  ) {
    const above = at;
    const pod = pods.find(({ pause }) => pause.kind === 'found' && pause.process === above);
    if (pod !== undefined) return isNamespaceInit(above) ? pod : undefined;
    seen.add(at.pid);
  }
  return undefined;
}
