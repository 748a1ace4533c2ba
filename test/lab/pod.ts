// One running pod of the lab: its PIDs, and what can be done to it through the CRI.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cgroupMounts, listSubtree, removeCgroups } from './cgroup-trees.ts';
import type { CriClient } from './cri-client.ts';
import { type ContainerSpec, containerConfig, sandboxConfig, type WholePodSpec } from './pod-spec.ts';

/** A container that was started. */
export interface LabContainer {
  readonly name: string;
  /** 64 hexadecimal digits. */
  readonly id: string;
  /** PID of its first process as the host sees it; 0 if that had ended before it could be asked for. */
  readonly pid: number;
}

/** What a command in a container answered. */
export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A pod that was started. What it becomes afterwards is for the test to see. */
export interface LabPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly attempt: number;
  /** 64 hexadecimal digits. */
  readonly sandboxId: string;
  /** PID of pause as the host sees it, when the pod had just been started. */
  readonly pausePid: number;
  /** The pod's cgroup, as a path inside each hierarchy; sandbox and containers are right below it. */
  readonly cgroup: string;
  /** In the order they were started, added ones last. */
  readonly containers: readonly LabContainer[];
  /** The container of this name; throws if there is none. */
  container(name: string): LabContainer;
  /** Starts one more container. */
  addContainer(spec: ContainerSpec): Promise<LabContainer>;
  /** Runs a command in a container (ExecSync) and waits; at the timeout the runtime kills it and the call fails. */
  exec(container: string, command: readonly string[], timeoutS?: number): Promise<ExecResult>;
  /** Writes pids.max of the pod's cgroup, as the kubelet's podPidsLimit does. */
  setPidsLimit(limit: number | 'max'): void;
  /** StopPodSandbox: everything in it is killed, the record stays. */
  stop(): Promise<void>;
  /** Stops and removes it, its containers and its cgroup. */
  remove(): Promise<void>;
}

/** Starts a pod with its containers, one after the other. */
export async function startPod(cri: CriClient, spec: WholePodSpec, cgroup: string): Promise<LabPod> {
  const config = sandboxConfig(spec, cgroup);
  const sandboxId = await cri.runPodSandbox(config);
  const containers: LabContainer[] = [];

  async function addContainer(wanted: ContainerSpec): Promise<LabContainer> {
    const request = { podSandboxId: sandboxId, config: containerConfig(spec, wanted), sandboxConfig: config };
    const id = await startContainer(cri, request);
    const started = { name: wanted.name, id, pid: await cri.containerPid(id) };
    containers.push(started);
    return started;
  }

  function container(name: string): LabContainer {
    const found = containers.findLast((entry) => entry.name === name);
    if (found === undefined) throw new Error(`pod ${spec.name} has no container ${name}`);
    return found;
  }

  const pod = {
    namespace: spec.namespace,
    name: spec.name,
    uid: spec.uid,
    attempt: spec.attempt,
    sandboxId,
    pausePid: await cri.sandboxPid(sandboxId),
    cgroup,
    containers,
    container,
    addContainer,
    async exec(name: string, command: readonly string[], timeoutS = 10) {
      const answer = await cri.execSync(container(name).id, command, timeoutS);
      return { exitCode: answer.exitCode, stdout: text(answer.stdout), stderr: text(answer.stderr) };
    },
    setPidsLimit: (limit: number | 'max') => writePidsLimit(cgroup, limit),
    async stop() {
      await cri.stopPodSandbox(sandboxId);
    },
    async remove() {
      await cri.stopPodSandbox(sandboxId);
      await cri.removePodSandbox(sandboxId);
      removePodCgroup(cgroup);
    },
  };
  for (const wanted of spec.containers) await addContainer(wanted);
  return pod;
}

/** How often a container is tried. */
const STARTS = 3;

/**
 * Creates a container and starts it; answers its id. On a busy machine containerd takes a shim that is silent for 2 s for
 * one without a process, and joins the namespaces of PID 0: as a kubelet would, another container is tried.
 */
async function startContainer(cri: CriClient, request: Parameters<CriClient['createContainer']>[0]): Promise<string> {
  for (let left = STARTS; ; left--) {
    const id = await cri.createContainer(request);
    try {
      await cri.startContainer(id);
      return id;
    } catch (error) {
      if (left === 1 || !String(error).includes('/proc/0/ns/')) throw error;
      await cri.removeContainer(id);
    }
  }
}

function writePidsLimit(cgroup: string, limit: number | 'max'): void {
  const mounts = cgroupMounts();
  const mount =
    mounts.find((entry) => entry.controllers.includes('pids')) ?? mounts.find((entry) => entry.version === 2);
  if (mount === undefined) throw new Error('no cgroup hierarchy with a pids controller is mounted');
  writeFileSync(join(mount.path, cgroup, 'pids.max'), String(limit));
}

/** The runtime leaves the pod's own cgroup behind; the kubelet removes it. Another attempt's sandbox keeps it. */
function removePodCgroup(cgroup: string): void {
  for (const mount of cgroupMounts()) removeCgroups(listSubtree(join(mount.path, cgroup)));
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}
