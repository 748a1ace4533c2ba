/** Tasks of a pod against the limits on its cgroup path. */
import { kubepodsRoot } from './cgroup-path.ts';
import type { CgroupPids, KernelSnapshot, NodeSnapshot } from './model.ts';
import type { LimitFrom } from './report.ts';

/** What the pids controller says of one pod. */
export interface PodPids {
  /** Tasks charged to the pod, zombies included; undefined when no cgroup of it could be read. */
  readonly current: number | undefined;
  /** The limit with the least headroom. */
  readonly limit: number | undefined;
  readonly limitFrom: LimitFrom;
  /** Tasks that still fit under that limit; undefined without one. */
  readonly room: number | undefined;
  /** Largest current/limit over the pod's cgroup and its containers'; 0 without a limit. */
  readonly utilization: number | undefined;
  /** The limit of the pod or of a container that is used to that share. */
  readonly fullest: PidLimit | undefined;
  /** Forks refused since the cgroups were made; undefined when none was readable. */
  readonly limitHits: number | undefined;
  /** The cgroups of sandbox and containers. */
  readonly leaves: readonly CgroupPids[];
  /** The pod's own cgroup, where it has one to itself. */
  readonly pod: CgroupPids | undefined;
}

/** A limit and the tasks charged against it. */
export interface PidLimit {
  readonly from: LimitFrom;
  readonly limit: number;
  readonly current: number;
  /** Of the cgroup; undefined for limits of the node. */
  readonly path: string | undefined;
}

/** Tasks of the whole node, and what they are held against. */
export interface NodePids {
  /** Dead ones included; undefined without /proc. */
  readonly tasks: number | undefined;
  /** pid_max and threads-max, each where it is known. */
  readonly limits: readonly PidLimit[];
  /** Every cgroup under which a kubelet has its pods: nearly always one. */
  readonly kubepods: readonly CgroupPids[];
}

/** Prepares one snapshot for questions about its pods. */
export function createPidsReader(
  snapshot: NodeSnapshot,
  { limits: node }: NodePids,
): (sandboxId: string, ids: readonly string[]) => PodPids {
  const { kernel } = snapshot;
  const tenants = tenantsByCgroup(snapshot);
  return (sandboxId, containerIds) => {
    const leaves = [sandboxId, ...containerIds].flatMap((id) => cgroupOf(kernel, id));
    const common = commonAncestor(leaves.map(({ path }) => path));
    const pod = common && tenants.get(common) === sandboxId ? kernel.cgroups[common] : undefined;
    return podPids(leaves, pod, kubepodsOf(kernel, leaves[0]?.path), node);
  };
}

function podPids(
  leaves: readonly CgroupPids[],
  pod: CgroupPids | undefined,
  kubepods: CgroupPids | undefined,
  node: readonly PidLimit[],
): PodPids {
  if (leaves.length === 0) return NOTHING_KNOWN;
  const own = leaves.flatMap((leaf) => limitOf('container', leaf));
  if (pod !== undefined) own.push(...limitOf('pod', pod));
  const all = [...own, ...(kubepods === undefined ? [] : limitOf('kubepods', kubepods)), ...node];
  const tightest = all.toSorted((a, b) => a.limit - a.current - (b.limit - b.current))[0];
  const fullest = own.toSorted((a, b) => shareOf(b) - shareOf(a))[0];
  const counted = pod === undefined ? leaves : [pod];
  return {
    current: sum(counted.map(({ current }) => current)),
    limit: tightest?.limit,
    limitFrom: tightest?.from ?? 'none',
    room: tightest === undefined ? undefined : Math.max(0, tightest.limit - tightest.current),
    utilization: fullest === undefined ? 0 : shareOf(fullest),
    fullest,
    limitHits: refusedForks(
      leaves.map(({ limitHits }) => limitHits),
      pod?.limitHits,
    ),
    leaves,
    pod,
  };
}

