/** Two looks at a node of random pods with random troubles and random, also hostile, names. */
import * as fc from 'fast-check';
import type { NodeSnapshot, PauseRef, Process } from '../../src/core/model.ts';
import {
  inContainer,
  inPod,
  NOT_REAPING,
  NOW_MS,
  node,
  type Pod,
  pidsOf,
  pod,
  process,
  zombies,
} from '../core/snapshot-builder.ts';

const IMAGES = [
  'registry.k8s.io/pause:3.9',
  'k8s.gcr.io/pause:3.6',
  'registry.k8s.io/pause:3.0',
  'gcr.io/google_containers/pause-amd64:3.1',
  'pause:3.0',
  'registry.acme.example:5000/mirror/pause:3.0',
  `registry.k8s.io/pause@sha256:${'d'.repeat(64)}`,
  `sha256:${'e'.repeat(64)}`,
] as const;

/** Words that mean something where they stand, and words that mean nothing. */
const WORDS = [
  'pause',
  'kubepods',
  'conmon',
  'containerd-shim',
  'runc',
  'default',
  'web',
  'kube-system',
  'toString',
  'a/b',
  'x y',
  '…',
];
const someName = fc.oneof(fc.constantFrom(...WORDS), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }));
const someComm = fc.oneof(
  fc.constantFrom(
    'pause',
    'containerd',
    'containerd-shim',
    'conmon',
    'runc:[2:INIT]',
    'runcible',
    'kata-agent',
    'crio',
    'dockerd',
    'xconmon',
    'sh',
  ),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 15 }),
);
const someCgroup = (uid: string): fc.Arbitrary<string> =>
  fc.constantFrom(
    `/kubepods/burstable/pod${uid}`,
    `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${uid.replaceAll('-', '_')}.slice`,
    `/acme/kubelet-kubepods.slice/pod${uid}`,
    `/system.slice/${uid}`,
    `/machine.slice/acme-prod.slice/${uid}`,
  );

const somePauseRef: fc.Arbitrary<PauseRef | undefined> = fc.oneof(
  { weight: 6, arbitrary: fc.constant(undefined) },
  fc.constantFrom<PauseRef>(
    { kind: 'none', reason: 'infra-dropped' },
    { kind: 'none', reason: 'exited' },
    { kind: 'unknown', reason: 'timeout' },
  ),
);

const podTraits = fc.record({
  name: someName,
  namespace: someName,
  uid: fc.uuid(),
  handler: fc.constantFrom('', 'runc', 'kata-qemu', 'acme'),
  pidMode: fc.constantFrom('pod', 'container', 'node', undefined),
  state: fc.constantFrom('ready', 'ready', 'notready'),
  image: fc.constantFrom(...IMAGES, undefined),
  ref: somePauseRef,
  pause: fc.constantFrom('alive', 'alive', 'T', 'Z', 'gone', 'old', 'stranger'),
  containers: fc.uniqueArray(someName, { maxLength: 2 }),
  init: fc.constantFrom('alive', 'alive', 'Z', 'gone'),
  comm: someComm,
  zombiesUnder: fc.constantFrom('none', 'pause', 'init', 'shim', 'child'),
  count: fc.constantFrom(1, 11, 101),
  limit: fc.constantFrom(undefined, 100),
});
type PodTraits = typeof podTraits extends fc.Arbitrary<infer T> ? T : never;

function buildPod(it: PodTraits, index: number, cgroup: string): Pod {
  const base = 1000 * (index + 1);
  const { shim, pause, init } = pidsOf(base);
  const child: Process = process(base + 200, {
    ...inContainer(base),
    nsPids: [base + 200, 12],
    ppid: init(),
    comm: it.comm,
  });
  const parent = { none: undefined, pause, init: init(), shim, child: child.pid }[it.zombiesUnder];
  const inside = it.pidMode === 'pod' ? inPod(base) : inContainer(base);
  const dead = parent === undefined ? [] : zombies(it.count, base + 300, parent, { ...inside, comm: it.comm });
  const pauses = {
    alive: {},
    T: { state: 'T' },
    Z: { state: 'Z' },
    gone: null,
    old: { caught: NOT_REAPING },
    stranger: { comm: it.comm, cgroup: '/acme', startTicks: 8_300_000 },
  };
  const inits = { alive: { comm: it.comm }, Z: { state: 'Z', comm: it.comm }, gone: null };
  return pod(`${index} ${it.name}`, {
    base,
    cgroup,
    sandbox: {
      namespace: it.namespace,
      uid: it.uid,
      state: it.state,
      runtimeHandler: it.handler,
      pidMode: it.pidMode,
      imageRef: it.image,
      ...(it.ref === undefined ? {} : { pause: it.ref }),
    },
    pause: pauses[it.pause],
    containers: Object.fromEntries(
      it.containers.map((name) => [`${name} `, { init: inits[it.init], imageRef: `acme/${it.namespace}:1` }]),
    ),
    more: [child, ...dead],
    pids: { pod: { current: 95, limit: it.limit } },
  });
}

const somePod = podTraits.chain((traits) => fc.tuple(fc.constant(traits), someCgroup(traits.uid)));

/** Looks six minutes apart, so that what must be old enough to count is. */
export const randomLooks: fc.Arbitrary<readonly [NodeSnapshot, NodeSnapshot]> = fc
  .record({
    pods: fc.array(somePod, { maxLength: 4 }),
    configured: fc.constantFrom(...IMAGES, undefined),
    stored: fc.subarray([...IMAGES, 'docker.io/acme/till:2']),
    nodeName: someName,
    up: fc.boolean(),
    lost: fc.subarray([1001, 1010, 2001, 2010, 3001]),
    hostComm: someComm,
    flavour: fc.constantFrom('containerd', 'cri-o', 'unknown'),
  })
  .map(({ pods, configured, stored, nodeName, up, lost, hostComm, flavour }) => {
    const images = stored.map((tag, index) => ({
      id: `sha256:${String(index).repeat(64)}`,
      tags: tag.includes('@') ? [] : [tag],
      digests: tag.includes('@') ? [tag] : [],
      sizeBytes: 1,
      pinned: index % 2 === 0,
    }));
    const host = [
      process(90, { comm: hostComm, ppid: 1, cgroup: `/system.slice/${nodeName}` }),
      ...zombies(2, 91, 90, { comm: nodeName }),
    ];
    const first = node({
      pods: pods.map(([traits, cgroup], index) => buildPod(traits, index, cgroup)),
      processes: host,
      runtime: { configuredPauseImage: configured, images, up: up || pods.length === 0, flavour },
      faults: [
        {
          source: 'runtime',
          endpoint: undefined,
          code: 'silent',
          subject: nodeName,
          message: `${nodeName} is silent`,
          count: 1,
        },
      ],
    });
    const named = { ...first, node: nodeName };
    const processes = named.kernel.processes.filter(({ pid }) => !lost.includes(pid));
    return [named, { ...named, takenAtMs: NOW_MS + 6 * 60_000, kernel: { ...named.kernel, processes } }] as const;
  });
