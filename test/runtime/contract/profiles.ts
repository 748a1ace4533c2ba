/** The runtimes of the contract, and what each cannot keep of it, with the reason. */
import { criOf, DOCKER_ENGINE, type StandIns } from './stand-in.ts';

/** One runtime and version. */
export interface Profile extends StandIns {
  readonly name: string;
  /** Promises that this runtime cannot keep: name and reason. That it does not is tested, too. */
  readonly gaps: Readonly<Record<string, string>>;
  /** Arranged pods that have a pause which lives. */
  readonly alive: readonly string[];
  /** An error of the daemon's own, as it sends it. */
  readonly failure: { readonly code: number; readonly details: string };
}

const NO_END = 'CRI tells of no exit code of pause';
const ALIVE = ['own', 'shared', 'hostpid', 'cni', 'bare', 'exited'] as const;
const UNAVAILABLE = { code: 14, details: 'overloaded' };

export const PROFILES: readonly Profile[] = [
  {
    name: 'containerd 1.6',
    ...criOf('containerd-1.6.20'),
    gaps: {
      'tells how a dead pause ended': NO_END,
      'tells which image is pinned': 'pinning came with 1.6.22',
    },
    alive: ALIVE,
    failure: UNAVAILABLE,
  },
  {
    name: 'containerd 1.7',
    ...criOf('containerd-1.7.24'),
    gaps: { 'tells how a dead pause ended': NO_END },
    alive: ALIVE,
    failure: UNAVAILABLE,
  },
  {
    name: 'containerd 2.1',
    ...criOf('containerd-2.1.9'),
    gaps: {
      'tells how a dead pause ended': NO_END,
      'tells the configured pause image': 'Status does not print it since 2.0; the newest sandbox’s is used',
    },
    alive: ALIVE,
    failure: UNAVAILABLE,
  },
  {
    name: 'CRI-O',
    ...criOf('cri-o-1.36.3'),
    gaps: {
      'tells how a dead pause ended': NO_END,
      'names the pause of every pod that is alive': 'only pods with a shared PID namespace have one, by design',
      'tells that a killed pause is dead': 'the pod has none, by design',
      'names the pause image of every pod': 'only of pods that have a pause',
    },
    alive: ['shared'],
    failure: UNAVAILABLE,
  },
  {
    name: 'CRI-O, infra kept',
    ...criOf('cri-o-1.36.3-infra-kept'),
    gaps: { 'tells how a dead pause ended': NO_END },
    alive: ALIVE,
    failure: UNAVAILABLE,
  },
  {
    name: 'cri-dockerd',
    ...criOf('cri-dockerd-0.4.3'),
    gaps: { 'tells that a PID namespace is shared': 'it says CONTAINER of every pod; the kernel corrects it' },
    alive: ALIVE,
    failure: { code: 2, details: 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock.' },
  },
  {
    name: 'Docker Engine 28.5',
    ...DOCKER_ENGINE,
    gaps: {
      'tells the configured pause image': 'it is a flag of the kubelet; the newest sandbox’s is used',
      'tells which image is pinned': 'Docker cannot pin an image',
    },
    alive: ['own', 'shared', 'hostpid', 'bare'],
    failure: { code: 500, details: 'driver failed' },
  },
];
