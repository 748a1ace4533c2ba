/** What is fixed about the findings on zombies, by who fails to reap them. */
import { initNotReaping } from '../rules/reapers.ts';
import { zombiesAppParent, zombiesContainerInit, zombiesHost, zombiesProbe, zombiesRuntime } from '../rules/zombies.ts';
import type { FindingFacts } from './finding-facts.ts';

const BY_AGE_AND_COUNT =
  'info below 10 zombies or while the oldest is younger than 5 minutes; critical from 10 on at 90 % of a PID limit, or when they fill a limit within a day';

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
  'zombies-probe': {
    title: 'An exec probe leaves zombies',
    severity: 'warning',
    severityNote: BY_AGE_AND_COUNT,
    looks: 1,
    confirmAfterMs: 0,
    meaning:
      "Zombies come back at a regular period, each time from a session of its own, as the runtime gives to what it execs: a probe starts children, ends or is ended before them, and the container's PID 1 adopts and does not collect them.",
    rule: zombiesProbe,
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
  'zombies-host': {
    title: 'A process of the node does not reap',
    severity: 'info',
    severityNote: 'warning from 10 on that are older than 5 minutes while they become more',
    looks: 1,
    confirmAfterMs: 0,
    meaning:
      "Dead processes hang under the node's PID 1 or under a process that belongs to no pod and no runtime. Common where the node itself is a container whose PID 1 is no init.",
    rule: zombiesHost,
  },
  'init-not-reaping': {
    title: 'PID 1 of a container will not reap',
    severity: 'info',
    severityNote: '',
    looks: 1,
    confirmAfterMs: 0,
    meaning:
      'PID 1 of the container is a program that never waits for children it did not start, and it has adopted some already. When they end they stay as zombies.',
    rule: initNotReaping,
  },
} as const satisfies Readonly<Record<string, FindingFacts>>;