const NOTHING_KNOWN: PodPids = {
  current: undefined,
  limit: undefined,
  limitFrom: 'none',
  room: undefined,
  utilization: undefined,
  fullest: undefined,
  limitHits: undefined,
  leaves: [],
  pod: undefined,
};

/**
 * Forks refused in a pod. Until Linux 6.11, and on cgroup v1, pids.events counts in the cgroup that tried to fork
 * (L12); since then, on v2, in the one whose limit was reached and in all above it. The pod's own count then holds
 * those of its containers, else it is 0: the larger is right in both.
 */
export function refusedForks(leaves: readonly (number | undefined)[], pod: number | undefined): number | undefined {
  const below = sum(leaves);
  return below === undefined || pod === undefined ? (below ?? pod) : Math.max(below, pod);
}

/** The cgroup under which every pod of the kubelet lives, whatever the driver; undefined outside of one. */
function kubepodsOf(kernel: KernelSnapshot, path: string | undefined): CgroupPids | undefined {
  const root = kubepodsRoot(path);
  return root === undefined ? undefined : kernel.cgroups[root];
}

/** Counts the tasks of the whole node. */
export function countNodePids({ cgroups, procfsUp, processes, pidMax, threadsMax }: KernelSnapshot): NodePids {
  const kubepods = Object.values(cgroups).filter(({ path }) => kubepodsRoot(path) === path);
  if (!procfsUp) return { tasks: undefined, limits: [], kubepods };
  const tasks = processes.reduce((sum, { threads }) => sum + Math.max(threads, 1), 0);
  const limits: PidLimit[] = [];
  const own = { current: tasks, path: undefined };
  if (pidMax !== undefined) limits.push({ from: 'pid-max', limit: pidMax, ...own });
  if (threadsMax !== undefined) limits.push({ from: 'threads-max', limit: threadsMax, ...own });
  return { tasks, limits, kubepods };
}

function cgroupOf(kernel: KernelSnapshot, id: string): CgroupPids[] {
  const path = kernel.cgroupOf[id];
  const cgroup = path === undefined ? undefined : kernel.cgroups[path];
  return cgroup === undefined ? [] : [cgroup];
}

/** Which sandbox has a directory to itself; `undefined` for one that several share. */
function tenantsByCgroup({ kernel, runtimes }: NodeSnapshot): Map<string, string | undefined> {
  const tenants = new Map<string, string | undefined>();
  const settle = (id: string, sandboxId: string): void => {
    const path = kernel.cgroupOf[id] ?? '';
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
      const directory = path.slice(0, at);
      const isNew = !tenants.has(directory);
      const tenant = tenants.get(directory);
      // What is above a shared directory is shared too, and above one's own this sandbox has been already.
      if (!isNew && (tenant === undefined || tenant === sandboxId)) return;
      tenants.set(directory, isNew ? sandboxId : undefined);
    }
  };
  for (const runtime of runtimes) {
    for (const { id } of runtime.sandboxes) settle(id, id);
    for (const { id, sandboxId } of runtime.containers) settle(id, sandboxId);
  }
  return tenants;
}

/** The deepest directory that holds every path; of a single path, its parent. */
function commonAncestor(paths: readonly string[]): string | undefined {
  const [first, ...others] = paths;
  if (first === undefined) return undefined;
  let common = first.slice(0, Math.max(0, first.lastIndexOf('/')));
  for (const other of others) {
    while (common !== '' && !other.startsWith(`${common}/`)) common = common.slice(0, common.lastIndexOf('/'));
  }
  return common;
}

/** The limit of a cgroup, where it has one. */
export function limitOf(from: LimitFrom, { limit, current, path }: CgroupPids): PidLimit[] {
  return limit === undefined || current === undefined ? [] : [{ from, limit, current, path }];
}

/** Which part of a limit is used; a limit of 0 is used up. */
export function shareOf({ limit, current }: PidLimit): number {
  return limit === 0 ? 1 : current / limit;
}

function sum(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : known.reduce((a, b) => a + b, 0);
}
