/** Alerts that say of one pod, or of one node, what a finding says: one row each. */
import type { Alert } from './alert.ts';

/** A finding that becomes a ticket as it is. */
interface Row {
  readonly finding: string;
  readonly name: string;
  readonly owner: Alert['owner'];
  /** Beyond the finding's own confirmation. */
  readonly forMinutes: number;
  /** After "Pod namespace/name on node: "; no full stop. */
  readonly what: string;
  /** Consequence, then remedy. */
  readonly description: string;
}

const OF_PODS: readonly Row[] = [
  {
    finding: 'pause-dead-containers-running',
    name: 'PausewatchPauseDead',
    owner: 'platform',
    forMinutes: 2,
    what: 'pause is dead and containers run on',
    description:
      'Nothing in the pod can be restarted in place, exec fails, and its network may be gone. Delete the pod, so that the kubelet makes a new sandbox; a pod without a controller must be created again.',
  },
  {
    finding: 'pause-stopped',
    name: 'PausewatchPauseStopped',
    owner: 'platform',
    forMinutes: 5,
    what: 'pause is stopped and reaps nothing',
    description:
      'Orphans of a shared PID namespace pile up until nothing can be started. Continue pause with kill -CONT on the node, or thaw its cgroup if the finding says that it is frozen; then find what stopped it.',
  },
  {
    finding: 'pause-zombie',
    name: 'PausewatchPauseZombie',
    owner: 'platform',
    forMinutes: 5,
    what: 'pause is a zombie',
    description:
      'The runtime has not collected pause, so it believes that the pod lives. Look at the shim of the sandbox, then delete the pod.',
  },
  {
    finding: 'pause-dying',
    name: 'PausewatchPauseDying',
    owner: 'platform',
    forMinutes: 10,
    what: 'pause is about to end and cannot',
    description:
      'A process of its PID namespace is not collected: held by somebody outside of the pod, or stuck in the kernel on storage. The finding names it and says who may be ended; rebooting the node is the last resort.',
  },
  {
    finding: 'pause-not-reaping',
    name: 'PausewatchPauseNotReaping',
    owner: 'platform',
    forMinutes: 15,
    what: 'pause is PID 1 and does not reap',
    description:
      'Orphans of the pod pile up until nothing can be started. The finding says what helps this pause: mostly pause 3.1 or later as the sandbox image of the runtime, and a new pod; until then shareProcessNamespace: false.',
  },
  {
    finding: 'pause-pid-mismatch',
    name: 'PausewatchPausePidMismatch',
    owner: 'platform',
    forMinutes: 5,
    what: 'the PID the runtime names is not this pause',
    description:
      'Pause died and its PID was given to a stranger, on whom the runtime now acts. Delete the pod and restart the runtime.',
  },
  {
    finding: 'pause-impersonation',
    name: 'PausewatchPauseImpersonation',
    owner: 'platform',
    forMinutes: 5,
    what: 'a container calls itself pause and is not one',
    description:
      'It burns CPU under a name that dashboards leave out: often a miner. Treat the workload as compromised until you know its image.',
  },
  {
    finding: 'pause-unexpected-binary',
    name: 'PausewatchPauseUnexpectedBinary',
    owner: 'platform',
    forMinutes: 15,
    what: 'an unknown program runs as pause',
    description:
      'It holds the namespaces of the pod and is in no list of pause programs. Compare its hash; allow the image in the policy file if it is yours.',
  },
  {
    finding: 'pause-cpu-usage',
    name: 'PausewatchPauseCpuUsage',
    owner: 'platform',
    forMinutes: 30,
    what: 'pause uses CPU',
    description:
      'Pause sleeps all its life. Look at what the process really is, and at storms of orphans it must reap.',
  },
  {
    finding: 'container-running-dead',
    name: 'PausewatchContainerRunningDead',
    owner: 'platform',
    forMinutes: 5,
    what: 'a container runs only on paper',
    description:
      'The runtime lost the exit, so nothing restarts the container. Delete the pod; if it comes again, restart the runtime.',
  },
  {
    finding: 'orphan-process',
    name: 'PausewatchOrphanProcess',
    owner: 'platform',
    forMinutes: 30,
    what: 'a process lives on that the runtime does not know',
    description:
      'It holds files, ports or volumes of a container that is gone, perhaps beside its successor. Make sure what it is; the finding says whether the pod is deleted or the process ended on the node.',
  },
  {
    finding: 'sandbox-churn',
    name: 'PausewatchSandboxChurn',
    owner: 'platform',
    forMinutes: 15,
    what: 'gets one sandbox after the other',
    description:
      'Its pause does not stay. The finding says how the last ones died: out of memory, a signal, the network plugin, an image of another architecture.',
  },
  {
    finding: 'container-init-zombie',
    name: 'PausewatchContainerInitZombie',
    owner: 'workload',
    forMinutes: 10,
    what: 'the first process of a container is dead and not collected',
    description:
      'The container counts as running, and the pod will hang when it is deleted. Threads of it live on, often stuck in the kernel, or a debugger holds it: the finding names them.',
  },
  {
    finding: 'namespace-drift',
    name: 'PausewatchNamespaceDrift',
    owner: 'workload',
    forMinutes: 10,
    what: 'a container is not in the namespaces of its sandbox',
    description:
      'Containers of the pod do not see the same network, IPC or processes: localhost between them fails. Delete the pod, so that all its containers start in one sandbox.',
  },
  {
    finding: 'pid-limit-hit',
    name: 'PausewatchPidLimitHit',
    owner: 'workload',
    forMinutes: 0,
    what: 'forks are refused under its PID limit',
    description:
      'The pod cannot start processes or threads: probes fail and programs report that a resource is temporarily unavailable. If its zombies fill the limit, mend their parent; else raise podPidsLimit or start less.',
  },
];

