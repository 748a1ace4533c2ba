/** Every finding there is: the one list that rules, JSON, metrics, pages and documents are made from. */
import type { FindingId, Severity } from '../finding.ts';
import { containerInitZombie, containerRunningDead } from './containers.ts';
import { pauseImageLegacyRegistry, pauseImageMissing, pauseImageTooOld } from './images.ts';
import { pauseDeadContainersRunning, pauseNotReaping, pausePidMismatch, pauseStopped, pauseZombie } from './pause.ts';
import type { Rule } from './rule.ts';
import { runtimeUnreachable } from './runtime.ts';
import { zombiesAppParent, zombiesContainerInit, zombiesRuntime } from './zombies.ts';

/** What is fixed about a finding. */
export interface CatalogEntry {
  readonly id: FindingId;
  /** A few words for a list. */
  readonly title: string;
  /** The usual severity; the rule may raise or lower it. */
  readonly severity: Severity;
  /** When `severity` is not the one reported. */
  readonly severityNote: string;
  /** Looks that must agree before it is shown at all: 2 where the healthy end of a process looks the same for a moment. */
  readonly looks: 1 | 2;
  /** How long it must hold, beside two consecutive audits, to be confirmed. Milliseconds. */
  readonly confirmAfterMs: number;
  /** What it means, for someone who has never heard of it. */
  readonly meaning: string;
  readonly rule: Rule;
}

const BY_AGE_AND_COUNT =
  'info below 10 zombies or while the oldest is younger than 5 minutes; critical from 10 on at 90 % of a PID limit';
const BY_SHARED_PID = 'warning when the pod does not share its PID namespace';

/** In the order of causes: what stands earlier may explain what stands later. */
export const CATALOG: readonly CatalogEntry[] = [
  {
    id: 'runtime-unreachable',
    title: 'Container runtime does not answer',
    severity: 'critical',
    severityNote: '',
    looks: 1,
    confirmAfterMs: 0,
    meaning:
      'The container runtime did not answer. The kubelet cannot start, stop or probe anything through it either. Pods that run go on running.',
    rule: runtimeUnreachable,
  },
  {
    id: 'pause-image-missing',
    title: 'Pause image is not on the node',
    severity: 'critical',
    severityNote: '',
    looks: 2,
    confirmAfterMs: 0,
    meaning:
      'Every pod starts with a pause container, and its image is no longer stored on this node. Pods that run are not affected; the next one to start needs the registry, and fails if it cannot pull.',
    rule: pauseImageMissing,
  },
  {
    id: 'pause-dead-containers-running',
    title: 'Pause is dead, containers run on',
    severity: 'critical',
    severityNote: '',
    looks: 1,
    confirmAfterMs: 60_000,
    meaning:
      'The pause process that held the pod together is gone while containers of the pod still run. They keep running, but none of them can be restarted in place and no new one can join.',
    rule: pauseDeadContainersRunning,
  },
  {
    id: 'pause-zombie',
    title: 'Pause is a zombie',
    severity: 'critical',
    severityNote: BY_SHARED_PID,
    looks: 2,
    confirmAfterMs: 0,
    meaning:
      'The pause process has died and its parent, the shim (or conmon), has not collected it, so the runtime still believes that the sandbox is ready.',
    rule: pauseZombie,
  },
  {
    id: 'pause-stopped',
    title: 'Pause is stopped',
    severity: 'critical',
    severityNote: BY_SHARED_PID,
    looks: 1,
    confirmAfterMs: 0,
    meaning:
      'The pause process has been stopped by a signal or a debugger. In a shared PID namespace nothing is reaped until it continues, and the pod cannot be stopped gracefully.',
    rule: pauseStopped,
  },
  {
    id: 'pause-pid-mismatch',
    title: 'Pause PID belongs to another process',
    severity: 'critical',
    severityNote: '',
    looks: 2,
    confirmAfterMs: 0,
    meaning:
      'The PID that the runtime gives for the sandbox belongs to a process that is not its pause. Whatever acts on that PID acts on a stranger.',
    rule: pausePidMismatch,
  },
  {
    id: 'container-init-zombie',
    title: 'First process of a container is dead and uncollected',
    severity: 'critical',
    severityNote: '',
    looks: 2,
    confirmAfterMs: 0,
    meaning:
      'The first process of a container is dead but cannot go: either threads of it live on (often stuck in the kernel), or its parent does not collect it. The runtime still says RUNNING and the pod hangs when it is deleted.',
    rule: containerInitZombie,
  },
  {
    id: 'container-running-dead',
    title: 'Container is RUNNING only on paper',
    severity: 'critical',
    severityNote: '',
    looks: 2,
    confirmAfterMs: 60_000,
    meaning:
      'The runtime says that the container runs, and the kernel has no such process. The runtime lost the exit; nothing restarts the container because nobody knows that it ended.',
    rule: containerRunningDead,
  },
  {
    id: 'zombies-runtime',
    title: 'Runtime does not reap',
    severity: 'warning',
    severityNote: BY_AGE_AND_COUNT,
    looks: 1,
    confirmAfterMs: 0,
    meaning:
      'Dead processes hang under a part of the container runtime (shim, conmon, runc) that does not collect them.',
    rule: zombiesRuntime,
  },
  {
    id: 'pause-not-reaping',
    title: 'Pause does not reap',
    severity: 'warning',
    severityNote: 'critical from 100 zombies on, or with zombies above 80 % of the PID limit',
    looks: 1,
    confirmAfterMs: 0,
    meaning:
      'The pod shares one PID namespace, so pause is its PID 1 and must collect every orphan. It does not, or is a version known not to. Zombies pile up until no process can be started.',
    rule: pauseNotReaping,
  },
  {
    id: 'zombies-container-init',
    title: 'PID 1 of a container does not reap',
    severity: 'warning',
    severityNote: BY_AGE_AND_COUNT,
    looks: 1,
    confirmAfterMs: 0,
    meaning:
      "The container's own PID 1 inherits every orphan of the container and does not collect them. Each one takes a PID for good.",
    rule: zombiesContainerInit,
  },
  {
    id: 'zombies-app-parent',
    title: 'A process does not wait for its children',
    severity: 'warning',
    severityNote: BY_AGE_AND_COUNT,
    looks: 1,
    confirmAfterMs: 0,
    meaning:
      'A process in the container that lives on starts children and never waits for them. Nobody else can collect them while it lives: no init and no pause helps.',
    rule: zombiesAppParent,
  },
  {
    id: 'pause-image-too-old',
    title: 'Pause image is too old to reap',
    severity: 'warning',
    severityNote: '',
    looks: 1,
    confirmAfterMs: 0,
    meaning:
      'Pause before version 3.1 does not reap. Harmless as long as no pod shares its PID namespace; with the first one that does, its orphans stay.',
    rule: pauseImageTooOld,
  },
  {
    id: 'pause-image-legacy-registry',
    title: 'Pause image comes from a frozen registry',
    severity: 'warning',
    severityNote: '',
    looks: 1,
    confirmAfterMs: 0,
    meaning:
      'The pause image is named after a registry that has been frozen since April 2023. Pods that run are not affected; newer versions do not exist there, and a node that must pull may fail.',
    rule: pauseImageLegacyRegistry,
  },
];
