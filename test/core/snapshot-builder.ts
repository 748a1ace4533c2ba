/** Builds node snapshots for tests: sound defaults, and only what a test is about named. */
import { createHash } from 'node:crypto';
import {
  type CgroupPids,
  type Container,
  type KernelSnapshot,
  type NamespaceInodes,
  type NodeSnapshot,
  type PodSandbox,
  type Process,
  type ProcessProbe,
  type RuntimeSnapshot,
  type Shim,
  SNAPSHOT_SCHEMA_VERSION,
  type SourceFault,
} from '../../src/core/model.ts';

/** Monday, 23 November 2026, 04:54:12 UTC. */
export const NOW_MS = Date.UTC(2026, 10, 23, 4, 54, 12);
export const BOOT_MS = NOW_MS - 24 * 3_600_000;
export const ENDPOINT = 'unix:///run/containerd/containerd.sock';
export const PAUSE_IMAGE = 'registry.k8s.io/pause:3.9';
/** Inode of the node's own PID namespace. */
const NODE_PID_NS = 4_026_531_836;
/** Inode of the node's own user namespace: the same on every Linux. */
const NODE_USER_NS = 4_026_531_837;
/** SHA-256 of the program of a pause, unless told otherwise. */
export const PAUSE_SHA256 = 'b'.repeat(64);
/** Handlers of pause since 3.1 and before. */
const REAPING = '0000000000014002';
export const NOT_REAPING = '0000000000004002';
/** SIGCHLD alone. */
export const CHLD = '0000000000010000';

/** A whole id that nothing else has. */
export function idOf(name: string): string {
  return createHash('sha256').update(name).digest('hex');
}

/** What a test may say of a process; probe facts are given flat. */
export interface ProcessFacts extends Partial<Omit<Process, 'pid' | 'probe'>> {
  readonly nsPids?: readonly number[];
  readonly pidNs?: number | undefined;
  /** Namespaces other than those of the node. */
  readonly ns?: Partial<NamespaceInodes>;
  readonly wchan?: string;
  readonly threadWaits?: ProcessProbe['threads'];
  readonly tracerPid?: number;
  /** Null: could not be read. */
  readonly caught?: string | null;
  readonly ignored?: string;
  readonly exe?: string | undefined;
  readonly exeSha256?: string | undefined;
  readonly oomScoreAdj?: number | undefined;
  readonly userNs?: number | undefined;
  /** Why a field of the probe is missing. */
  readonly unknown?: ProcessProbe['unknown'];
  /** Not probed at all. */
  readonly unprobed?: boolean;
}

/** A process of the node that sleeps. */
export function process(pid: number, facts: ProcessFacts = {}): Process {
  const { nsPids = [pid], pidNs = NODE_PID_NS, caught = '0'.repeat(16), ignored = '0'.repeat(16), ...rest } = facts;
  const {
    unprobed = false,
    exe = '/bin/app',
    exeSha256,
    oomScoreAdj = 0,
    userNs = NODE_USER_NS,
    unknown = {},
    ns = {},
    wchan,
    threadWaits,
    tracerPid = 0,
    ...stat
  } = rest;
  const namespaces = { net: 1, ipc: 2, uts: 3, pid: pidNs, mnt: 4, cgroup: 5, user: userNs, ...ns };
  const probe: ProcessProbe = {
    nsPids,
    uid: 0,
    tracerPid,
    signalsCaught: caught ?? undefined,
    signalsIgnored: ignored,
    namespaces: {
      ...namespaces,
      ...('pidNs' in facts ? { pid: facts.pidNs } : {}),
      ...('userNs' in facts ? { user: facts.userNs } : {}),
    },
    exe: 'exe' in facts ? facts.exe : exe,
    exeSha256,
    oomScoreAdj: 'oomScoreAdj' in facts ? facts.oomScoreAdj : oomScoreAdj,
    rssBytes: 4096,
    wchan,
    threads: threadWaits,
    unknown,
  };
  const base = { ppid: 1, sessionId: pid, startTicks: 100_000 + pid, comm: 'app', state: 'S', threads: 1, cpuTicks: 2 };
  return { pid, cgroup: '/system.slice', ...base, ...stat, probe: unprobed ? undefined : probe };
}

/** Process 1 of the node. */
const INIT = process(1, { ppid: 0, comm: 'systemd', cgroup: '/init.scope', startTicks: 1 });

/** What a test may say of a container. */
export interface ContainerFacts extends Partial<Omit<Container, 'name' | 'id' | 'sandboxId'>> {
  /** Its first process; null: the kernel has none. */
  readonly init?: ProcessFacts | null;
}

