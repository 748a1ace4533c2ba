/** What is fixed about the findings on where things are: namespaces, cgroups, sandboxes without a pause. */
import { cgroupDriverMismatch, sandboxNoHostPause } from '../rules/layout.ts';
import { namespaceDrift } from '../rules/namespaces.ts';
import type { FindingFacts } from './finding-facts.ts';

/** By id. */
export const PLACEMENT_FINDINGS = {
  'cgroup-driver-mismatch': {
    title: 'Pods are laid out in two different ways',
    severity: 'info',
    severityNote: '',
    looks: 1,
    confirmAfterMs: 0,
    meaning:
      'Kubelet and container runtime name the cgroups of pods in different ways, or did so at different times. With one of them on the systemd driver and the other on cgroupfs, systemd may kill sandboxes every few minutes.',
    rule: cgroupDriverMismatch,
  },
  'namespace-drift': {
    title: 'Containers of one pod in different namespaces',
    severity: 'critical',
    severityNote: 'warning when the runtime has only lost its record of the network namespace',
    looks: 2,
    confirmAfterMs: 0,
    meaning:
      'A container is not in the namespaces of its sandbox, or containers of one pod live in two sandboxes. They do not reach each other over localhost, and may answer at an address that is no longer the pod’s.',
    rule: namespaceDrift,
  },
  'sandbox-no-host-pause': {
    title: 'Sandboxes without a pause by design',
    severity: 'info',
    severityNote: '',
    looks: 1,
    confirmAfterMs: 0,
    meaning:
      'Some sandboxes have no pause process on this node, and need none: the runtime keeps their namespaces itself, or runs them in a machine of their own. What is said of a pause does not apply to them.',
    rule: sandboxNoHostPause,
  },
} as const satisfies Readonly<Record<string, FindingFacts>>;
