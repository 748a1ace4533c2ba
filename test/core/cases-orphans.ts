/** When the findings about what has no record fire, and when they must not: processes in pods' cgroups, and shims. */
import type { FindingCase } from './finding-case.ts';
import { idOf, NOW_MS, node, pod, process, shimOf } from './snapshot-builder.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const UID = '5c1f2a9e-0000-4000-8000-000000000001';
const EXITED = { app: { state: 'exited', pid: undefined, init: null } } as const;
const newer = (madeAgo: number) =>
  pod('web-new', { base: 2000, sandbox: { name: 'web', uid: UID, attempt: 1, createdAtMs: NOW_MS - madeAgo } });

/** The cgroup of an id that no runtime lists, in a pod of the kubelet. */
const GONE = idOf('gone');
const inPodOf = (uid: string) => `/kubepods/burstable/pod${uid}/${GONE}`;
const orphan = (facts: Parameters<typeof process>[1] = {}) =>
  process(7000, { comm: 'postgres', ppid: 6000, cgroup: inPodOf(UID), ...facts });
const strayShim = (pid = 6000, facts: Parameters<typeof process>[1] = {}) =>
  process(pid, { comm: 'containerd-shim', cgroup: '/system.slice/containerd.service', ...facts });
const withShims = (shims: readonly ReturnType<typeof shimOf>[]) => ({
  shims: [shimOf(1000, idOf('web')), ...shims],
});