/** What a test may say of a pod. */
export interface PodFacts {
  readonly sandbox?: Partial<Omit<PodSandbox, 'id'>>;
  /** Its pause process; null: the kernel has none. */
  readonly pause?: ProcessFacts | null;
  readonly containers?: Readonly<Record<string, ContainerFacts>>;
  /** Its own processes take PIDs from here: shim, pause, and ten for each container. */
  readonly base?: number;
  /** Directory of the pod, in which sandbox and containers have theirs. */
  readonly cgroup?: string;
  /** Processes beside pause, shim and the first ones of containers. */
  readonly more?: readonly Process[];
  /** pids.current, pids.max and refused forks of single cgroups, by container name, "pause" or "pod". */
  readonly pids?: Readonly<Record<string, Partial<CgroupPids>>>;
}

/** A pod in all its parts. */
export interface Pod {
  readonly sandbox: PodSandbox;
  /** PID of its shim. */
  readonly shim: number;
  readonly containers: readonly Container[];
  readonly processes: readonly Process[];
  readonly cgroups: Readonly<Record<string, CgroupPids>>;
  readonly cgroupOf: Readonly<Record<string, string>>;
}

/** PIDs of a pod: shim, pause, and first process of the container with that index. */
export const pidsOf = (base = 1000) => ({ shim: base, pause: base + 1, init: (index = 0) => base + 10 * (index + 1) });

/** The PID namespace of a pod's pause, and that of its container with that index. */
export const pidNsOf = (base = 1000) => ({ pause: 4_100_000_000 + base, init: (i = 0) => 4_200_000_000 + base + i });

/** A ready pod with one running container, "app", in a PID namespace of its own. */
export function pod(name = 'web', facts: PodFacts = {}): Pod {
  const { base = 1000, containers: containerFacts = { app: {} }, cgroup = `/kubepods/burstable/pod-${name}` } = facts;
  const sandbox = sandboxOf(name, base, facts.sandbox);
  const shared = sandbox.pidMode === 'pod';
  const host = sandbox.pidMode === 'node';
  const [pids, spaces] = [pidsOf(base), pidNsOf(base)];
  const shim = process(pids.shim, { comm: 'containerd-shim', cgroup: '/system.slice/containerd.service' });
  const processes: Process[] = [shim];
  const cgroupOf: Record<string, string> = { [sandbox.id]: `${cgroup}/${sandbox.id}` };
  if (facts.pause !== null) {
    const inside = host ? {} : { nsPids: [pids.pause, 1], pidNs: spaces.pause };
    const program = { comm: 'pause', exe: '/pause', exeSha256: PAUSE_SHA256, oomScoreAdj: -998, caught: REAPING };
    const own = { ppid: pids.shim, cgroup: cgroupOf[sandbox.id], ...program, ...inside };
    processes.push(process(pids.pause, { ...own, ...facts.pause }));
  }
  const containers = Object.entries(containerFacts).map(([containerName, { init, ...given }], index): Container => {
    const id = idOf(`${name}/${containerName}`);
    const pid = pids.init(index);
    cgroupOf[id] = `${cgroup}/${id}`;
    if (init !== null) {
      const inside = host
        ? {}
        : shared
          ? { nsPids: [pid, 7 + index], pidNs: spaces.pause }
          : { nsPids: [pid, 1], pidNs: spaces.init(index) };
      processes.push(process(pid, { comm: containerName, ppid: pids.shim, cgroup: cgroupOf[id], ...inside, ...init }));
    }
    const fixed = { id, sandboxId: sandbox.id, name: containerName, attempt: 0, state: 'running' } as const;
    const rest = {
      createdAtMs: sandbox.createdAtMs + 1000,
      imageRef: 'docker.io/library/app:1',
      pidMode: undefined,
      pid: { value: pid },
    };
    return { ...fixed, ...rest, ...given };
  });
  const cgroups = cgroupsOf(cgroup, cgroupOf, sandbox, containers, facts.pids ?? {});
  return {
    sandbox,
    shim: pids.shim,
    containers,
    processes: [...processes, ...(facts.more ?? [])],
    cgroups,
    cgroupOf,
  };
}

function sandboxOf(name: string, base: number, facts: PodFacts['sandbox']): PodSandbox {
  return {
    id: idOf(name),
    namespace: 'shop',
    name,
    uid: `uid-of-${name}`,
    attempt: 0,
    state: 'ready',
    createdAtMs: NOW_MS - 3_600_000,
    runtimeHandler: '',
    pidMode: 'container',
    networkMode: 'pod',
    ipcMode: 'pod',
    userMode: 'node',
    isolation: 'shared-kernel',
    isStatic: false,
    pauseEnd: undefined,
    netClosed: undefined,
    pause: { kind: 'pid', pid: pidsOf(base).pause },
    imageRef: PAUSE_IMAGE,
    ...facts,
  };
}

