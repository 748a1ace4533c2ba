/** A node in memory whose processes live and die at random, written out as the procfs and cgroupfs a kernel would show. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Named } from '../../src/kernel/tally.ts';
import { statLine } from './fixture-tree.ts';

/** One process of the model. */
export interface ModelProcess {
  readonly pid: number;
  readonly startTicks: number;
  ppid: number;
  /** Path of its cgroup. A dead one stays charged there. */
  readonly cgroup: string;
  dead: boolean;
  /** The leader included, dead or not. */
  threads: number;
}

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
  const written = new Map<string, string>();
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

  /** Writes what changed since the last time. */
  function write(): void {
    const files = new Map<string, string>();
    for (const process of processes.values()) {
      const { pid, ppid, startTicks, threads, dead, cgroup } = process;
      files.set(`proc/${pid}/stat`, statLine({ pid, ppid, startTicks, threads, state: dead ? 'Z' : 'S' }));
      files.set(`proc/${pid}/cgroup`, version === 'v1' ? `8:pids:${dead ? '/' : cgroup}\n0::/\n` : `0::${cgroup}\n`);
    }
    const pods = [...new Set(leaves.map(({ path }) => dirname(path)))];
    const directories = ['/kubepods', ...pods, ...leaves.map(({ path }) => path), ...below];
    const prefix = version === 'v1' ? 'cgroup/pids' : 'cgroup';
    if (version === 'v2') files.set('cgroup/cgroup.controllers', 'pids\n');
    for (const path of directories) {
      const charged = [...processes.values()].filter(({ cgroup }) => isIn(cgroup, path));
      const tasks = charged.reduce((sum, { threads }) => sum + threads, 0);
      files.set(`${prefix}${path}/pids.current`, `${tasks}\n`);
      files.set(`${prefix}${path}/pids.max`, 'max\n');
      files.set(`${prefix}${path}/pids.events`, 'max 0\n');
      const listed = charged
        .filter(({ cgroup }) => cgroup === path)
        .flatMap(({ pid, threads, dead }) => Array.from({ length: threads - (dead ? 1 : 0) }, (_, i) => pid * 100 + i));
      files.set(
        `${prefix}${path}/${version === 'v1' ? 'tasks' : 'cgroup.threads'}`,
        listed.map((tid) => `${tid}\n`).join(''),
      );
    }
    for (const path of written.keys()) {
      if (files.has(path)) continue;
      rmSync(join(root, dirname(path)), { recursive: true, force: true });
      written.delete(path);
    }
    for (const [path, text] of files) {
      if (written.get(path) === text) continue;
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
      written.set(path, text);
    }
  }

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

function isIn(cgroup: string, path: string): boolean {
  return cgroup === path || cgroup.startsWith(`${path}/`);
}
