/** When a pause is said not to reap, and when not. */
import type { FindingCase } from './finding-case.ts';
import { CHLD, idOf, inPod, NOT_REAPING, node, pidsOf, pod, process, zombie, zombies } from './snapshot-builder.ts';

const { pause, init } = pidsOf();
const WEB = { kind: 'sandbox', namespace: 'shop', pod: 'web', sandboxId: idOf('web') } as const;
const SHARED = { pidMode: 'pod' } as const;
const OLD = 'k8s.gcr.io/pause:3.0';
const shared = (more: Parameters<typeof pod>[1] = {}) => pod('web', { sandbox: SHARED, ...more });
const at = (it: ReturnType<typeof pod>) => node({ pods: [it] });

export const NOT_REAPING_CASES: readonly FindingCase[] = [
  {
    id: 'pause-not-reaping',
    fires: [
      {
        when: 'orphans stay under the pause of a shared PID namespace (case 1)',
        node: node({
          pods: [shared({ sandbox: { ...SHARED, imageRef: OLD }, pause: { caught: NOT_REAPING } })],
          processes: zombies(10, 5000, pause, inPod()),
        }),
        severity: 'warning',
        subject: WEB,
        evidence: { pausePid: pause, zombies: 10, handlesChild: false, sharedPidNamespace: true },
        summary: /10 zombies under pause \(k8s.gcr.io\/pause:3.0\), PID 1 of the shared PID namespace/,
        remedy: /pause 3\.1 or later.*shareProcessNamespace: false.*An init inside a container does not help/,
      },
      {
        when: 'the infra binary is Go: it catches SIGCHLD and does not wait (case 3)',
        node: node({
          pods: [
            shared({
              sandbox: {
                ...SHARED,
                imageRef: `quay.io/openshift-release-dev/ocp-v4.0-art-dev@sha256:${'a'.repeat(64)}`,
              },
              pause: { comm: 'pod', exe: '/usr/bin/pod', caught: 'ffffffffffffffff' },
            }),
          ],
          processes: zombies(2, 5000, pause, inPod()),
        }),
        severity: 'warning',
        subject: WEB,
        evidence: { zombies: 2, handlesChild: true, exe: '/usr/bin/pod' },
        summary: /2 zombies under pause/,
        remedy: /update the cluster to a release whose pod program reaps, then recreate the pod/,
        neverAdvises: /Set the sandbox image/,
      },
      {
        when: 'an image that goes by the name of 3.9 has the handlers of 3.0',
        node: node({
          pods: [shared({ pause: { caught: NOT_REAPING } })],
          processes: zombies(2, 5000, pause, inPod()),
        }),
        severity: 'warning',
        subject: WEB,
        evidence: { handlesChild: false, image: 'registry.k8s.io/pause:3.9' },
        summary: /2 zombies under pause/,
        remedy:
          /^By its tag this pause reaps, by its signal handlers it is older than 3\.1\. Recreate the pod; if it comes back, .*sha256sum \/proc\/1001\/exe/,
        neverAdvises: /3\.1 or later/,
      },
      {
        when: 'its signals could not be read: nobody knows whether it has a handler',
        node: node({
          pods: [shared({ pause: { caught: null } })],
          processes: zombies(1, 5000, pause, inPod()),
        }),
        severity: 'warning',
        subject: WEB,
        evidence: { zombies: 1, signalsCaught: null, handlesChild: null },
        summary: /1 zombie under pause/,
        remedy: /Recreate the pod/,
      },
      {
        when: 'somebody who entered the namespace of a pause that is alone in it left the dead there',
        node: node({ pods: [pod()], processes: zombies(3, 5000, pause, inPod()) }),
        severity: 'warning',
        subject: WEB,
        evidence: { zombies: 3, sharedPidNamespace: false },
        summary: /3 zombies under pause/,
        remedy: /enter/,
      },
      {
        when: 'pause is known not to reap, before the first orphan',
        node: at(shared({ sandbox: { ...SHARED, imageRef: OLD }, pause: { caught: NOT_REAPING } })),
        severity: 'warning',
        subject: WEB,
        evidence: { zombies: 0, handlesChild: false },
        summary: /has no handler for dead children: the first orphan will stay/,
        remedy: /pause 3\.1 or later/,
      },
      {
        when: 'a hundred orphans lie there',
        node: node({ pods: [shared()], processes: zombies(100, 5000, pause, inPod()) }),
        severity: 'critical',
        subject: WEB,
        evidence: { zombies: 100 },
        summary: /100 zombies/,
        remedy: /^By its tag this pause reaps\. Recreate the pod/,
      },
      {
        when: 'the pod is above 80 % of its PID limit',
        node: node({
          pods: [shared({ pids: { pod: { current: 82, limit: 100 } } })],
          processes: zombies(5, 5000, pause, inPod()),
        }),
        severity: 'critical',
        subject: WEB,
        evidence: { zombies: 5 },
        summary: /5 zombies/,
        remedy: /^By its tag this pause reaps\. Recreate the pod/,
      },
    ],
    quiet: [
      { when: 'pause reaps and nothing is dead', node: at(shared()) },
      {
        when: 'pause 3.0 in a pod that does not share: it cannot adopt anything',
        node: at(pod('web', { pause: { caught: NOT_REAPING } })),
      },
      {
        when: 'the pod is in the PID namespace of the node',
        node: at(pod('web', { sandbox: { pidMode: 'node' }, pause: { caught: NOT_REAPING } })),
      },
      {
        when: 'it handles INT and TERM only but ignores SIGCHLD, so the kernel reaps (L2)',
        node: at(shared({ pause: { caught: NOT_REAPING, ignored: CHLD } })),
      },
      {
        when: 'a program that waits blocked, with no handler at all (tini, L2)',
        node: at(shared({ pause: { caught: '0'.repeat(16) } })),
      },
      { when: 'the signals could not be read', node: at(shared({ pause: { unprobed: true } })) },
      {
        when: 'a zombie was seen once (L24)',
        node: node({ pods: [shared()], processes: [zombie(5000, pause, inPod())] }),
        firstLook: true,
      },
      {
        when: 'what lies under pause is a dead leader with live threads (L13)',
        node: node({ pods: [shared()], processes: [zombie(5000, pause, { ...inPod(), threads: 2 })] }),
      },
      {
        when: 'pause is stopped: that is the finding, and it cannot reap',
        node: node({ pods: [shared({ pause: { state: 'T' } })], processes: zombies(3, 5000, pause, inPod()) }),
      },
      {
        when: 'the zombies lie under the application, not under pause',
        node: node({ pods: [shared()], processes: zombies(30, 5000, init(), inPod()) }),
      },
      {
        when: 'the runtime says CONTAINER and the kernel agrees (pause has another PID namespace)',
        node: node({ pods: [pod('web', { pause: { caught: NOT_REAPING } })], processes: [process(5000)] }),
      },
      {
        when: 'the runtime says POD, and the kernel shows other PID namespaces',
        node: at(
          pod('web', {
            sandbox: SHARED,
            pause: { caught: NOT_REAPING },
            containers: { app: { init: { pidNs: 99, nsPids: [init(), 1] } } },
          }),
        ),
      },
    ],
  },
];
