/** A pod in depth for page and terminal: shared PID namespace, a stopped pause, orphans, a nested namespace, hostile names. */
import type { DeepSandbox } from '../../src/core/deepen.ts';
import type { PodDepth, PodProcess } from '../../src/core/pod-depth.ts';
import type { MountFacts, PodLook } from '../../src/core/pod-look.ts';
import { containerView, finding, NOW_MS, pauseView, sandboxId, sandboxView, zombie } from './report-builder.ts';

const SHARED = { net: 4001, ipc: 4002, uts: 4003, pid: 4004, mnt: 4005, cgroup: 4_026_531_835, user: 4_026_531_837 };

/** A process with sound defaults. */
function podProcess(pid: number, level: number, facts: Partial<PodProcess> = {}): PodProcess {
  return {
    pid,
    ppid: 1,
    startTicks: pid * 10,
    comm: 'app',
    state: 'S',
    threads: 1,
    level,
    container: 'web',
    role: 'process',
    isNamespaceInit: false,
    reaps: 'unknown',
    zombies: 0,
    isZombie: false,
    alikeOmitted: 0,
    nsPids: [],
    namespaces: undefined,
    ...facts,
  };
}

/** Both containers share everything with pause but their mounts. */
function heldIn(kind: keyof typeof SHARED) {
  return { inode: SHARED[kind], heldByPause: true, sharedBy: kind === 'mnt' ? [] : ['web', 'envoy'] };
}

const view = sandboxView('shop', 'checkout-7d9c6b5f4-x2x9q', {
  id: sandboxId('c0ffee'),
  pidMode: 'pod',
  pauseHealth: 'stopped',
  pause: pauseView({ state: 'T' }),
  namespaces: {
    net: heldIn('net'),
    ipc: heldIn('ipc'),
    uts: heldIn('uts'),
    pid: heldIn('pid'),
    mnt: heldIn('mnt'),
    cgroup: heldIn('cgroup'),
    user: heldIn('user'),
  },
  containers: [
    containerView('web', { pid: 4800, zombies: 2, init: { comm: 'node', reaps: 'unknown' } }),
    containerView('envoy', { pid: 4801, init: { comm: 'envoy', reaps: 'unknown' } }),
    containerView('migrate', { state: 'exited', pid: undefined, init: undefined }),
  ],
  zombies: {
    count: 2,
    items: [5000, 5001].map((pid) => zombie(pid, { parent: { pid: 4711, nsPid: 1, comm: 'pause', kind: 'pause' } })),
  },
  pids: { current: 9, limit: 1024, limitFrom: 'pod', utilization: 0.0088, zombieShare: 0.22 },
  findings: [
    finding(
      'pause-stopped',
      'critical',
      { kind: 'sandbox', namespace: 'shop', pod: 'checkout-7d9c6b5f4-x2x9q', sandboxId: sandboxId('c0ffee') },
      { evidence: { pausePid: 4711, sharedPidNamespace: true, zombies: 2 }, atLeast: true },
    ),
  ],
});

const KUBELET = '/var/lib/kubelet/pods/2f6bfd4b-6d0c-4d3a-9df4-2f1c8a1c6f2e';
const VOLUMES = `${KUBELET}/volumes/kubernetes.io`;

function mount(point: string, type: string, source: string, facts: Partial<MountFacts> = {}): MountFacts {
  return { id: 1, parentId: 0, root: '/', point, type, source, readOnly: false, options: 'rw', ...facts };
}

