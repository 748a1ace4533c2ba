/** What the evidence of the findings on containers, zombies and PID limits says. */
import { HOLDER_KIND, PARENT, SHARED, SHARING, ZOMBIES } from './shared.ts';

const LIMIT_FROM =
  'container or pod; kubepods, pid-max, threads-max or none where a fork was refused and neither has a limit';

/** By finding id, then by key. */
export const POD_EVIDENCE = {
  'container-init-zombie': {
    pid: 'host PID of the first process of the container',
    comm: 'its name',
    liveThreads: 'threads of it that live on; 0: it is dead as a whole',
    stuckThread: 'one of them that hangs in the kernel (state D); null: none seen',
    stuckIn: 'where in the kernel it hangs',
    threadStates: 'state letters of its threads',
    ...PARENT,
  },
  'container-running-dead': {
    pid: 'PID that the runtime names',
    takenBy: 'name of the process that has this PID now; null: none',
    leftProcesses: 'processes of the container that live on',
    leftNames: 'names of some of them',
  },
  'zombies-runtime': { ...ZOMBIES, holderKind: HOLDER_KIND, runtime: 'name and version of the runtime' },
  'zombies-probe': {
    ...ZOMBIES,
    periodSeconds: 'time between two runs that left zombies',
    runs: 'runs that were seen',
    sharedPidNamespace: SHARED,
    sharingHelps: SHARING,
  },
  'zombies-container-init': { ...ZOMBIES, sharedPidNamespace: SHARED, sharingHelps: SHARING },
  'zombies-app-parent': { ...ZOMBIES, sharedPidNamespace: SHARED, pidMode: 'PID mode of the pod by the runtime' },
  'zombies-host': { ...ZOMBIES },
  'init-not-reaping': {
    parentPid: 'host PID of that PID 1',
    parentComm: 'its name',
    adopted: 'living children that it did not start',
    names: 'names of some of them',
    sharingHelps: SHARING,
  },
  'pid-limit-hit': {
    tasks: 'tasks charged (processes, threads and zombies)',
    limit: 'the limit; null: it is not known which one',
    limitFrom: LIMIT_FROM,
    container: 'name of the container whose limit it is; null: the pod’s',
    zombies: 'zombies among the tasks; null: not known yet',
    runtimeHandler: 'runtime handler of the pod',
    refused: 'forks refused between two audits, the last time any were',
    lastRefusedSecondsAgo: 'when the last of them was seen',
  },
  'pid-limit-near': {
    tasks: 'tasks charged (processes, threads and zombies)',
    limit: 'the limit',
    limitFrom: LIMIT_FROM,
    container: 'name of the container whose limit it is; null: the pod’s',
    zombies: 'zombies among the tasks; null: not known yet',
    runtimeHandler: 'runtime handler of the pod',
    exhaustedInSeconds: 'time until it is full at the present rate; null: not known or not growing',
  },
} as const;
