/** Words for the findings on where things are: namespaces, cgroups, sandboxes without a pause. */
import type { DriftReason } from '../evidence/worded.ts';
import type { Evidence } from '../finding.ts';
import { capital, containerOf, type Explanation, factsOf, type Words } from './facts.ts';

/** By id. */
export const PLACEMENT_WORDS = {
  'cgroup-driver-mismatch': ({ evidence }) => {
    const has = factsOf(evidence);
    const isMixed = Number(evidence['mixed']) > 0;
    const example = evidence['example'] === null ? '' : `, for example ${has.text('example')}`;
    return {
      summary: isMixed
        ? `${has.count('mixed', 'sandbox')} (${has.list('pods')}) ${evidence['mixed'] === 1 ? 'lies' : 'lie'} in a slice that the kubelet named for systemd, under a name that the runtime gave for cgroupfs${example}.`
        : `${has.text('systemd')} sandboxes are laid out for systemd and ${has.text('cgroupfs')} for cgroupfs (fewer: ${has.list('pods')})${example}.`,
      remedy: isMixed
        ? 'Compare the cgroup driver of the kubelet (cgroupDriver) with that of the runtime (SystemdCgroup of containerd, cgroup_manager of CRI-O, native.cgroupdriver of Docker): either is right as long as both are the same. Change one, restart it, and recreate the pods.'
        : 'If a cgroup driver was changed lately, the older pods move over when they are recreated. Else compare the driver of the kubelet with that of the runtime: either is right as long as both are the same.',
    };
  },
  'namespace-drift': (finding) => namespaceDrift(finding.evidence, containerOf(finding)),
  'sandbox-no-host-pause': ({ evidence }) => {
    const has = factsOf(evidence);
    const dropped = Number(evidence['infraDropped']);
    const inMachines = Number(evidence['sandboxedRuntime']);
    const parts = [
      ...(dropped > 0 ? [`${dropped} because CRI-O starts none for pods that do not share a PID namespace`] : []),
      ...(inMachines > 0 ? [`${inMachines} because they run behind a kernel of their own`] : []),
    ];
    return {
      summary: `${has.count('sandboxes', 'sandbox')} on this node ${evidence['sandboxes'] === 1 ? 'has' : 'have'} no pause by design: ${parts.join(', ')} (${has.list('pods')}).`,
      remedy:
        'Nothing is to be done. Zombies in such a pod are the affair of the PID 1 of each container; shareProcessNamespace helps only where the node has a pause for it.',
    };
  },
} as const satisfies Readonly<Record<string, Words>>;

function namespaceDrift(evidence: Evidence, container: string): Explanation {
  const has = factsOf(evidence);
  const kinds = Array.isArray(evidence['kinds']) ? evidence['kinds'].join(', ') : '';
  const reason = evidence['reason'] as DriftReason;
  switch (reason) {
    case 'two-generations':
      return {
        summary: `${capital(container)} runs on in an old sandbox (attempt ${has.text('attempt')}) beside a newer one (attempt ${has.text('newestAttempt')}) with containers of its own${kinds === '' ? '' : `; they differ in ${kinds}`}.`,
        remedy: 'Delete the pod, so that all of it is made anew in one sandbox.',
      };
    case 'network-lost':
      return {
        summary: `The runtime has lost the network namespace of this sandbox, while its pause (PID ${has.text('pausePid')}) lives.`,
        remedy: 'Delete the pod, so that it gets a new network. Upgrade the runtime if it happened at a restart of it.',
      };
    case 'drifted':
      return {
        summary: `${capital(container)} (PID ${has.text('pid')}) is not in the ${kinds} namespace${kinds.includes(',') ? 's' : ''} of its ${has.text('expected')} (${has.list('inodes')}).`,
        remedy:
          'Delete the pod, so that all of it is made anew in one sandbox. If it happens again, look for what moves it there (setns, nsenter, an old kubelet).',
      };
    default:
      return reason satisfies never;
  }
}