export const ORPHAN_CASES: readonly FindingCase[] = [
  {
    id: 'orphan-process',
    fires: [
      {
        when: 'the runtime forgot it and a newer sandbox of the pod runs: both are at work (case 32)',
        node: node({
          pods: [newer(10 * MINUTE)],
          processes: [orphan(), process(7001, { comm: 'postgres', ppid: 7000, cgroup: inPodOf(UID) }), strayShim()],
          kernel: withShims([shimOf(6000, GONE)]),
        }),
        severity: 'critical',
        subject: { kind: 'process', pod: 'web', sandboxId: idOf('web-new'), pid: 7000 },
        evidence: {
          processes: 2,
          containerId: GONE,
          record: 'none',
          newerSandboxId: idOf('web-new'),
          parentComm: 'containerd-shim',
        },
        summary: /postgres \(PID 7000, and 1 more\) lives in the cgroup of this pod.*two copies are at work/,
        remedy: /Stop the old copy first.*kill 7000, then its containerd-shim \(PID 6000\)/,
      },
      {
        when: 'it outlived the pod and lives below PID 1 (containerd 2.1 after its shim was killed)',
        node: node({ pods: [pod()], processes: [orphan({ ppid: 1 })] }),
        severity: 'warning',
        subject: { kind: 'process', pid: 7000 },
        evidence: { processes: 1, record: 'none', newerSandboxId: null, podUid: UID },
        summary: /postgres \(PID 7000\) lives in the cgroup of this pod, and the runtime has no record of it\.$/,
        remedy: /Make sure that nobody needs it, and end it: kill 7000\. Deleting/,
      },
      {
        when: 'pods of two names were given its UID: nobody knows which is meant',
        node: node({
          pods: [newer(10 * MINUTE), pod('other', { base: 3000, sandbox: { uid: UID } })],
          processes: [orphan()],
        }),
        severity: 'warning',
        subject: { kind: 'process', pid: 7000 },
        evidence: { newerSandboxId: null, podUid: UID },
        summary: /no record of it/,
        remedy: /kill 7000/,
      },
      {
        when: 'the systemd driver named the cgroup',
        node: node({
          pods: [newer(10 * MINUTE)],
          processes: [
            orphan({
              cgroup: `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${UID.replaceAll('-', '_')}.slice/cri-containerd-${GONE}.scope`,
            }),
          ],
        }),
        severity: 'critical',
        subject: { pod: 'web' },
        evidence: { podUid: UID },
        summary: /two copies/,
        remedy: /old copy first/,
      },
      {
        when: 'its container has ended by the record (cases 5 and 45)',
        node: node({
          pods: [
            pod('web', {
              containers: EXITED,
              more: [
                process(7000, { comm: 'nginx', ppid: 1001, cgroup: `/kubepods/burstable/pod-web/${idOf('web/app')}` }),
              ],
            }),
          ],
        }),
        severity: 'warning',
        subject: { kind: 'process', pod: 'web', container: 'app', pid: 7000 },
        evidence: { record: 'exited', pauseSandboxId: idOf('web') },
        summary: /its container has ended by the record/,
        remedy: /^Delete the pod: its pause is above these processes, and they end with it/,
        neverAdvises: /kill|does not reach/,
      },
      {
        when: 'a whole tree of it lies under pause, in the older of two sandboxes',
        node: node({
          pods: [
            pod('web', {
              sandbox: { uid: UID },
              containers: EXITED,
              more: [
                orphan({ cgroup: `/kubepods/burstable/pod-web/${idOf('web/app')}`, ppid: 1001 }),
                process(7001, { ppid: 7000, cgroup: `/kubepods/burstable/pod-web/${idOf('web/app')}` }),
              ],
            }),
            newer(10 * MINUTE),
          ],
        }),
        severity: 'critical',
        subject: { pod: 'web', pid: 7000 },
        evidence: { processes: 2, pauseSandboxId: idOf('web'), newerSandboxId: idOf('web-new') },
        summary: /two copies/,
        remedy: new RegExp(`^Stop the old copy first.*: crictl stopp ${idOf('web')}\\.`),
        neverAdvises: /kill|Delete the pod/,
      },
      {
        when: 'it hangs in the kernel, where no signal reaches it (beside pause-dying)',
        node: node({ pods: [pod()], processes: [orphan({ ppid: 1, state: 'D' })] }),
        severity: 'warning',
        subject: { pid: 7000 },
        evidence: { state: 'D' },
        summary: /postgres \(PID 7000\)/,
        remedy: /^No signal reaches PID 7000 in state D.*cat \/proc\/7000\/stack/,
        neverAdvises: /kill/,
      },
      {
        when: 'its parent is a pause in the PID namespace of the node, with which nothing ends',
        node: node({
          pods: [
            pod('web', {
              sandbox: { pidMode: 'node' },
              containers: EXITED,
              more: [orphan({ cgroup: `/kubepods/burstable/pod-web/${idOf('web/app')}`, ppid: 1001 })],
            }),
          ],
        }),
        severity: 'warning',
        subject: { pid: 7000 },
        evidence: { pauseSandboxId: null },
        summary: /has ended by the record/,
        remedy: /kill 7000\. Deleting the pod does not reach it/,
      },
    ],
    quiet: [
      { when: 'every process has its container', node: node({ pods: [pod()] }) },
      {
        when: 'it was started seconds ago: its pod is just being made',
        node: node({ pods: [pod()], processes: [orphan({ startTicks: (24 * HOUR) / 10 - 500 })] }),
      },
      { when: 'it is dead', node: node({ pods: [pod()], processes: [orphan({ state: 'Z' })] }) },
      {
        when: 'it runs outside of pods (ctr run, nerdctl; L26)',
        node: node({ pods: [pod()], processes: [orphan({ cgroup: `/k8s.io/${GONE}` })] }),
      },
      {
        when: 'a Docker put it into the cgroup of the pod that asked for it (another containerd namespace)',
        node: node({
          pods: [pod()],
          processes: [orphan(), strayShim()],
          kernel: withShims([shimOf(6000, GONE, { namespace: 'moby' })]),
        }),
      },
      {
        when: 'it belongs to the kubelet of a node inside a container',
        node: node({
          pods: [pod()],
          processes: [orphan({ cgroup: `/docker/${idOf('kind')}/kubelet/kubepods/podx/${GONE}` })],
        }),
      },
      {
        when: 'its conmon is meant, which lives beside its container',
        node: node({ pods: [pod()], processes: [orphan({ cgroup: `/kubepods/pod1/crio-conmon-${GONE}.scope` })] }),
      },
      {
        when: 'one of two runtimes is silent: it may be its own',
        node: node({ pods: [pod()], processes: [orphan()], runtime: { up: false } }),
      },
      { when: 'it was seen once', node: node({ pods: [pod()], processes: [orphan()] }), firstLook: true },
    ],
  },
  {
    id: 'shim-orphaned',
    fires: [
      {
        when: 'a shim without children has an id that nobody lists (case 31)',
        node: node({ pods: [pod()], processes: [strayShim()], kernel: withShims([shimOf(6000, GONE)]) }),
        severity: 'info',
        subject: { kind: 'shim', pid: 6000 },
        evidence: { id: GONE, children: 0, program: 'shim' },
        summary: new RegExp(`containerd-shim \\(PID 6000\\) serves sandbox ${GONE.slice(0, 13)}.*no children left`),
        remedy: /crictl pods --id .*kill 6000/,
      },
      {
        when: 'a conmon of CRI-O was left by a pod that never started (case 40)',
        node: node({
          pods: [pod()],
          processes: [strayShim(6000, { comm: 'conmon' })],
          runtime: { flavour: 'cri-o', name: 'cri-o' },
          kernel: withShims([shimOf(6000, GONE, { kind: 'conmon', namespace: undefined, address: undefined })]),
        }),
        severity: 'info',
        subject: { kind: 'shim', pid: 6000 },
        evidence: { program: 'conmon' },
        summary: /conmon \(PID 6000\) serves container/,
        remedy: /kill 6000/,
      },
    ],
    quiet: [
      { when: 'its sandbox is listed', node: node({ pods: [pod()] }) },
      {
        when: 'it is Docker’s (another containerd namespace)',
        node: node({
          pods: [pod()],
          processes: [strayShim()],
          kernel: withShims([shimOf(6000, GONE, { namespace: 'moby' })]),
        }),
      },
      {
        when: 'it is that of another containerd',
        node: node({
          pods: [pod()],
          processes: [strayShim()],
          kernel: withShims([shimOf(6000, GONE, { address: '/run/k3s/containerd/containerd.sock' })]),
        }),
      },
      {
        when: 'somebody ran a container by hand: its id is a name (L26)',
        node: node({ pods: [pod()], processes: [strayShim()], kernel: withShims([shimOf(6000, 'my-test')]) }),
      },
      {
        when: 'somebody ran a container by hand: its processes are outside of pods (L26)',
        node: node({
          pods: [pod()],
          processes: [strayShim(), orphan({ cgroup: `/default/${GONE}` })],
          kernel: withShims([shimOf(6000, GONE)]),
        }),
      },
      {
        when: 'it was started seconds ago: its pod is just being made',
        node: node({
          pods: [pod()],
          processes: [strayShim(6000, { startTicks: (24 * HOUR) / 10 - 500 })],
          kernel: withShims([shimOf(6000, GONE)]),
        }),
      },
      {
        when: 'the list is an old one',
        node: node({
          pods: [pod()],
          processes: [strayShim()],
          kernel: withShims([shimOf(6000, GONE)]),
          runtime: { up: false },
        }),
      },
    ],
  },
];
