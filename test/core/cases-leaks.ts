/** When the findings about what is left over fire, and when they must not. */
import type { FindingCase } from './finding-case.ts';
import { BOOT_MS, idOf, NOW_MS, node, pod } from './snapshot-builder.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const UID = '5c1f2a9e-0000-4000-8000-000000000001';

/** The older sandbox of a pod; the newer one was made `replacedAgo` before now. */
const ended = { state: 'notready', pause: { kind: 'none', reason: 'exited' } } as const;
const EXITED = { app: { state: 'exited', pid: undefined, init: null } } as const;
const old = (facts: Parameters<typeof pod>[1] = {}) =>
  pod('web', {
    pause: null,
    containers: EXITED,
    ...facts,
    sandbox: { name: 'web', uid: UID, createdAtMs: NOW_MS - 5 * HOUR, ...ended, ...facts.sandbox },
  });
const newer = (replacedAgo: number, facts: Parameters<typeof pod>[1] = {}) =>
  pod('web-new', {
    base: 2000,
    ...facts,
    sandbox: { name: 'web', uid: UID, attempt: 1, createdAtMs: NOW_MS - replacedAgo, ...facts.sandbox },
  });
const oldReady = (facts: Parameters<typeof pod>[1] = {}) =>
  old({ pause: {}, ...facts, sandbox: { state: 'ready', pause: { kind: 'pid', pid: 1001 }, ...facts.sandbox } });
const WEB = { kind: 'sandbox', sandboxId: idOf('web') } as const;
const EMPTY = { containers: {} } as const;

