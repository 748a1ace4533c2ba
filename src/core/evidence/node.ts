/** What the evidence of the findings on the node, its runtime and what is left over says. */
import { PAUSE_PID } from './shared.ts';
import { DRIFT_REASONS, oneOf, SHIM_STUCK_REASONS } from './worded.ts';

const AGE = 'how long it has been so, seconds';
const ATTEMPTS = {
  sandboxId: 'the older sandbox',
  attempt: 'its attempt number',
  newestSandboxId: 'the newest sandbox of the pod',
  newestAttempt: 'its attempt number',
} as const;
const BEFORE_BOOT = 'it is older than the last boot of the node';

/** By finding id, then by key. */
export const NODE_EVIDENCE = {
  'runtime-unreachable': {
    endpoint: 'socket that does not answer; null: none was found',
    lastAnsweredSecondsAgo: 'when it last answered; null: never',
    error: 'what came back',
  },
  'node-pid-exhaustion': {
    limitFrom: 'kubepods, pid-max or threads-max',
    limit: 'that limit',
    current: 'tasks counted against it',
    zombies: 'zombies of the whole node; null: not known yet',
    pods: 'the five pods with most tasks',
  },
  'cgroup-driver-mismatch': {
    systemd: 'sandboxes laid out for systemd',
    cgroupfs: 'sandboxes laid out for cgroupfs',
    mixed: 'sandboxes in a slice of the kubelet under a name of the cgroupfs driver',
    pods: 'the pods that are the exception',
    example: 'path of one of them',
  },
  'namespace-drift': {
    reason: oneOf(DRIFT_REASONS),
    kinds: 'namespaces that differ',
    pid: 'host PID of the first process of the container',
    expected: 'whose they should be: sandbox or node',
    inodes: 'what is and what should be',
    attempt: 'attempt number of the older sandbox',
    newestAttempt: 'attempt number of the newest',
    newestSandboxId: 'the newest sandbox of the pod',
    pausePid: PAUSE_PID,
  },
  'orphan-process': {
    pid: 'host PID of the oldest of the processes',
    comm: 'its name',
    processes: 'how many there are',
    names: 'names of some of them',
    containerId: 'container id in its cgroup path',
    podUid: 'UID of the pod in its cgroup path; null: none there',
    record: 'exited: the record of its container has ended; none: there is no record',
    newerSandboxId: 'a newer ready sandbox of the same pod; null: none',
    parentPid: 'host PID of its parent; null: gone',
    parentComm: 'name of its parent',
    state: 'its state letter: D hangs in the kernel, and no signal reaches it',
    pauseSandboxId: 'sandbox whose pause is above it, so that it ends with that pause; null: none',
    ageSeconds: 'age of the oldest of the processes, seconds',
  },
  'shim-stuck': {
    pid: 'host PID of the shim',
    comm: 'its name',
    state: 'its state letter',
    reason: oneOf(SHIM_STUCK_REASONS),
    zombies: 'zombies under it',
    children: 'its children',
  },
  'exec-leftover': {
    processes: 'commands that are still alive',
    names: 'their names',
    pids: 'their host PIDs',
    oldestAgeSeconds: 'age of the oldest',
  },
  'sandbox-duplicate': {
    ...ATTEMPTS,
    runningContainers: 'containers that run in the older one',
    ageSeconds: AGE,
  },
  'sandbox-leaked-ready': {
    reason: 'superseded: a newer one replaced it; no-containers: no container of it is on record',
    ...ATTEMPTS,
    pausePid: 'host PID of the pause process; null: none was seen',
    ageSeconds: AGE,
    beforeBoot: BEFORE_BOOT,
  },
  'sandbox-leaked-notready': {
    ...ATTEMPTS,
    containers: 'containers of it that are still on record',
    ageSeconds: AGE,
    beforeBoot: BEFORE_BOOT,
  },
  'shim-orphaned': {
    pid: 'host PID of the shim',
    comm: 'its name',
    program: 'shim or conmon',
    id: 'id that it was started for, which no runtime knows',
    children: 'its children',
    ageSeconds: 'age of the shim, seconds',
  },
  'sandbox-no-host-pause': {
    sandboxes: 'sandboxes without a pause',
    infraDropped: 'of them, those whose namespaces CRI-O keeps itself',
    sandboxedRuntime: 'and those in a machine or a kernel of their own',
    handlers: 'their runtime handlers',
    pods: 'some of their pods',
  },
  'runtime-info-incomplete': {
    endpoint: 'socket of the runtime',
    runtime: 'its name and version',
    missing: 'facts that it does not report',
    knownFaults: 'faults that this very version is known for',
    upgradeTo: 'first later version of its line without any known fault; null: it has none itself',
  },
} as const;
