/** A node in memory whose processes live and die as a test says. */
import { dirname } from 'node:path';
import type { Named } from '../../src/kernel/tally.ts';
import { createNodeWriter, isIn, type ModelProcess } from './node-writer.ts';

/** What may happen between two looks. `at` picks whom it happens to. */
export interface Step {
  readonly kind:
    | 'fork'
    | 'fork-below'
    | 'fork-host'
    | 'die'
    | 'reap'
    | 'thread'
    | 'end-thread'
    | 'end-container'
    | 'add-container'
    | 'brief';
  readonly at: number;
}

/** The kinds of steps, the frequent ones repeated. */
export const STEP_KINDS = [
  ...(['fork', 'fork', 'fork', 'die', 'die', 'die', 'reap', 'reap', 'brief', 'brief'] as const),
  ...(['fork-below', 'fork-host', 'thread', 'end-thread', 'end-container', 'add-container'] as const),
] as const satisfies readonly Step['kind'][];

const PODS = 2;

interface Leaf {
  readonly id: string;
  readonly sandboxId: string;
  readonly path: string;
  readonly init: ModelProcess;
}

/** Makes a node with two pods of two containers each, written to `root` as `proc` and `cgroup`. */
export function createNodeModel(root: string, version: 'v1' | 'v2') {
  const processes = new Map<number, ModelProcess>();
  let leaves: Leaf[] = [];
  const below = new Set<string>();
  let made = 0;

  function start(cgroup: string, ppid: number): ModelProcess {
    made++;
    const process = { pid: made + 1, startTicks: made, ppid, cgroup, dead: false, threads: 1 };
    processes.set(process.pid, process);
    return process;
  }

  function addLeaf(pod: number, sandboxId: string | undefined): Leaf {
    const id = (leaves.length + made * 16 + 1).toString(16).padStart(64, 'a');
    const path = `/kubepods/pod${pod}/${id}`;
    const init = start(path, 1);
    const leaf = { id, sandboxId: sandboxId ?? id, path, init };
    leaves.push(leaf);
    return leaf;
  }

  start('/init.scope', 0);
  processes.clear();
  processes.set(1, { pid: 1, startTicks: 1, ppid: 0, cgroup: '/init.scope', dead: false, threads: 1 });
  for (let pod = 0; pod < PODS; pod++) {
    const { id } = addLeaf(pod, undefined);
    addLeaf(pod, id);
    addLeaf(pod, id);
  }

  const isContainer = (leaf: Leaf): boolean => leaf.id !== leaf.sandboxId;
  const pick = <T>(from: readonly T[], at: number): T | undefined => from[at % Math.max(1, from.length)];

  function apply({ kind, at }: Step): void {
    const alive = [...processes.values()].filter(({ dead, pid }) => !dead && pid !== 1);
    const parent = pick(alive, at);
    switch (kind) {
      case 'fork':
        if (parent !== undefined) start(parent.cgroup, parent.pid);
        return;
      case 'fork-below': {
        const leaf = pick(leaves.filter(isContainer), at);
        if (leaf === undefined) return;
        below.add(`${leaf.path}/nested`);
        start(`${leaf.path}/nested`, leaf.init.pid);
        return;
      }
      case 'fork-host':
        start('/system.slice/x.service', 1);
        return;
      case 'die':
        return die(parent);
      case 'brief':
        // Born and dead within one look: nobody saw it alive.
        if (parent !== undefined) die(start(parent.cgroup, parent.pid));
        return;
      case 'reap':
        return reap(
          pick(
            [...processes.values()].filter(({ dead, threads }) => dead && threads === 1),
            at,
          ),
        );
      case 'thread':
        if (parent !== undefined) parent.threads++;
        return;
      case 'end-thread': {
        const many = pick(
          [...processes.values()].filter(({ threads }) => threads > 1),
          at,
        );
        if (many !== undefined) many.threads--;
        return;
      }
      case 'end-container':
        return endContainer(pick(leaves.filter(isContainer), at));
      case 'add-container': {
        const pod = at % PODS;
        const sandbox = leaves.find(({ path, id, sandboxId }) => id === sandboxId && path.includes(`/pod${pod}/`));
        addLeaf(pod, sandbox?.id);
        return;
      }
      default:
        return kind satisfies never;
    }
  }

  function die(process: ModelProcess | undefined): void {
    if (process === undefined) return;
    process.dead = true;
    for (const child of processes.values()) if (child.ppid === process.pid && process.threads === 1) child.ppid = 1;
  }

  function reap(process: ModelProcess | undefined): void {
    if (process === undefined) return;
    processes.delete(process.pid);
    for (const child of processes.values()) if (child.ppid === process.pid) child.ppid = 1;
  }

  /** All in it die, half are reaped, the rest are left to pause; the kernel then lets its cgroup be removed. */
  function endContainer(leaf: Leaf | undefined): void {
    if (leaf === undefined) return;
    const pause = leaves.find(({ id }) => id === leaf.sandboxId);
    for (const process of [...processes.values()].filter(({ cgroup }) => isIn(cgroup, leaf.path))) {
      process.threads = 1;
      die(process);
      if (process === leaf.init || process.pid % 2 === 0) reap(process);
      else process.ppid = pause?.init.pid ?? 1;
    }
    leaves = leaves.filter((it) => it !== leaf);
    for (const path of below) if (isIn(path, leaf.path)) below.delete(path);
  }

  const writeChanges = createNodeWriter(root, version);
  const write = (): void => {
    const pods = new Set(leaves.map(({ path }) => dirname(path)));
    const directories = ['/kubepods', ...pods, ...leaves.map(({ path }) => path), ...below];
    writeChanges([...processes.values()], directories);
  };

  return {
    apply,
    write,
    /** What the runtime would say now. */
    named: (): Named => ({
      sandboxOf: new Map(leaves.map(({ id, sandboxId }) => [id, sandboxId])),
      running: new Set(leaves.map(({ id }) => id)),
      pids: new Set(leaves.map(({ init }) => init.pid)),
    }),
    /** Whether a process is charged to a pod. */
    isInPod: (pid: number): boolean => processes.get(pid)?.cgroup.startsWith('/kubepods/') ?? false,
  };
}
