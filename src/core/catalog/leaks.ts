/** What is fixed about the findings on what is left over: sandboxes, shims, processes. */
import { sandboxDuplicate, sandboxLeakedNotready, sandboxLeakedReady } from '../rules/leaks.ts';
import { orphanProcess, shimOrphaned } from '../rules/orphans.ts';
import type { FindingFacts } from './finding-facts.ts';

/** A leak takes an hour to be one: until then the kubelet may still be about to clear it away. */
const LEAK_MS = 60 * 60_000;
const BY_AGE = 'info while younger than an hour';

/** By id. */
export const LEAK_FINDINGS = {
  'orphan-process': {
    title: 'A process in a pod without a record',
    severity: 'warning',
    severityNote: 'critical beside a newer ready sandbox of the same pod: the pod runs twice',
    looks: 2,
    confirmAfterMs: 60_000,
    meaning:
      'A process lives in the cgroup of a pod, and the runtime has no container that runs for it. It goes on using files, ports and memory of the pod, and nobody will ever stop it.',
    rule: orphanProcess,
  },
  'sandbox-duplicate': {
    title: 'A pod has two ready sandboxes',
    severity: 'warning',
    severityNote: 'info during the first minute, in which the kubelet may be replacing one by the other',
    looks: 1,
    confirmAfterMs: 60_000,
    meaning:
      'The runtime keeps more than one ready sandbox for one pod. The older holds an address and resources in vain; after such records have piled up some versions of containerd fail to start again.',
    rule: sandboxDuplicate,
  },
  'sandbox-leaked-ready': {
    title: 'A ready sandbox that nothing runs in',
    severity: 'warning',
    severityNote: BY_AGE,
    looks: 1,
    confirmAfterMs: LEAK_MS,
    meaning:
      'A sandbox is ready and holds an address, but it was replaced by a newer one, or has had no container on record for an hour.',
    rule: sandboxLeakedReady,
  },
  'sandbox-leaked-notready': {
    title: 'An ended sandbox that nobody removes',
    severity: 'warning',
    severityNote: BY_AGE,
    looks: 1,
    confirmAfterMs: LEAK_MS,
    meaning:
      'A sandbox has ended and its pod has a newer one, but the record is still there. By the thousand such records slow down the runtime and everything that lists containers.',
    rule: sandboxLeakedNotready,
  },
  'shim-orphaned': {
    title: 'A shim that serves no pod',
    severity: 'info',
    severityNote: '',
    looks: 2,
    confirmAfterMs: LEAK_MS,
    meaning:
      'A shim (or conmon) of a pod outlived it: no runtime knows the sandbox or container that it was started for. It costs some memory, and nothing else.',
    rule: shimOrphaned,
  },
} as const satisfies Readonly<Record<string, FindingFacts>>;
