/** Finds what lives on the node in a pod's name without a record: processes in pods' cgroups, and shims that serve nothing. */
import type { Attribution } from './attribute.ts';
import { type PodPlace, podPlaceOf } from './cgroup-path.ts';
import { groupBy } from './group-by.ts';
import type { NodeSnapshot, Process, RuntimeSnapshot, Shim } from './model.ts';
import { isDeadState, startMs } from './process-life.ts';

/** What is looked through. */
interface Joined {
  readonly snapshot: NodeSnapshot;
  readonly attribution: Attribution;
}

/** Live processes in the cgroup of one id that does not run by the runtime's word. */
export interface Orphans {
  /** Id in their path. */
  readonly id: string;
  /** UID of their pod as the path names it; undefined when it does not. */
  readonly uid: string | undefined;
  /** Oldest first; at least one. */
  readonly processes: readonly [Process, ...Process[]];
  /** When the oldest started, milliseconds since the epoch. */
  readonly startedAtMs: number;
  /** The runtime has a record of the container, by which it has ended. */
  readonly isRecorded: boolean;
}

/**
 * Processes in pods' cgroups whose container has no record, or one by which it has ended. Undefined when nobody can
 * tell: a runtime is silent (what it lists is not known now), processes or the time of boot cannot be read.
 */
export function findOrphans(joined: Joined): readonly Orphans[] | undefined {
  const { kernel, runtimes } = joined.snapshot;
  const { bootTimeMs } = kernel;
  const canTell =
    kernel.procfsUp && kernel.shims !== undefined && runtimes.length > 0 && runtimes.every(({ up }) => up);
  if (!canTell || bootTimeMs === undefined) return undefined;
  const records = recordsOf(runtimes);
  const isOurs = createTreeJudge(joined);
  const foreign = foreignShims(joined);
  const placeOf = createPlaces();
  const claimed = claimedPaths(kernel, records);
  const found = kernel.processes.flatMap((process) => {
    if (claimed.has(process.cgroup) || isDeadState(process.state)) return [];
    const place = placeOf(process.cgroup);
    if (place === undefined || records.get(place.id) === 'runs' || !isOurs(place.root)) return [];
    return foreign(process) ? [] : [{ place, process }];
  });
  return [...groupBy(found, ({ place }) => place.id)].flatMap(([id, members]): Orphans[] => {
    const processes = members.map(({ process }) => process).toSorted((a, b) => a.startTicks - b.startTicks);
    const [oldest, ...rest] = processes;
    if (oldest === undefined) return [];
    const started = startMs(oldest, bootTimeMs);
    const uid = members[0]?.place.uid;
    return [{ id, uid, processes: [oldest, ...rest], startedAtMs: started, isRecorded: records.has(id) }];
  });
}

/** Cgroups of what runs: almost every process is in one of them, and reading its path is spared. */
function claimedPaths(
  { cgroupOf }: NodeSnapshot['kernel'],
  records: ReadonlyMap<string, 'runs' | 'ended'>,
): ReadonlySet<string | undefined> {
  const claimed = new Set<string | undefined>();
  for (const [id, path] of Object.entries(cgroupOf)) if (records.get(id) === 'runs') claimed.add(path);
  return claimed;
}

/** Processes of one container share a path: each is read once. */
function createPlaces(): (path: string | undefined) => PodPlace | undefined {
  const known = new Map<string | undefined, PodPlace | undefined>();
  return (path) => {
    if (!known.has(path)) known.set(path, podPlaceOf(path));
    return known.get(path);
  };
}

/** By id: whether it may have processes. A sandbox that is not ready may be ending, and its pause is judged by itself. */
function recordsOf(runtimes: readonly RuntimeSnapshot[]): ReadonlyMap<string, 'runs' | 'ended'> {
  const records = new Map<string, 'runs' | 'ended'>();
  for (const { sandboxes, containers } of runtimes) {
    for (const { id } of sandboxes) records.set(id, 'runs');
    for (const { id, state } of containers) records.set(id, state === 'exited' ? 'ended' : 'runs');
  }
  return records;
}

