/** When the findings about sandboxes that do not last fire, and when they must not. */
import type { FindingCase } from './finding-case.ts';
import { BOOT_MS, idOf, NOW_MS, node, type Pod, type PodFacts, pod } from './snapshot-builder.ts';

const MINUTE_MS = 60_000;
const dead = { state: 'notready', pause: { kind: 'none', reason: 'exited' } } as const;

/** One sandbox of the pod "web", made so long ago; dead unless it is the last. */
function attempt(number: number, agoMs: number, facts: PodFacts['sandbox'] = dead): Pod {
  const alive = facts === dead ? { pause: null, containers: {} } : {};
  const it = pod(`web-${number}`, {
    base: 1000 * (number + 1),
    sandbox: { uid: 'uid-of-web', attempt: number, createdAtMs: NOW_MS - agoMs, ...facts },
    ...alive,
  });
  return { ...it, sandbox: { ...it.sandbox, name: 'web' } };
}

/** Sandboxes made at these times (minutes ago), the last of which lives. */
function generations(...minutesAgo: readonly number[]): Pod[] {
  const last = minutesAgo.length - 1;
  return minutesAgo.map((ago, index) => attempt(index, ago * MINUTE_MS, index === last ? {} : dead));
}

const SUBJECT = { kind: 'sandbox', namespace: 'shop', pod: 'web' } as const;

export const CHURN_CASES: readonly FindingCase[] = [
  {
    id: 'sandbox-churn',
    fires: [
      {
        when: 'three were replaced within the hour (case 38)',
        node: node({ pods: generations(40, 30, 20, 10) }),
        severity: 'warning',
        subject: { ...SUBJECT, sandboxId: idOf('web-3') },
        evidence: { replaced: 3, attempt: 3, sharedPidNamespace: false },
        summary: /replaced 3 times within 60 minutes; this is attempt 3/,
        remedy: /^Look for out-of-memory kills.*SystemdCgroup/,
        neverAdvises: /kill 1/,
      },
      {
        when: 'somebody runs "kill 1" in a pod that shares its PID namespace (case 10)',
        node: node({ pods: [...generations(40, 30, 20, 10).slice(0, 3), attempt(3, 600_000, { pidMode: 'pod' })] }),
        severity: 'warning',
        subject: SUBJECT,
        evidence: { sharedPidNamespace: true },
        summary: /attempt 3/,
        remedy: /whoever runs "kill 1" there ends the whole pod/,
      },
      {
        when: 'the dead ones were removed and only their numbers tell',
        node: node({ pods: [attempt(2, 50 * MINUTE_MS), attempt(9, MINUTE_MS, {})] }),
        severity: 'warning',
        subject: SUBJECT,
        evidence: { replaced: 7, attempt: 9 },
        summary: /replaced 7 times/,
        remedy: /kernel log/,
      },
    ],
    quiet: [
      { when: 'a sandbox was replaced once', node: node({ pods: generations(50, 10) }) },
      { when: 'attempts are many and old', node: node({ pods: [attempt(845, 5 * 60 * MINUTE_MS, {})] }) },
      {
        when: 'a static pod had many before the node booted (case 63)',
        node: node({ pods: generations(40, 30, 20, 10), kernel: { bootTimeMs: NOW_MS - 15 * MINUTE_MS } }),
      },
      {
        when: 'they end as soon as they start: the other finding says why',
        node: node({ pods: generations(0.8, 0.6, 0.4, 0.2) }),
      },
      {
        when: 'other pods have the same UID, as those made by hand',
        node: node({
          pods: ['a', 'b', 'c', 'd', 'e'].map((it, i) => pod(it, { base: 1000 * (i + 1), sandbox: { uid: 'x' } })),
        }),
      },
      {
        when: 'the image of a container fails (case 8): its sandbox stays',
        node: node({ pods: [attempt(0, 600_000, {})] }),
      },
    ],
  },
  {
    id: 'pause-exits-early',
    fires: [
      {
        when: 'sandboxes of one pod end within seconds (case 46)',
        node: node({ pods: [attempt(0, 32_000), attempt(1, 26_000), attempt(2, 20_000)] }),
        severity: 'critical',
        subject: SUBJECT,
        evidence: { endedEarly: 2, attempt: 2, image: 'registry.k8s.io/pause:3.9' },
        summary:
          /^2 sandboxes of the pod ended within seconds of their start \(one within \d+ seconds?\); this is attempt 2/,
        remedy: /registry\.k8s\.io\/pause:3\.9 is for the architecture of this node/,
      },
    ],
    quiet: [
      { when: 'a pod was deleted at once: there is no second attempt', node: node({ pods: [attempt(0, 2000)] }) },
      {
        when: 'one ended early and the next lives',
        node: node({ pods: [attempt(0, 30_000), attempt(1, 25_000, {})] }),
      },
      { when: 'they lived for minutes', node: node({ pods: generations(40, 30, 20, 10) }) },
      {
        when: 'it was before the node booted',
        node: node({
          pods: [attempt(0, 32_000), attempt(1, 26_000), attempt(2, 20_000)],
          kernel: { bootTimeMs: NOW_MS },
        }),
      },
      {
        when: 'nothing is known of the boot and nothing ended',
        node: node({ pods: [pod()], kernel: { bootTimeMs: BOOT_MS } }),
      },
    ],
  },
];
