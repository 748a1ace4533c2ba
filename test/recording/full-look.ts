/** A look in which every field of the model is filled and every kind of every union appears. */
import { type NodeSnapshot, type ProcessProbe, SNAPSHOT_SCHEMA_VERSION } from '../../src/core/model.ts';
import { BOOT_MS, ENDPOINT, idOf, NOW_MS, PAUSE_IMAGE } from '../core/snapshot-builder.ts';

const POD_UID = '0b7e5a52-6a3e-4c52-9a57-5d2c3f0f8a11';
const CGROUP = `/kubepods.slice/kubepods-pod${POD_UID.replaceAll('-', '_')}.slice`;
const SANDBOX = { id: idOf('web'), path: `${CGROUP}/cri-containerd-${idOf('web')}.scope` };
const CONTAINER = { id: idOf('web/app'), path: `${CGROUP}/cri-containerd-${idOf('web/app')}.scope` };

const PROBE: ProcessProbe = {
  nsPids: [4711, 1],
  uid: 65_535,
  tracerPid: 815,
  signalsCaught: '0000000000014002',
  signalsIgnored: '0000000000000001',
  namespaces: { net: 4_026_532_001, ipc: 2, uts: 3, pid: 4, mnt: 5, cgroup: 6, user: 7 },
  exe: '/opt/acme/pause',
  exeSha256: 'c'.repeat(64),
  oomScoreAdj: -998,
  rssBytes: 4096,
  wchan: 'zap_pid_ns_processes',
  threads: [{ tid: 4712, state: 'D', wchan: 'rpc_wait_bit_killable' }],
  unknown: { exe: 'denied', 'namespaces.net': 'vanished' },
};

const SANDBOX_FACTS = {
  namespace: 'shop',
  uid: POD_UID,
  attempt: 2,
  createdAtMs: NOW_MS - 3_600_000,
  runtimeHandler: 'kata-acme',
  pidMode: 'pod',
  networkMode: 'node',
  ipcMode: 'container',
  userMode: 'pod',
  isolation: 'vm',
  isStatic: true,
  pauseEnd: { exitCode: 137, oomKilled: true },
  imageRef: PAUSE_IMAGE,
  netClosed: false,
} as const;

const CONTAINER_FACTS = {
  sandboxId: SANDBOX.id,
  attempt: 3,
  createdAtMs: NOW_MS - 3_500_000,
  imageRef: 'registry.acme.example/till/payments:7',
  pidMode: 'target',
} as const;

/** Filled to the last field: a field that is added to the model does not compile until it is filled here too. */
export const FULL_LOOK: NodeSnapshot = {
  schemaVersion: SNAPSHOT_SCHEMA_VERSION,
  node: 'worker-7',
  takenAtMs: NOW_MS,
  runtimes: [
    {
      endpoint: ENDPOINT,
      name: 'containerd',
      version: '1.6.20~ds1',
      flavour: 'containerd',
      up: true,
      answeredAtMs: NOW_MS - 40,
      configuredPauseImage: PAUSE_IMAGE,
      conditions: [{ type: 'RuntimeReady', status: false, reason: 'starting', message: 'not yet' }],
      sandboxes: [
        { ...SANDBOX_FACTS, id: SANDBOX.id, name: 'web', state: 'ready', pause: { kind: 'pid', pid: 4711 } },
        {
          ...SANDBOX_FACTS,
          id: idOf('job'),
          name: 'job',
          state: 'notready',
          pause: { kind: 'none', reason: 'exited' },
        },
        {
          ...SANDBOX_FACTS,
          id: idOf('odd'),
          name: 'odd',
          state: 'ready',
          pause: { kind: 'unknown', reason: 'timeout' },
        },
      ],
      containers: [
        { ...CONTAINER_FACTS, id: CONTAINER.id, name: 'app', state: 'running', pid: { value: 4720 } },
        { ...CONTAINER_FACTS, id: idOf('web/side'), name: 'side', state: 'unknown', pid: { unknown: 'malformed' } },
      ],
      images: [
        { id: `sha256:${'e'.repeat(64)}`, tags: [PAUSE_IMAGE], digests: [], sizeBytes: 321_520, pinned: true },
        {
          id: `sha256:${'a'.repeat(64)}`,
          tags: ['registry.acme.example/till/payments:7'],
          digests: [`registry.acme.example/till/payments@sha256:${'b'.repeat(64)}`],
          sizeBytes: 52_428_800,
          pinned: false,
        },
      ],
    },
  ],
  kernel: {
    procfsUp: true,
    cgroupfsUp: true,
    bootTimeMs: BOOT_MS,
    processes: [
      {
        pid: 4711,
        ppid: 4700,
        sessionId: 4700,
        startTicks: 580_693,
        comm: 'pause',
        state: 'S',
        threads: 1,
        cpuTicks: 2,
        cgroup: SANDBOX.path,
        probe: PROBE,
      },
      {
        pid: 4720,
        ppid: 4700,
        sessionId: 4700,
        startTicks: 580_700,
        comm: 'till-server',
        state: 'R',
        threads: 12,
        cpuTicks: 921,
        cgroup: CONTAINER.path,
        probe: { ...PROBE, exe: '/usr/bin/till-server' },
      },
    ],
    unreadablePids: [77],
    pidMax: 4_194_304,
    threadsMax: 192_730,
    cgroups: {
      [SANDBOX.path]: { path: SANDBOX.path, current: 1, limit: 100, limitHits: 0 },
      [CONTAINER.path]: { path: CONTAINER.path, current: 12, limit: 512, limitHits: 3 },
    },
    cgroupOf: { [SANDBOX.id]: SANDBOX.path, [CONTAINER.id]: CONTAINER.path },
    shims: [
      { pid: 4700, kind: 'shim', namespace: 'k8s.io', id: SANDBOX.id, address: '/run/containerd/containerd.sock' },
    ],
    frozen: [SANDBOX.id],
  },
  faults: [
    {
      source: 'runtime',
      endpoint: ENDPOINT,
      code: 'malformed',
      subject: `PodSandboxStatus ${SANDBOX.id}`,
      message: `PodSandboxStatus of pod shop/web at ${ENDPOINT}: the answer makes no sense (token hunter2 refused for till-server).`,
      count: 1,
    },
  ],
};

/** A leaf of a value: how to come to it, and what is there. */
export interface Leaf {
  readonly path: readonly (string | number)[];
  readonly value: unknown;
}

/** Every value that is no list and no object, and every key of a dictionary (objects without fixed fields have none here). */
export function* leavesOf(value: unknown, path: readonly (string | number)[] = []): Generator<Leaf> {
  if (Array.isArray(value)) for (const [index, it] of value.entries()) yield* leavesOf(it, [...path, index]);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, it] of Object.entries(value)) yield* leavesOf(it, [...path, key]);
  } else yield { path, value };
}

/** The value with one leaf replaced, or, for `undefined`, left out. */
export function withLeaf<T>(value: T, path: readonly (string | number)[], leaf: unknown): T {
  const copy = structuredClone(value);
  let at = copy as unknown as Record<string | number, unknown>;
  for (const step of path.slice(0, -1)) at = at[step] as typeof at;
  at[path.at(-1) ?? ''] = leaf;
  return copy;
}
