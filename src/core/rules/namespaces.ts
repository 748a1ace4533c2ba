/** Rules about namespaces: is every container where its pod asked for it to be. */
import type { DriftReason } from '../evidence/worded.ts';
import type { Evidence, Verdict } from '../finding.ts';
import type { FaultCode, NamespaceInodes, NamespaceKind, NamespaceMode } from '../model.ts';
import { isDeadState } from '../process-life.ts';
import {
  type ContainerScene,
  containerSubject,
  isAlive,
  isFinished,
  type PodScene,
  type Scene,
  sandboxSubject,
} from '../scene.ts';

/** namespace-drift: a container is in other namespaces than its sandbox, or its pod lives in two sandboxes at once. */
export function* namespaceDrift(scene: Scene): Generator<Verdict> {
  const node = scene.attribution.processAt(1)?.probe?.namespaces;
  const oldGenerations = new Set<ContainerScene>();
  for (const verdict of generations(scene, oldGenerations)) yield verdict;
  for (const pod of scene.pods) {
    if (isFinished(pod)) continue;
    for (const it of pod.containers) {
      if (oldGenerations.has(it)) continue;
      yield* ofContainer(pod, it, node);
    }
    yield* ofClosedNetwork(pod);
  }
}

/** Containers that run on in a sandbox while the pod has a newer one with containers of its own (case 44). */
function* generations({ superseded }: Scene, found: Set<ContainerScene>): Generator<Verdict> {
  for (const { pod, newest } of superseded) {
    if (newest.sandbox.state !== 'ready' || !newest.containers.some(isAlive)) continue;
    const theirs = referenceOf(newest);
    for (const it of pod.containers.filter(isAlive)) {
      found.add(it);
      const own = namespacesOf(it);
      const differing = (['net', 'ipc', 'uts', 'pid'] as const).filter(
        (kind) => own?.[kind] !== undefined && theirs?.[kind] !== undefined && own[kind] !== theirs[kind],
      );
      const evidence: Evidence = {
        reason: 'two-generations' satisfies DriftReason,
        kinds: differing,
        pid: it.init.kind === 'found' ? it.init.process.pid : null,
        attempt: pod.sandbox.attempt,
        newestAttempt: newest.sandbox.attempt,
        newestSandboxId: newest.sandbox.id,
      };
      yield { kind: 'finding', severity: 'critical', subject: containerSubject(pod, it.container), evidence };
    }
  }
}

/** One container against its sandbox, kind by kind as its pod asked for. */
function* ofContainer(pod: PodScene, it: ContainerScene, node: NamespaceInodes | undefined): Generator<Verdict> {
  if (!isAlive(it)) return;
  const own = namespacesOf(it);
  if (own === undefined) {
    yield { kind: 'unknown', subject: containerSubject(pod, it.container), reason: 'silent' };
    return;
  }
  const expectations = expectationsOf(pod, it, node);
  const drifted: {
    readonly kind: NamespaceKind;
    readonly from: string;
    readonly inode: number;
    readonly wanted: number;
  }[] = [];
  let unread: FaultCode | undefined;
  for (const { kind, from, inode: wanted } of expectations) {
    const inode = own[kind];
    if (inode === undefined || wanted === undefined) unread ??= reasonOf(it, kind);
    else if (inode !== wanted) drifted.push({ kind, from, inode, wanted });
  }
  const [first] = drifted;
  if (first !== undefined) {
    const evidence: Evidence = {
      reason: 'drifted' satisfies DriftReason,
      kinds: drifted.map(({ kind }) => kind),
      pid: it.init.kind === 'found' ? it.init.process.pid : null,
      expected: first.from,
      inodes: drifted.map(({ kind, inode, wanted }) => `${kind}:[${inode}] instead of ${kind}:[${wanted}]`),
    };
    yield { kind: 'finding', severity: 'critical', subject: containerSubject(pod, it.container), evidence };
  } else if (unread !== undefined)
    yield { kind: 'unknown', subject: containerSubject(pod, it.container), reason: unread };
}

interface Expectation {
  readonly kind: NamespaceKind;
  /** Whose it should be. */
  readonly from: 'sandbox' | 'node';
  readonly inode: number | undefined;
}

/**
 * Which namespaces a container must be in. The UTS namespace is the sandbox's, in the node's network too; the PID
 * namespace is its own unless the pod, or this container alone (a debug container), asked for another; with TARGET it is
 * that of another container. Docker gives each container a UTS namespace, and cri-dockerd says CONTAINER of a pod that
 * shares its PID namespace: there neither can be held against the sandbox.
 */
function expectationsOf(pod: PodScene, it: ContainerScene, node: NamespaceInodes | undefined): Expectation[] {
  const { networkMode, ipcMode } = pod.sandbox;
  const sandbox = referenceOf(pod);
  const wanted: Expectation[] = [];
  const add = (kind: NamespaceKind, mode: NamespaceMode | undefined): void => {
    if (mode === 'pod' && sandbox !== undefined) wanted.push({ kind, from: 'sandbox', inode: sandbox[kind] });
    // A pause that keeps the node's own namespaces is as good a witness as PID 1, which may be closed to us.
    if (mode === 'node') wanted.push({ kind, from: 'node', inode: node?.[kind] ?? sandbox?.[kind] });
  };
  add('net', networkMode);
  add('ipc', ipcMode);
  if (pod.runtime.flavour === 'containerd' || pod.runtime.flavour === 'cri-o') {
    add('uts', 'pod');
    const asked = it.container.pidMode ?? pod.sandbox.pidMode;
    // One container cannot have the node's where its pod has not: containerd puts it into the pod's.
    if (asked !== 'node' || pod.sandbox.pidMode === 'node') add('pid', asked);
  }
  return wanted;
}

/** Pause's; without a living pause those of the oldest container that runs, if there is another to hold against it. */
function referenceOf({ pause, containers }: PodScene): NamespaceInodes | undefined {
  if (pause.kind === 'found') return isDeadState(pause.process.state) ? undefined : pause.process.probe?.namespaces;
  const alive = containers.filter(isAlive);
  const [oldest] = alive;
  const reference = oldest === undefined || alive.length < 2 ? undefined : namespacesOf(oldest);
  // What each has for itself cannot be compared.
  return reference && { ...reference, pid: undefined };
}

function namespacesOf({ init }: ContainerScene): NamespaceInodes | undefined {
  return init.kind === 'found' ? init.process.probe?.namespaces : undefined;
}

function reasonOf({ init }: ContainerScene, kind: NamespaceKind): FaultCode {
  const unknown = init.kind === 'found' ? init.process.probe?.unknown : undefined;
  return unknown?.[`namespaces.${kind}`] ?? 'silent';
}

/** The runtime has lost the network namespace of a sandbox that runs on (case 43). */
function* ofClosedNetwork(pod: PodScene): Generator<Verdict> {
  const { sandbox, pauseHealth } = pod;
  const isLost = sandbox.netClosed === true && sandbox.state === 'ready' && sandbox.networkMode === 'pod';
  if (!isLost || pauseHealth !== 'alive') return;
  const evidence: Evidence = {
    reason: 'network-lost' satisfies DriftReason,
    kinds: ['net'],
    pausePid: pausePidOf(pod),
  };
  yield { kind: 'finding', severity: 'warning', subject: sandboxSubject(pod), evidence };
}

function pausePidOf({ pause }: PodScene): number | null {
  return pause.kind === 'found' ? pause.process.pid : null;
}