const depth: PodDepth = {
  processes: [
    podProcess(4711, 0, {
      comm: 'pause',
      state: 'T',
      container: undefined,
      role: 'pause',
      isNamespaceInit: true,
      reaps: 'yes',
      zombies: 2,
      nsPids: [4711, 1],
      namespaces: SHARED,
    }),
    podProcess(5000, 1, { comm: 'curl', state: 'Z', isZombie: true, nsPids: [5000, 40] }),
    podProcess(5001, 1, { comm: 'curl', state: 'Z', isZombie: true, nsPids: [5001, 41], alikeOmitted: 7 }),
    podProcess(4800, 0, { comm: 'node', role: 'container-init', threads: 11, namespaces: { ...SHARED, mnt: 4105 } }),
    podProcess(4900, 1, { comm: '<b>x\u001b[2J\u202e' }),
    podProcess(4901, 2, { comm: 'sh', state: 'Z', threads: 3 }),
    podProcess(4801, 0, {
      comm: 'envoy',
      container: 'envoy',
      role: 'container-init',
      namespaces: { ...SHARED, mnt: 4106 },
    }),
  ],
  omitted: 3,
  networkMode: 'pod',
  ipcMode: 'pod',
  nodeNamespaces: { net: 4_026_531_840, cgroup: 4_026_531_835, user: 4_026_531_837 },
  history: [
    {
      id: 'pause-stopped',
      severity: 'critical',
      container: undefined,
      sinceMs: NOW_MS - 3_600_000,
      atLeast: true,
      lastHeldMs: NOW_MS,
      isPresent: true,
    },
  ],
};

const look: PodLook = {
  inner: new Map([
    [4800, { nsPids: [4800, 7] }],
    [4801, { nsPids: [4801, 8] }],
    [4900, { nsPids: [4900, 9] }],
  ]),
  network: {
    value: {
      sockets: [
        {
          protocol: 'tcp6',
          local: { address: '::', port: 8080 },
          remote: { address: '::', port: 0 },
          state: 'LISTEN',
          uid: 1000,
          inode: 77,
          owners: [4800],
        },
        {
          protocol: 'tcp',
          local: { address: '10.88.0.5', port: 40_112 },
          remote: { address: '10.96.0.1', port: 443 },
          state: 'ESTABLISHED',
          uid: 0,
          inode: 78,
          owners: [],
        },
      ],
      omittedSockets: 0,
      unixListeners: ['@<script>alert(1)</script>'],
      interfaces: [
        { name: 'lo', addresses: ['127.0.0.1', '::1/128'], rxBytes: 10, rxDropped: 0, txBytes: 10, txDropped: 0 },
        { name: 'eth0', addresses: ['10.88.0.5'], rxBytes: 18_233, rxDropped: 1, txBytes: 9000, txDropped: 0 },
      ],
      routes: [{ destination: 'default', gateway: '10.88.0.1', interface: 'eth0' }],
      ownersUnknown: { denied: 2 },
      ownersCut: false,
      unread: [],
    },
  },
  mounts: [
    {
      container: 'web',
      pid: 4800,
      mounts: {
        value: {
          list: [
            mount('/', 'overlay', 'overlay'),
            mount('/proc', 'proc', 'proc'),
            mount('/dev', 'tmpfs', 'tmpfs'),
            mount('/dev/pts', 'devpts', 'devpts'),
            mount('/sys', 'sysfs', 'sysfs', { readOnly: true }),
            mount('/sys/fs/cgroup', 'cgroup2', 'cgroup', { readOnly: true }),
            mount('/dev/shm', 'tmpfs', 'shm'),
            mount('/etc/hosts', 'ext4', '/dev/vda', { root: `${KUBELET}/etc-hosts` }),
            mount('/var/cache/checkout', 'ext4', '/dev/vda', { root: `${VOLUMES}~empty-dir/cache` }),
            mount('/etc/checkout', 'ext4', '/dev/vda', { root: `${VOLUMES}~configmap/config`, readOnly: true }),
            mount('/srv/part', 'ext4', '/dev/vdb', { root: `${KUBELET}/volume-subpaths/data/web/0` }),
            mount('/var/run/secrets/kubernetes.io/serviceaccount', 'tmpfs', 'tmpfs', { readOnly: true }),
            mount('/host/proc', 'proc', 'proc', { readOnly: true }),
            mount('/sys/firmware', 'tmpfs', 'tmpfs', { readOnly: true }),
            mount('/data/<x>\u001b[2J\n/etc/shadow', 'ext4', '/dev/<b>\u202e', { readOnly: true }),
          ],
          omitted: 0,
        },
      },
    },
    {
      container: undefined,
      pid: 4711,
      mounts: { value: { list: [mount('/proc', 'proc', 'proc'), mount('/dev', 'tmpfs', 'tmpfs')], omitted: 0 } },
    },
    { container: 'envoy', pid: 4801, mounts: { unknown: 'denied' } },
  ],
};

/** The pod. */
export const DEEP_POD: DeepSandbox = { view, depth, look };