/** The kubelet's tree is at the top, or where known pods are: another kubelet's pods (in a nested node) are not ours. */
function createTreeJudge({ snapshot: { kernel, runtimes } }: Joined): (root: string) => boolean {
  let known: readonly string[] | undefined;
  return (root) => {
    // Asked only when something is unclaimed: on most nodes never.
    known ??= [...new Set(knownRoots(kernel, runtimes))];
    return !root.slice(1).includes('/') || known.some((it) => it.endsWith(root) || root.endsWith(it));
  };
}

function knownRoots({ cgroupOf }: NodeSnapshot['kernel'], runtimes: readonly RuntimeSnapshot[]): readonly string[] {
  const ids = runtimes.flatMap(({ sandboxes }) => sandboxes.map(({ id }) => id));
  return ids.flatMap((id) => podPlaceOf(cgroupOf[id])?.root ?? []);
}

/** Whether a process descends from a shim of a containerd namespace that is not that of pods (Docker in the pod's cgroup). */
function foreignShims({ snapshot, attribution }: Joined): (process: Process) => boolean {
  const shims = new Map((snapshot.kernel.shims ?? []).map((shim) => [shim.pid, shim]));
  const own = podNamespaces(snapshot.runtimes);
  return (process) => {
    const seen = new Set<number>();
    for (let at: Process | undefined = process; at !== undefined && !seen.has(at.pid); ) {
      const shim = shims.get(at.pid);
      if (shim !== undefined) return shim.kind === 'shim' && !own.has(shim.namespace ?? '');
      seen.add(at.pid);
      at = attribution.processAt(at.ppid);
    }
    return false;
  };
}

/** containerd keeps pods in a namespace of their own; Docker has one for everything. */
function podNamespaces(runtimes: readonly RuntimeSnapshot[]): ReadonlySet<string> {
  const docker = runtimes.some(({ flavour }) => flavour === 'cri-dockerd' || flavour === 'docker');
  return new Set(docker ? ['k8s.io', 'moby'] : ['k8s.io']);
}

/**
 * Shims that serve a sandbox or container of pods which no runtime lists. Left out: other containerd namespaces, another
 * containerd's shims, containers made by hand (an id that is none, or processes outside of pods; L26). Undefined when
 * nobody can tell.
 */
export function findStrayShims({ snapshot }: Joined): readonly Shim[] | undefined {
  const { kernel, runtimes } = snapshot;
  if (kernel.shims === undefined || runtimes.length === 0 || !runtimes.every(({ up }) => up)) return undefined;
  const listed = recordsOf(runtimes);
  const isOurs = createShimJudge(kernel.shims, listed, runtimes);
  const strays = kernel.shims.filter((shim) => shim.id !== undefined && !listed.has(shim.id) && isOurs(shim));
  if (strays.length === 0) return [];
  const childrenOf = groupBy(kernel.processes, ({ ppid }) => ppid);
  return strays.filter(({ pid }) =>
    (childrenOf.get(pid) ?? []).every((child) => isDeadState(child.state) || podPlaceOf(child.cgroup) !== undefined),
  );
}

/** A containerd that serves pods is known by the shims of listed pods; without any, by the end of its socket's path. */
function createShimJudge(
  shims: readonly Shim[],
  listed: ReadonlyMap<string, unknown>,
  runtimes: readonly RuntimeSnapshot[],
): (shim: Shim) => boolean {
  const serving = shims.filter(({ id, namespace }) => namespace === 'k8s.io' && listed.has(id ?? ''));
  const addresses = new Set(serving.map(({ address }) => address));
  const endpoints = runtimes.filter(({ flavour }) => flavour === 'containerd').map(({ endpoint }) => endpoint);
  const hasCriO = runtimes.some(({ flavour }) => flavour === 'cri-o');
  return ({ kind, id, namespace, address }) => {
    if (!/^[0-9a-f]{64}$/.test(id ?? '')) return false;
    if (kind === 'conmon') return hasCriO;
    if (namespace !== 'k8s.io' || address === undefined) return false;
    return addresses.size > 0 ? addresses.has(address) : endpoints.some((endpoint) => endpoint.endsWith(address));
  };
}
