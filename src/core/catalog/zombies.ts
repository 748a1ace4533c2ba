/** What is fixed about the findings on zombies, by who fails to reap them. */
import { zombiesAppParent, zombiesContainerInit, zombiesRuntime } from '../rules/zombies.ts';
import type { FindingFacts } from './finding-facts.ts';

const BY_AGE_AND_COUNT =
  'info below 10 zombies or while the oldest is younger than 5 minutes; critical from 10 on at 90 % of a PID limit';

/** By id. */
export const ZOMBIE_FINDINGS = {
  'zombies-runtime': {
    title: 'Runtime does not reap',
    severity: 'warning',
    severityNote: BY_AGE_AND_COUNT,
    looks: 1,
    confirmAfterMs: 0,
    meaning:
      'Dead processes hang under a part of the container runtime (shim, conmon, runc) that does not collect them.',
    rule: zombiesRuntime,
  },
  'zombies-container-init': {
    title: 'PID 1 of a container does not reap',
    severity: 'warning',
    severityNote: BY_AGE_AND_COUNT,
    looks: 1,
    confirmAfterMs: 0,
    meaning:
      "The container's own PID 1 inherits every orphan of the container and does not collect them. Each one takes a PID for good.",
    rule: zombiesContainerInit,
  },
  'zombies-app-parent': {
    title: 'A process does not wait for its children',
    severity: 'warning',
    severityNote: BY_AGE_AND_COUNT,
    looks: 1,
    confirmAfterMs: 0,
    meaning:
      'A process in the container that lives on starts children and never waits for them. Nobody else can collect them while it lives: no init and no pause helps.',
    rule: zombiesAppParent,
  },
} as const satisfies Readonly<Record<string, FindingFacts>>;