const OF_NODES: readonly Row[] = [
  {
    finding: 'pause-image-missing',
    name: 'PausewatchPauseImageMissing',
    owner: 'platform',
    forMinutes: 10,
    what: 'the pause image is not on the node',
    description:
      'Pods that run are not affected; the next one needs the registry and fails if it cannot pull. Pull the configured sandbox image again and pin it.',
  },
  {
    finding: 'zombies-runtime',
    name: 'PausewatchRuntimeZombies',
    owner: 'platform',
    forMinutes: 30,
    what: 'parts of the container runtime do not reap',
    description:
      'Shims or monitors hold dead processes, each of which takes a PID of the node. Look at the shim the finding names: frozen, stuck on storage, or a known fault of this version.',
  },
  {
    finding: 'shim-stuck',
    name: 'PausewatchShimStuck',
    owner: 'platform',
    forMinutes: 15,
    what: 'a shim is stuck',
    description:
      'Its pod can be neither stopped nor asked for its state, and calls of the kubelet wait for it. The finding says whether it is stopped or waits in the kernel.',
  },
];

function ofPod({ finding, name, owner, forMinutes, what, description }: Row): Alert {
  return {
    name,
    expr: `max without (level) (pausewatch_pod_finding{finding="${finding}"}) == 1`,
    forMinutes,
    keepMinutes: 15,
    severity: 'warning',
    owner,
    runbook: `findings/${finding}.md`,
    summary: `Pod {{ $labels.namespace }}/{{ $labels.pod }} on {{ $labels.node }}: ${what}.`,
    description,
  };
}

function ofNode({ finding, name, owner, forMinutes, what, description }: Row): Alert {
  return {
    name,
    expr: `max without (level) (pausewatch_findings{finding="${finding}"}) > 0`,
    forMinutes,
    keepMinutes: 15,
    severity: 'warning',
    owner,
    runbook: `findings/${finding}.md`,
    summary: `Node {{ $labels.node }}: ${what}.`,
    description,
  };
}

/** Tickets about single pods. */
export const POD_FINDING_ALERTS: readonly Alert[] = OF_PODS.map(ofPod);

/** Tickets about single nodes. */
export const NODE_FINDING_ALERTS: readonly Alert[] = OF_NODES.map(ofNode);
