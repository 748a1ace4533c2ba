/** When the findings about where things are fire, and when they must not. */
import type { FindingCase } from './finding-case.ts';
import { ENDPOINT, idOf, NOW_MS, node, type PodFacts, pidNsOf, pidsOf, pod, process } from './snapshot-builder.ts';

const { pause, init } = pidsOf();
const APP = { kind: 'container', pod: 'web', container: 'app', sandboxId: idOf('web') } as const;
/** Namespaces of a pod with a network of its own. */
const OWN = { net: 77, ipc: 78, uts: 79 };
/** A pod whose pause and container are in `OWN`, but for what is told of the container. */
const inOwn = (container: Partial<typeof OWN> & { readonly pid?: number } = {}, facts: PodFacts = {}) =>
  pod('web', { pause: { ns: OWN }, containers: { app: { init: { ns: { ...OWN, ...container } } } }, ...facts });
const at = (it: ReturnType<typeof pod>) => node({ pods: [it] });
const NODE_PID1 = process(1, { comm: 'systemd', startTicks: 1 });

const UID = 'uid-of-both';
const older = (facts: PodFacts = {}) =>
  pod('web', {
    pause: null,
    containers: { app: { init: { ns: OWN } } },
    ...facts,
    sandbox: { name: 'web', uid: UID, state: 'notready', pause: { kind: 'none', reason: 'exited' }, ...facts.sandbox },
  });
const newer = (facts: PodFacts = {}) =>
  pod('web-new', {
    base: 2000,
    pause: { ns: { net: 87, ipc: 88, uts: 89 } },
    containers: { app: { init: { ns: { net: 87, ipc: 88, uts: 89 } } } },
    ...facts,
    sandbox: { name: 'web', uid: UID, attempt: 1, createdAtMs: NOW_MS - 600_000 },
  });
/** A pod laid out in a directory, its sandbox under the name given. */
const laidOut = (name: string, directory: string, leaf: (id: string) => string, base: number) => {
  const it = pod(name, { base, cgroup: directory });
  return { ...it, cgroupOf: { [it.sandbox.id]: `${directory}/${leaf(it.sandbox.id)}` } };
};
const bySystemd = (name: string, base: number) =>
  laidOut(name, `/kubepods.slice/kubepods-pod${base}.slice`, (id) => `cri-containerd-${id}.scope`, base);
const byCgroupfs = (name: string, base: number) => laidOut(name, `/kubepods/pod${base}`, (id) => id, base);
const byBoth = (name: string, base: number) =>
  laidOut(name, `/kubepods.slice/kubepods-pod${base}.slice`, (id) => id, base);

