/** Random trees of processes for real pods, and what must become of them: who is left a zombie, and under whom. */
import type { ContainerSpec, PidMode, PodSpec } from '../lab/pod-spec.ts';

/** A zombie that must be found. */
export interface ExpectedZombie {
  readonly container: string;
  readonly comm: string;
  readonly parentComm: string;
  readonly parentKind: 'pause' | 'container-init' | 'process';
}

/** One pod to start, and its truth. */
export interface Round {
  readonly pod: PodSpec;
  readonly zombies: readonly ExpectedZombie[];
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Node {
  /** A letter of the trees in programs/zoo.c. */
  readonly kind: string;
  readonly number: number;
  readonly orphaned: boolean;
  readonly children: readonly Node[];
}

/** Who collects what has lost its parent. */
interface Reaper {
  readonly comm: string;
  readonly kind: 'pause' | 'container-init';
  readonly waits: boolean;
}

/** Makes one pod; `pauseReaps` tells which pause it will get. */
export function makeRound(name: string, random: () => number, pauseReaps: boolean): Round {
  const pick = <T>(values: readonly [T, ...T[]]): T => values[Math.floor(random() * values.length)] ?? values[0];
  const pidMode = pick<PidMode>(['container', 'container', 'pod', 'pod', 'node']);
  const count = pick([1, 1, 1, 2, 3]);
  const zombies: ExpectedZombie[] = [];
  const containers = Array.from({ length: count }, (_, index): ContainerSpec => {
    const container = `c${index}`;
    const tree = growTree(random, pick);
    const underShell = random() < 0.2;
    const reaper = reaperOf(pidMode, tree, underShell, pauseReaps);
    collect(tree, { container, isInit: pidMode === 'container' && !underShell, reaper, zombies });
    const spec = writeTree(tree);
    // A shell that never ends collects what it did not start, whatever it runs.
    const shell = ['sh', '-c', `zoo tree '${spec}' & while :; do sleep 60; done`];
    return { name: container, command: underShell ? shell : ['zoo', 'tree', spec] };
  });
  return { pod: { name, namespace: 'trees', pidMode, containers }, zombies };
}

function growTree(random: () => number, pick: <T>(values: readonly [T, ...T[]]) => T): Node {
  let made = 0;
  const grow = (depth: number): Node => {
    const number = made++;
    const isRoot = depth === 0;
    const kind = isRoot ? pick(['s', 's', 'r', 't']) : pick(['z', 'z', 'z', 's', 's', 'r', 'r', 't', 'd', 'c']);
    const parents = 'srt'.includes(kind) && depth < 4;
    const width = parents ? Math.floor(random() * (isRoot ? 5 : 4)) : 0;
    const children: Node[] = [];
    for (let i = 0; i < width && made < 14; i++) children.push(grow(depth + 1));
    return { kind, number, orphaned: !isRoot && random() < 0.25, children };
  };
  return grow(0);
}

function writeTree({ kind, number, orphaned, children }: Node): string {
  const inner = children.length === 0 ? '' : `(${children.map(writeTree).join(',')})`;
  return `${orphaned ? 'o' : ''}${kind}${number}${inner}`;
}

/** Orphans go to PID 1 of the container, to pause, or (in the PID namespace of the node) to the shim, which waits. */
function reaperOf(pidMode: PidMode, root: Node, underShell: boolean, pauseReaps: boolean): Reaper {
  if (pidMode === 'node') return { comm: 'containerd-shim', kind: 'pause', waits: true };
  if (pidMode === 'pod') return { comm: 'pause', kind: 'pause', waits: pauseReaps };
  return { comm: `n${root.number}`, kind: 'container-init', waits: underShell || root.kind === 'r' };
}

interface Collecting {
  readonly container: string;
  readonly isInit: boolean;
  readonly reaper: Reaper;
  readonly zombies: ExpectedZombie[];
}

function collect(parent: Node, about: Collecting): void {
  const { container, isInit, reaper, zombies } = about;
  const parentComm = `n${parent.number}`;
  for (const child of parent.children) {
    const comm = `n${child.number}`;
    if (child.kind === 'z' && child.orphaned) {
      if (!reaper.waits) zombies.push({ container, comm, parentComm: reaper.comm, parentKind: reaper.kind });
    } else if (child.kind === 'z' && parent.kind !== 'r') {
      zombies.push({ container, comm, parentComm, parentKind: isInit ? 'container-init' : 'process' });
    }
    collect(child, { ...about, isInit: false });
  }
}
