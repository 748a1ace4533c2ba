/** Words for findings: one sentence that says what is wrong, and a remedy that fits who is to blame. */
import type { Evidence, Finding } from './finding.ts';

/** What a person reads. */
export interface Explanation {
  /** One sentence: what, where, since it is about one subject. */
  readonly summary: string;
  /** What to do, in the order to do it. */
  readonly remedy: string;
}

/** Puts a finding into words. */
export function explain(finding: Finding): Explanation {
  const { evidence, subject } = finding;
  const has = factsOf(evidence);
  const container = subject.container === undefined ? 'the pod' : `container ${subject.container}`;
  switch (finding.id) {
    case 'runtime-unreachable':
      return runtimeUnreachable(evidence);
    case 'pause-image-missing':
    case 'pause-image-too-old':
    case 'pause-image-legacy-registry':
      return pauseImage(finding.id, evidence);
    case 'pause-dead-containers-running':
      return {
        summary: `Pause is dead and ${has.list('containers')} still ${has.runs('containers')}: nothing in this pod can be restarted in place.`,
        remedy:
          'Delete the pod, so that the kubelet makes a new sandbox. A pod without a controller must be created again.',
      };
    case 'pause-zombie':
      return {
        summary: `Pause (PID ${has.text('pausePid')}) is dead, and its parent ${has.process('parent')} has not collected it${has.stopped('parentState')}; the runtime still takes the sandbox for ready.`,
        remedy: `Look at the parent${evidence['parentState'] === 'T' ? ': it is stopped, continue it (kill -CONT)' : ' (kill -0, /proc/PID/stack)'}. If it does not recover, delete the pod and end that shim.`,
      };
    case 'pause-stopped':
      return pauseStopped(evidence);
    case 'pause-pid-mismatch':
      return {
        summary: `The runtime names PID ${has.text('pausePid')} as pause, but that is ${has.text('comm')}, another process.`,
        remedy:
          'Do not signal that PID. Delete the pod; if other sandboxes show the same, restart the container runtime.',
      };
    case 'container-init-zombie':
      return containerInitZombie(evidence, container);
    case 'container-running-dead':
      return {
        summary: `The runtime says ${container} runs, but its PID ${has.text('pid')} ${evidence['takenBy'] === null ? 'does not exist' : `now belongs to ${has.text('takenBy')}`}.`,
        remedy: 'Delete the pod. If it comes back, restart the container runtime so that it notices, and upgrade it.',
      };
    case 'pause-not-reaping':
      return pauseNotReaping(evidence);
    case 'zombies-runtime':
    case 'zombies-container-init':
    case 'zombies-app-parent':
      return zombies(finding.id, evidence, container);
    default:
      return finding.id satisfies never;
  }
}

type IdStarting<P extends string> = Extract<Finding['id'], `${P}${string}`>;

function pauseImage(id: IdStarting<'pause-image-'>, evidence: Evidence): Explanation {
  const has = factsOf(evidence);
  switch (id) {
    case 'pause-image-missing':
      return {
        summary: `${evidence['configured'] === true ? 'The configured pause image' : 'The pause image of the newest sandbox'} ${has.text('image')} is not on the node: no new pod can start unless it can be pulled.`,
        remedy:
          'Pull or import the image again (crictl pull), with credentials if its registry asks for them, and pin it. Then find what removed it: image garbage collection or a prune job.',
      };
    case 'pause-image-too-old':
      return {
        summary: `Pause image ${has.text('image')} is older than ${has.text('minimum')} and does not reap (${has.users()}).`,
        remedy:
          'Set the sandbox image to 3.1 or later in the configuration of the runtime, in the node image rather than on one node, and recreate the pods.',
      };
    case 'pause-image-legacy-registry':
      return {
        summary: `Pause image ${has.text('image')} is named after a frozen registry (${has.users()}).`,
        remedy: `Set the sandbox image to ${has.text('replacement')} or later in the configuration of the runtime; new pods then use it.`,
      };
    default:
      return id satisfies never;
  }
}

function zombies(id: IdStarting<'zombies-'>, evidence: Evidence, container: string): Explanation {
  const has = factsOf(evidence);
  switch (id) {
    case 'zombies-runtime':
      return {
        summary: `${has.count('zombies', 'zombie')} under ${has.process('parent')}, a part of the container runtime that does not collect them.`,
        remedy: `Delete the pod so that this shim ends with it; restarting only the container does not help. If the parent is a daemon, restart it. Upgrade the runtime (${has.text('runtime')}).`,
      };
    case 'zombies-container-init':
      return {
        summary: `${has.count('zombies', 'zombie')} (${has.list('names')}) under ${has.process('parent')}, PID 1 of ${container}, which does not reap.`,
        remedy:
          'Start the image through an init (tini, dumb-init), or set shareProcessNamespace: true so that pause reaps (every process of the pod then sees the others). Restarting the container frees them until then.',
      };
    case 'zombies-app-parent':
      return {
        summary: `${has.count('zombies', 'zombie')} (${has.list('names')}) under ${has.process('parent')} in ${container}, which lives on and does not wait for its children.`,
        remedy:
          'Mend that program: it must wait for its children. Neither an init nor shareProcessNamespace helps while it lives; restarting it frees them.',
      };
    default:
      return id satisfies never;
  }
}