export const LEAK_CASES: readonly FindingCase[] = [
  {
    id: 'sandbox-leaked-notready',
    fires: [
      {
        when: 'a newer sandbox replaced it two hours ago and its record is still there (L23)',
        node: node({ pods: [old(), newer(2 * HOUR)] }),
        severity: 'warning',
        subject: WEB,
        evidence: { attempt: 0, newestAttempt: 1, ageSeconds: 7215, containers: 1, beforeBoot: false },
        summary: /\(attempt 0\) has ended and was replaced 2 hours ago \(now attempt 1\)/,
        remedy: new RegExp(`Restart the kubelet.*crictl rmp ${idOf('web')}`),
      },
      {
        when: 'it was replaced ten minutes ago, which is only a fact',
        node: node({ pods: [old(), newer(10 * MINUTE)] }),
        severity: 'info',
        subject: WEB,
        evidence: { ageSeconds: 615 },
        summary: /replaced 10 minutes ago/,
        remedy: /Restart the kubelet/,
      },
      {
        when: 'it is of the time before a boot that was an hour ago (case 42)',
        node: node({
          pods: [old({ sandbox: { createdAtMs: BOOT_MS } }), newer(HOUR)],
          kernel: { bootTimeMs: NOW_MS - HOUR },
        }),
        severity: 'warning',
        subject: WEB,
        evidence: { beforeBoot: true },
        summary: /was replaced 1 hour ago/,
        remedy: /kubelet/,
      },
    ],
    quiet: [
      { when: 'it is the newest of its pod: a finished Job, kept for its logs', node: node({ pods: [old()] }) },
      { when: 'it was replaced just now', node: node({ pods: [old(), newer(20_000)] }) },
      {
        when: 'a container of it still runs, which is another finding',
        node: node({ pods: [old({ containers: { app: {} } }), newer(2 * HOUR)] }),
      },
      {
        when: 'the node has booted ten minutes ago (the kubelet replaces them one by one)',
        node: node({ pods: [old(), newer(9 * MINUTE)], kernel: { bootTimeMs: NOW_MS - 10 * MINUTE } }),
      },
      {
        when: 'two pods without a UID, made by hand, have one name',
        node: node({ pods: [old({ sandbox: { uid: '' } }), newer(2 * HOUR, { sandbox: { uid: '' } })] }),
      },
      {
        when: 'the list is an old one, since the runtime is silent',
        node: node({ pods: [old(), newer(2 * HOUR)], runtime: { up: false } }),
      },
    ],
  },
  {
    id: 'sandbox-leaked-ready',
    fires: [
      {
        when: 'a newer sandbox replaced it and nothing runs in it',
        node: node({ pods: [oldReady(EMPTY), newer(2 * HOUR)] }),
        severity: 'warning',
        subject: WEB,
        evidence: { reason: 'superseded', attempt: 0, newestAttempt: 1, pausePid: 1001 },
        summary: /is ready and runs nothing: a newer one \(attempt 1\) replaced it 2 hours ago/,
        remedy: /crictl stopp \S+ && crictl rmp/,
      },
      {
        when: 'the newer one has ended too',
        node: node({
          pods: [oldReady(), newer(10 * MINUTE, { pause: null, containers: EXITED, sandbox: ended })],
        }),
        severity: 'info',
        subject: WEB,
        evidence: { reason: 'superseded' },
        summary: /replaced it 10 minutes ago/,
        remedy: /kubelet/,
      },
      {
        when: 'it has had no container at all for five hours (case 39)',
        node: node({ pods: [oldReady(EMPTY)] }),
        severity: 'warning',
        subject: WEB,
        evidence: { reason: 'no-containers', ageSeconds: 18_015 },
        summary: /has been ready for 5 hours, and no container of it is on record/,
        remedy: /kubectl get pod.*image that cannot be pulled/,
      },
    ],
    quiet: [
      { when: 'a container runs in it', node: node({ pods: [oldReady({ containers: { app: {} } })] }) },
      {
        when: 'it waits for its first container since half an hour',
        node: node({ pods: [oldReady({ ...EMPTY, sandbox: { createdAtMs: NOW_MS - 30 * MINUTE } })] }),
      },
      { when: 'its container has exited and will be started again', node: node({ pods: [oldReady()] }) },
      { when: 'it was replaced just now', node: node({ pods: [oldReady(), newer(20_000)] }) },
      {
        when: 'nobody knows when the node booted',
        node: node({ pods: [oldReady(EMPTY)], kernel: { bootTimeMs: undefined } }),
      },
    ],
  },
  {
    id: 'sandbox-duplicate',
    fires: [
      {
        when: 'two attempts of one pod are ready for ten minutes (L22)',
        node: node({ pods: [oldReady({ containers: { app: {} } }), newer(10 * MINUTE)] }),
        severity: 'warning',
        subject: WEB,
        evidence: { attempt: 0, newestAttempt: 1, runningContainers: 1, newestSandboxId: idOf('web-new') },
        summary: /newer sandbox of this pod \(attempt 1\) is ready too.*10 minutes ago and still runs containers/,
        remedy: /Before the runtime is restarted.*crictl stopp/,
      },
      {
        when: 'the second is just being made, which is only a fact',
        node: node({ pods: [oldReady(EMPTY), newer(5000)] }),
        severity: 'info',
        subject: WEB,
        evidence: { runningContainers: 0 },
        summary: /should have ended 20 seconds ago\.$/,
        remedy: /crictl stopp/,
      },
    ],
    quiet: [
      { when: 'the older one has ended', node: node({ pods: [old(), newer(10 * MINUTE)] }) },
      {
        when: 'two pods made by hand were given one UID',
        node: node({ pods: [oldReady({ sandbox: { name: 'other' } }), newer(10 * MINUTE)] }),
      },
      {
        when: 'the older stood before a boot ten minutes ago: the kubelet replaces them one by one',
        node: node({ pods: [oldReady(), newer(9 * MINUTE)], kernel: { bootTimeMs: NOW_MS - 10 * MINUTE } }),
      },
      { when: 'two pods have a sandbox each', node: node({ pods: [pod(), pod('other', { base: 2000 })] }) },
      {
        when: 'the newest has ended and an older one is ready',
        node: node({ pods: [oldReady(), newer(10 * MINUTE, { pause: null, containers: EXITED, sandbox: ended })] }),
      },
    ],
  },
];