export const PLACEMENT_CASES: readonly FindingCase[] = [
  {
    id: 'namespace-drift',
    fires: [
      {
        when: 'a container is in another network and IPC namespace than its sandbox',
        node: at(inOwn({ net: 90, ipc: 91 })),
        severity: 'critical',
        subject: APP,
        evidence: { reason: 'drifted', kinds: ['net', 'ipc'], pid: init(), expected: 'sandbox' },
        summary:
          /Container app \(PID 1010\) is not in the net, ipc namespaces of its sandbox \(net:\[90\] instead of net:\[77\]/,
        remedy: /^Delete the pod/,
      },
      {
        when: 'a container of the node’s network is in another one',
        node: at(
          pod('web', {
            sandbox: { networkMode: 'node' },
            pause: { ns: { net: 77 } },
            containers: { app: { init: { ns: { net: 77 } } } },
          }),
        ),
        severity: 'critical',
        subject: APP,
        evidence: { kinds: ['net'], expected: 'node' },
        summary: /not in the net namespace of its node/,
        remedy: /setns/,
      },
      {
        when: 'the pod shares its PID namespace and one container does not',
        node: at(
          pod('web', {
            sandbox: { pidMode: 'pod' },
            containers: { app: { init: { pidNs: pidNsOf().init(), nsPids: [init(), 1] } } },
          }),
        ),
        severity: 'critical',
        subject: APP,
        evidence: { kinds: ['pid'] },
        summary: /not in the pid namespace of its sandbox/,
        remedy: /^Delete/,
      },
      {
        when: 'containers of two sandboxes of one pod run side by side (case 44)',
        node: node({ pods: [older(), newer()] }),
        severity: 'critical',
        subject: APP,
        evidence: { reason: 'two-generations', kinds: ['net', 'ipc', 'uts', 'pid'], attempt: 0, newestAttempt: 1 },
        summary:
          /Container app runs on in an old sandbox \(attempt 0\) beside a newer one \(attempt 1\).*net, ipc, uts/,
        remedy: /^Delete the pod/,
      },
      {
        when: 'the runtime lost the network namespace and pause lives (case 43)',
        node: at(inOwn({}, { sandbox: { netClosed: true } })),
        severity: 'warning',
        subject: { kind: 'sandbox', pod: 'web' },
        evidence: { reason: 'network-lost', pausePid: pause },
        summary: /lost the network namespace of this sandbox, while its pause \(PID 1001\) lives/,
        remedy: /^Delete the pod.*Upgrade/,
      },
      {
        when: 'pause is dead and two containers are in different networks',
        node: at(
          pod('web', {
            sandbox: { state: 'notready', pause: { kind: 'none', reason: 'exited' } },
            pause: null,
            containers: { app: { init: { ns: OWN } }, proxy: { init: { ns: { ...OWN, net: 90 } } } },
          }),
        ),
        severity: 'critical',
        subject: { container: 'proxy' },
        evidence: { kinds: ['net'] },
        summary: /Container proxy/,
        remedy: /^Delete/,
      },
    ],
    quiet: [
      { when: 'all is where it should be', node: at(inOwn()) },
      {
        when: 'pod and container are in the node’s network (hostNetwork)',
        node: at(pod('web', { sandbox: { networkMode: 'node' } })),
      },
      {
        when: 'the pod is in the node’s IPC namespace and pause is not (hostIPC)',
        node: at(
          pod('web', { sandbox: { ipcMode: 'node' }, pause: { ns: { ipc: 78 } }, containers: { app: { init: {} } } }),
        ),
      },
      { when: 'each container has a PID namespace of its own', node: at(pod()) },
      {
        when: 'a debug container joined the PID namespace of another (kubectl debug --target)',
        node: at(
          pod('web', {
            sandbox: { pidMode: 'pod' },
            containers: {
              app: { pidMode: 'container', init: { pidNs: pidNsOf().init(), nsPids: [init(), 1] } },
              debug: { pidMode: 'target', init: { pidNs: pidNsOf().init(), nsPids: [init(1), 9] } },
            },
          }),
        ),
      },
      {
        when: 'a container alone asked for the PID namespace of the node',
        node: node({
          pods: [
            pod('web', {
              sandbox: { pidMode: 'pod' },
              containers: {
                app: { pidMode: 'node', init: { pidNs: NODE_PID1.probe?.namespaces.pid, nsPids: [init()] } },
              },
            }),
          ],
        }),
      },
      {
        when: 'a container alone asked for that, and containerd put it into the one of its pod',
        node: at(pod('web', { sandbox: { pidMode: 'pod' }, containers: { app: { pidMode: 'node', init: {} } } })),
      },
      {
        when: 'Docker gives every container a UTS namespace, and reports the PID mode wrongly',
        node: node({
          pods: [inOwn({ uts: 90 }, { sandbox: { pidMode: 'pod' } })],
          runtime: { flavour: 'cri-dockerd', name: 'docker' },
        }),
      },
      { when: 'it was seen once', node: at(inOwn({ net: 90 })), firstLook: true },
      { when: 'the old sandbox runs nothing any more', node: node({ pods: [older({ containers: {} }), newer()] }) },
      { when: 'the new sandbox runs nothing yet', node: node({ pods: [older(), newer({ containers: {} })] }) },
      { when: 'the namespaces of pause cannot be read', node: at(inOwn({ net: 90 }, { pause: { unprobed: true } })) },
      {
        when: 'a sandbox in the node’s network has none to lose',
        node: at(pod('web', { sandbox: { networkMode: 'node', netClosed: true } })),
      },
    ],
  },
  {
    id: 'cgroup-driver-mismatch',
    fires: [
      {
        when: 'the runtime names sandboxes as on cgroupfs in slices that the kubelet made (case 38)',
        node: node({ pods: [byBoth('web', 1000), byBoth('db', 2000)] }),
        severity: 'info',
        subject: { kind: 'node', runtimeEndpoint: ENDPOINT },
        evidence: { systemd: 0, cgroupfs: 0, mixed: 2, pods: ['shop/db', 'shop/web'] },
        summary: /2 sandboxes \(shop\/db, shop\/web\) lie in a slice .*kubepods-pod2000\.slice\//,
        remedy: /either is right as long as both are the same/,
        neverAdvises: /SystemdCgroup = true/,
      },
      {
        when: 'the literal name of a slice became a directory',
        node: node({
          pods: [laidOut('web', '/system.slice', (id) => `kubepods-pod1.slice:cri-containerd:${id}`, 1000)],
        }),
        severity: 'info',
        subject: { kind: 'node' },
        evidence: { mixed: 1 },
        summary: /1 sandbox \(shop\/web\) lies in a slice/,
        remedy: /cgroupDriver/,
      },
      {
        when: 'pods of both kinds are on the node',
        node: node({ pods: [bySystemd('web', 1000), bySystemd('db', 2000), byCgroupfs('old', 3000)] }),
        severity: 'info',
        subject: { kind: 'node' },
        evidence: { systemd: 2, cgroupfs: 1, mixed: 0, pods: ['shop/old'] },
        summary: /2 sandboxes are laid out for systemd and 1 for cgroupfs \(fewer: shop\/old\)/,
        remedy: /recreated/,
      },
    ],
    quiet: [
      {
        when: 'all are on cgroupfs, a valid choice',
        node: node({ pods: [byCgroupfs('web', 1000), byCgroupfs('db', 2000)] }),
      },
      { when: 'all are on systemd', node: node({ pods: [bySystemd('web', 1000), bySystemd('db', 2000)] }) },
      { when: 'no cgroup could be found', node: node({ pods: [pod()], kernel: { cgroupOf: {}, cgroups: {} } }) },
    ],
  },
  {
    id: 'sandbox-no-host-pause',
    fires: [
      {
        when: 'CRI-O starts none for pods that do not share a PID namespace (case 60)',
        node: node({
          pods: [pod('web', { sandbox: { pause: { kind: 'none', reason: 'infra-dropped' } }, pause: null })],
          runtime: { flavour: 'cri-o', name: 'cri-o' },
        }),
        severity: 'info',
        subject: { kind: 'node', runtimeEndpoint: ENDPOINT },
        evidence: { sandboxes: 1, infraDropped: 1, sandboxedRuntime: 0, pods: ['shop/web'] },
        summary: /1 sandbox on this node has no pause by design: 1 because CRI-O starts none/,
        remedy: /Nothing is to be done/,
      },
      {
        when: 'pods run in machines of their own (case 61)',
        node: node({
          pods: [
            pod('web', {
              sandbox: { pause: { kind: 'none', reason: 'vm-runtime' }, runtimeHandler: 'kata' },
              pause: null,
              containers: { app: { pid: undefined, init: null } },
            }),
          ],
        }),
        severity: 'info',
        subject: { kind: 'node' },
        evidence: { sandboxedRuntime: 1, handlers: ['kata'] },
        summary: /behind a kernel of their own/,
        remedy: /PID 1 of each container/,
      },
    ],
    quiet: [
      { when: 'there is a pause', node: node({ pods: [pod()] }) },
      {
        when: 'the pause has died, which is no design',
        node: node({
          pods: [pod('web', { sandbox: { pause: { kind: 'none', reason: 'exited' } }, pause: null })],
        }),
      },
      {
        when: 'the runtime does not tell',
        node: node({
          pods: [pod('web', { sandbox: { pause: { kind: 'none', reason: 'not-reported' } }, pause: null })],
        }),
      },
    ],
  },
];
