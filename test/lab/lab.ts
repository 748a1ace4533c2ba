// The front of the lab: a private containerd with real pods, and the promise that nothing of it stays behind.
import { randomUUID } from 'node:crypto';
import type { Progress } from './cache-directory.ts';
import { prepareCniResults } from './cni-results.ts';
import { type Containerd, createContainerd } from './containerd.ts';
import { type CriClient, createCriClient } from './cri-client.ts';
import { guardExit } from './exit-guard.ts';
import { createGate, createSettingGate } from './gates.ts';
import { appImage, type ImageSpec, pauseImage } from './images.ts';
import { createLabDirectory, type LabDirectory } from './lab-directory.ts';
import { type LabPod, startPod } from './pod.ts';
import { type PodSpec, podCgroup, type WholePodSpec } from './pod-spec.ts';
import { labObstacle } from './preflight.ts';
import { compilePrograms, type Programs } from './programs.ts';
import { removeLab, removeLabNow, sweepLeftovers } from './remove-lab.ts';
import { prepareTools, type Tools } from './tools.ts';

/** Pods started at once; more does not help two cores. */
const POD_WIDTH = 8;

/** The pause images every lab has; the first is the default. */
export const PAUSE_IMAGES = {
  reaps: 'registry.k8s.io/pause:3.9',
  noReap: 'registry.k8s.io/pause:3.0',
  oldRegistry: 'k8s.gcr.io/pause:3.6',
} as const;

/** How a lab is started. */
export interface LabOptions {
  /** Is told what the lab is doing; nobody if not given. */
  readonly progress?: Progress;
  /** Pause image of pods that name none; one of PAUSE_IMAGES or a reference added later. */
  readonly defaultPauseImage?: string;
  /** Code name of the Debian release to take containerd from (`trixie`: 1.7); the host's own if not given. */
  readonly containerdSuite?: string;
}

/** A running lab. */
export interface Lab {
  /** `unix:///…/containerd.sock`: what `--runtime-endpoint` wants. */
  readonly endpoint: string;
  /** Cgroup path all pods are below; the lab's own, never the machine's /kubepods. */
  readonly cgroupParent: string;
  readonly directory: LabDirectory;
  /** The runtime's process: freeze, kill, stop, start. */
  readonly containerd: Containerd;
  /** For what the lab has no word for. */
  readonly cri: CriClient;
  /** The compiled programs, to be run on the host too. */
  readonly programs: Programs;
  /** Starts a pod; many may be asked for at once. Another pause image than the last costs a restart of containerd. */
  runPod(spec: PodSpec): Promise<LabPod>;
  /** Makes a pause image of any reference known, for `pauseImage` of a pod. */
  addPauseImage(reference: string, kind: 'reaps' | 'no-reap'): Promise<void>;
  /** Makes any images known. */
  importImages(images: readonly ImageSpec[]): Promise<void>;
  /** Removes every trace: pods, containerd, shims, cgroups, mounts, network, files. May be called again. */
  close(): Promise<void>;
}

/** Starts a lab, after sweeping away what labs left behind that were killed. Throws if this machine cannot. */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const obstacle = labObstacle();
  if (obstacle !== undefined) throw new Error(obstacle);
  const progress = options.progress ?? (() => undefined);
  const tools = await prepareTools(options.containerdSuite, progress);
  const programs = await compilePrograms(tools, progress);
  await sweepLeftovers(tools.busybox, progress);

  const directory = await createLabDirectory();
  prepareCniResults();
  const release = guardExit(() => removeLabNow(directory, tools.busybox));
  const endpoint = `unix://${directory.socket}`;
  const cri = createCriClient(endpoint);
  const firstImage = options.defaultPauseImage ?? PAUSE_IMAGES.reaps;
  const containerd = createContainerd(directory, tools, cri, firstImage);

  let closing: Promise<void> | undefined;
  function close(): Promise<void> {
    closing ??= removeAll({ directory, tools, cri, containerd, release });
    return closing;
  }

  try {
    progress(`starting containerd in ${directory.path}`);
    await containerd.start();
    await containerd.importImages(standardImages(programs, tools));
  } catch (error) {
    await close();
    throw error;
  }
  const runPod = createPodRunner({ directory, cri, containerd, firstImage, progress });
  return {
    endpoint,
    cgroupParent: directory.cgroup,
    directory,
    containerd,
    cri,
    programs,
    runPod,
    addPauseImage: (reference, kind) => containerd.importImages([pauseImage(reference, programs, kind)]),
    importImages: (images) => containerd.importImages(images),
    close,
  };
}

/** What starting pods needs. */
interface PodRunnerParts {
  readonly directory: LabDirectory;
  readonly cri: CriClient;
  readonly containerd: Containerd;
  readonly firstImage: string;
  readonly progress: Progress;
}

function createPodRunner(parts: PodRunnerParts): (spec: PodSpec) => Promise<LabPod> {
  const { directory, cri, containerd, firstImage, progress } = parts;
  const gate = createGate(POD_WIDTH);
  const withImage = createSettingGate(
    () => containerd.sandboxImage,
    async (image) => {
      progress(`restarting containerd with ${image}`);
      await containerd.stop();
      await containerd.start(image);
    },
  );
  return (spec) => {
    const whole = completeSpec(spec, firstImage);
    const cgroup = podCgroup(directory.cgroup, whole);
    return withImage(whole.pauseImage, () => gate(() => startPod(cri, whole, cgroup)));
  };
}

function completeSpec(spec: PodSpec, pause: string): WholePodSpec {
  return {
    namespace: 'default',
    uid: randomUUID(),
    attempt: 0,
    pidMode: 'container',
    network: 'host',
    pauseImage: pause,
    qos: 'besteffort',
    containers: [],
    labels: {},
    annotations: {},
    ...spec,
  };
}

function standardImages(programs: Programs, tools: Tools): ImageSpec[] {
  return [
    pauseImage(PAUSE_IMAGES.reaps, programs, 'reaps'),
    pauseImage(PAUSE_IMAGES.noReap, programs, 'no-reap'),
    pauseImage(PAUSE_IMAGES.oldRegistry, programs, 'reaps'),
    appImage(programs, tools.busybox),
  ];
}

/** What closing takes apart. */
interface LabParts {
  readonly directory: LabDirectory;
  readonly tools: Tools;
  readonly cri: CriClient;
  readonly containerd: Containerd;
  readonly release: () => void;
}

async function removeAll({ directory, tools, cri, containerd, release }: LabParts): Promise<void> {
  cri.close();
  await containerd.kill();
  await removeLab(directory, tools.busybox);
  release();
}
