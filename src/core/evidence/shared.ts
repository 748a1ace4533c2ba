/** Descriptions of evidence that several kinds of findings carry. */
import { HOLDER_KINDS, oneOf, PARENT_KINDS, SHARING_HELPS } from './worded.ts';

/** Which process is meant. */
export const PAUSE_PID = 'host PID of the pause process';

/** How pause stands to the pod. */
export const SHARED = 'the containers are in the PID namespace of pause, which is their PID 1; null: not known';

/** The process that has not collected a dead one. */
export const PARENT = {
  parentPid: 'host PID of the process that ought to collect it; null: gone',
  parentComm: 'name of that process',
  parentState: 'its state letter (proc_pid_stat(5)): T is stopped',
  parentTraces: 'true: it is no parent but traces it, and comes before the parent',
} as const;

/** Which pods run on an image. */
export const USERS = {
  sandboxes: 'unfinished sandboxes concerned',
  pods: 'the first five of their pods, namespace/name',
} as const;

/** Who a process outside of the pod is: whether it may be ended depends on it. */
export const HOLDER_KIND = `who that parent is: ${oneOf(HOLDER_KINDS)}`;

/** Whether the pod could get a reaper. */
export const SHARING = `whether shareProcessNamespace would help: ${oneOf(SHARING_HELPS)}`;

/** Zombies under one parent or several. */
export const ZOMBIES = {
  zombies: 'zombies seen dead in two looks',
  parentPid: 'host PID of the parent that holds most of them',
  parentNsPid: 'its PID in its innermost PID namespace',
  parentComm: 'its name',
  parentKind: `${oneOf(PARENT_KINDS)}: decides the remedy`,
  parentState: 'its state letter (proc_pid_stat(5)): T is stopped, t held by a debugger; null: not known',
  parentFrozen: 'true: it is frozen with its cgroup; null: not known to be',
  traced: 'how many of them a tracer holds, which then stands for the parent',
  parents: 'up to five parents, each with the number of zombies under it',
  names: 'the most frequent names of the zombies',
  perHour: 'growth per hour, once it was watched long enough; else null',
  exhaustedInSeconds: 'time until a PID limit is full at that rate; null: not known or not growing',
} as const;

/** CPU time between two looks. */
export const CPU = {
  cpuPercent: 'CPU time between two looks, in percent of one CPU',
  windowSeconds: 'time between these looks',
} as const;