function cgroupsOf(
  pod: string,
  cgroupOf: Readonly<Record<string, string>>,
  sandbox: PodSandbox,
  containers: readonly Container[],
  pids: Readonly<Record<string, Partial<CgroupPids>>>,
): Record<string, CgroupPids> {
  const none = { limit: undefined, limitHits: 0 };
  const cgroups: Record<string, CgroupPids> = {};
  const add = (path: string, name: string, current: number): void => {
    cgroups[path] = { path, current, ...none, ...pids[name] };
  };
  add(cgroupOf[sandbox.id] ?? '', 'pause', 1);
  for (const { id, name } of containers) add(cgroupOf[id] ?? '', name, 3);
  add(pod, 'pod', 1 + 3 * containers.length);
  for (let at = pod.lastIndexOf('/'); at > 0; at = pod.lastIndexOf('/', at - 1)) add(pod.slice(0, at), '', 50);
  return cgroups;
}

/** What a test may say of a node. */
export interface NodeFacts {
  readonly pods?: readonly Pod[];
  /** Processes of no pod, beside PID 1. */
  readonly processes?: readonly Process[];
  readonly runtime?: Partial<RuntimeSnapshot>;
  readonly runtimes?: readonly RuntimeSnapshot[];
  readonly kernel?: Partial<KernelSnapshot>;
  readonly faults?: readonly SourceFault[];
  readonly takenAtMs?: number;
}

/** A snapshot of a node with containerd. */
export function node(facts: NodeFacts = {}): NodeSnapshot {
  const { pods = [], takenAtMs = NOW_MS } = facts;
  const runtime: RuntimeSnapshot = {
    endpoint: ENDPOINT,
    name: 'containerd',
    version: '1.7.24~ds1',
    flavour: 'containerd',
    up: true,
    answeredAtMs: takenAtMs,
    configuredPauseImage: PAUSE_IMAGE,
    conditions: [],
    sandboxes: pods.map(({ sandbox }) => sandbox),
    containers: pods.flatMap(({ containers }) => containers),
    images: [{ id: `sha256:${'e'.repeat(64)}`, tags: [PAUSE_IMAGE], digests: [], sizeBytes: 321_520, pinned: true }],
    ...facts.runtime,
  };
  return {
    schemaVersion: SNAPSHOT_SCHEMA_VERSION,
    node: 'worker-7',
    takenAtMs,
    runtimes: facts.runtimes ?? [runtime],
    kernel: {
      procfsUp: true,
      cgroupfsUp: true,
      bootTimeMs: BOOT_MS,
      processes: [INIT, ...(facts.processes ?? []), ...pods.flatMap(({ processes }) => processes)],
      unreadablePids: [],
      pidMax: 4_194_304,
      threadsMax: 192_730,
      cgroups: Object.assign({}, ...pods.map(({ cgroups }) => cgroups)) as Record<string, CgroupPids>,
      cgroupOf: Object.assign({}, ...pods.map(({ cgroupOf }) => cgroupOf)) as Record<string, string>,
      shims: pods.map(({ sandbox, shim }) => shimOf(shim, sandbox.id)),
      frozen: [],
      ...facts.kernel,
    },
    faults: facts.faults ?? [],
  };
}

/** What the command line of a containerd shim says. */
export function shimOf(pid: number, id: string, facts: Partial<Shim> = {}): Shim {
  return { pid, kind: 'shim', namespace: 'k8s.io', id, address: '/run/containerd/containerd.sock', ...facts };
}

/** A zombie in the PID namespace of a pod; like on cgroup v1 its cgroup tells nothing. */
export function zombie(pid: number, ppid: number, facts: ProcessFacts = {}): Process {
  return process(pid, { ppid, state: 'Z', comm: 'curl', cgroup: undefined, ...facts });
}

/** Many zombies under one parent, with PIDs from `first` on. */
export function zombies(count: number, first: number, ppid: number, facts: ProcessFacts = {}): Process[] {
  return Array.from({ length: count }, (_, index) => zombie(first + index, ppid, facts));
}

/** What PID `ppid` of a pod's container left lying, seen in that container's PID namespace. */
export function inContainer(base = 1000, index = 0): ProcessFacts {
  return { pidNs: pidNsOf(base).init(index), nsPids: [0, 40] };
}

/** Seen in the shared PID namespace of a pod. */
export function inPod(base = 1000): ProcessFacts {
  return { pidNs: pidNsOf(base).pause, nsPids: [0, 40] };
}