function runtimeUnreachable(evidence: Evidence): Explanation {
  const has = factsOf(evidence);
  const { endpoint, lastAnsweredSecondsAgo } = evidence;
  const since =
    lastAnsweredSecondsAgo === null
      ? 'has not answered yet'
      : `last answered ${has.text('lastAnsweredSecondsAgo')} s ago`;
  const why = evidence['error'] === null ? '' : ` ${has.text('error')}`;
  return {
    summary:
      endpoint === null
        ? `No container runtime was found.${why}`
        : `The runtime at ${has.text('endpoint')} ${since}.${why}`,
    remedy:
      endpoint === null
        ? 'Name the socket with --runtime-endpoint, mount its directory if the agent runs in a container, or start the runtime.'
        : 'See whether the runtime is alive (systemctl status, its log) and whether this agent may use its socket.',
  };
}

function pauseStopped(evidence: Evidence): Explanation {
  const has = factsOf(evidence);
  const shared = evidence['sharedPidNamespace'] === true;
  const zombies =
    evidence['zombies'] === null || evidence['zombies'] === 0 ? '' : `: ${has.count('zombies', 'zombie')} so far`;
  return {
    summary: `Pause (PID ${has.text('pausePid')}) is stopped${shared ? `, so nothing in the pod is reaped${zombies}` : ''}.`,
    remedy: `Continue it: kill -CONT ${has.text('pausePid')}. Then find what stopped it (a debugger, a stray SIGSTOP).`,
  };
}

function containerInitZombie(evidence: Evidence, container: string): Explanation {
  const has = factsOf(evidence);
  const threads = evidence['liveThreads'];
  if (typeof threads === 'number' && threads > 0) {
    return {
      summary: `The main thread of ${has.text('comm')} (PID ${has.text('pid')}), first process of ${container}, has ended while ${has.count('liveThreads', 'thread')} of it live${threads === 1 ? 's' : ''} on: it cannot be collected.`,
      remedy: `See where its threads hang: grep State /proc/${has.text('pid')}/task/*/status. If one is in D, look at its storage or driver; if all sleep, kill -KILL ${has.text('pid')} from the node; else reboot.`,
    };
  }
  return {
    summary: `${has.text('comm')} (PID ${has.text('pid')}), first process of ${container}, is dead, and its parent ${has.process('parent')} has not collected it${has.stopped('parentState')}.`,
    remedy: `Look at the parent${evidence['parentState'] === 'T' ? ': it is stopped, continue it (kill -CONT)' : ''}. If it does not recover, delete the pod and end that shim.`,
  };
}

function pauseNotReaping(evidence: Evidence): Explanation {
  const has = factsOf(evidence);
  const image = evidence['image'] === null ? '' : ` (${has.text('image')})`;
  const none = evidence['zombies'] === 0 || evidence['zombies'] === null;
  return {
    summary: none
      ? `Pause${image} is PID 1 of a shared PID namespace and has no handler for dead children: the first orphan will stay.`
      : `${has.count('zombies', 'zombie')} under pause${image}, PID 1 of the shared PID namespace, which does not reap.`,
    remedy:
      'Set the sandbox image to pause 3.1 or later and recreate the pod; until then set shareProcessNamespace: false. An init inside a container does not help here.',
  };
}

/** Reads evidence as words. */
function factsOf(evidence: Evidence) {
  const text = (name: string): string => String(evidence[name] ?? 'unknown');
  return {
    text,
    list: (name: string): string => {
      const value = evidence[name];
      return Array.isArray(value) && value.length > 0 ? value.join(', ') : 'something';
    },
    runs: (name: string): string => (Array.isArray(evidence[name]) && evidence[name].length > 1 ? 'run' : 'runs'),
    count: (name: string, noun: string): string => `${text(name)} ${noun}${evidence[name] === 1 ? '' : 's'}`,
    process: (name: string): string => {
      const comm = evidence[`${name}Comm`];
      return comm === null || comm === undefined ? '(gone)' : `${text(`${name}Comm`)} (PID ${text(`${name}Pid`)})`;
    },
    stopped: (name: string): string => (evidence[name] === 'T' ? ' because it is stopped' : ''),
    users: (): string => {
      const { sandboxes, pods } = evidence;
      const names = Array.isArray(pods) ? pods.join(', ') : '';
      return sandboxes === 0 ? 'no pod runs on it' : `used by ${names}${Number(sandboxes) > 5 ? ', …' : ''}`;
    },
  };
}
