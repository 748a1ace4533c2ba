// A private dockerd upon a private containerd, beside the lab of CRI pods: same directory, same promise to leave nothing.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Progress } from './cache-directory.ts';
import { createContainerd } from './containerd.ts';
import { createCriClient } from './cri-client.ts';
import { findProgram, unpackPackages } from './debian-packages.ts';
import { createDockerApi, type DockerApi } from './docker-api.ts';
import { guardExit } from './exit-guard.ts';
import { appImage, pauseImage, renderDockerArchive } from './images.ts';
import { createLabDirectory, type LabDirectory } from './lab-directory.ts';
import { labObstacle } from './preflight.ts';
import { freeze, signal } from './process-table.ts';
import { compilePrograms } from './programs.ts';
import { removeLab, removeLabNow, sweepLeftovers } from './remove-lab.ts';
import { prepareTools } from './tools.ts';

/** How long dockerd may take to answer after it was started. */
const START_MS = 60_000;

/** Images every docker lab has. */
export const DOCKER_IMAGES = { pause: 'registry.k8s.io/pause:3.6', custom: 'cfe-pause:5.9.4', app: 'zoo:1' } as const;

/** A running dockerd. */
export interface DockerLab {
  /** `unix:///…/docker.sock`. */
  readonly endpoint: string;
  /** Path of the docker command that belongs to it. */
  readonly command: string;
  readonly directory: LabDirectory;
  readonly api: DockerApi;
  /** Cgroup all containers are below. */
  readonly cgroup: string;
  /** Stops every thread of it. */
  freeze(): Promise<void>;
  /** SIGCONT. */
  unfreeze(): void;
  /** SIGKILL; the containers live on. */
  kill(): Promise<void>;
  /** Starts it again: with live restore the containers are taken over, without they are ended. */
  start(liveRestore: boolean): Promise<void>;
  /** Removes every trace. */
  close(): Promise<void>;
}

/** Starts a dockerd that touches neither the machine's network nor anything outside the lab's directory. */
export async function startDockerLab(progress: Progress = () => undefined): Promise<DockerLab> {
  const obstacle = labObstacle();
  if (obstacle !== undefined) throw new Error(obstacle);
  const tools = await prepareTools(undefined, progress);
  const packages = await unpackPackages({ names: ['docker.io', 'libdevmapper1.02.1'] }, progress);
  const programs = await compilePrograms(tools, progress);
  await sweepLeftovers(tools.busybox, progress);
  const directory = await createLabDirectory();
  const release = guardExit(() => removeLabNow(directory, tools.busybox));
  const socket = join(directory.path, 'docker.sock');
  const api = createDockerApi(socket);
  const dockerd = findProgram(packages, 'dockerd');
  const path = `${join(packages, 'usr/bin')}:${join(packages, 'usr/sbin')}:${tools.environment['PATH'] ?? ''}`;
  // Named explicitly it must exist; unnamed, the machine's own would be read.
  writeFileSync(join(directory.path, 'no-daemon.json'), '{}');
  const cri = createCriClient(`unix://${directory.socket}`);
  const containerd = createContainerd(directory, tools, cri, DOCKER_IMAGES.pause);
  let child: ChildProcess | undefined;

  async function start(liveRestore: boolean): Promise<void> {
    rmSync(join(directory.path, 'docker.pid'), { force: true });
    const args = [...daemonFlags(directory, socket), ...(liveRestore ? ['--live-restore'] : [])];
    const log = openSync(directory.logFile, 'a');
    const env = { ...tools.environment, PATH: path };
    child = spawn(dockerd, args, { cwd: directory.path, detached: true, env, stdio: ['ignore', log, log] });
    closeSync(log);
    await untilAnswering(api, child, directory);
  }

  async function kill(): Promise<void> {
    const ending = child;
    child = undefined;
    if (ending?.pid === undefined || ending.exitCode !== null || ending.signalCode !== null) return;
    const exited = new Promise((resolve) => ending.once('exit', resolve));
    signal(ending.pid, 'SIGKILL');
    await exited;
  }

  async function close(): Promise<void> {
    await kill();
    cri.close();
    await containerd.kill();
    await removeLab(directory, tools.busybox);
    release();
  }

  try {
    await containerd.start();
    await start(true);
    const images = [
      pauseImage(DOCKER_IMAGES.pause, programs, 'reaps'),
      pauseImage(DOCKER_IMAGES.custom, programs, 'no-reap'),
      { ...appImage(programs, tools.busybox), reference: DOCKER_IMAGES.app },
    ];
    await api.call('POST', '/images/load?quiet=1', renderDockerArchive(images));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    endpoint: `unix://${socket}`,
    command: findProgram(packages, 'docker'),
    directory,
    api,
    cgroup: directory.cgroup,
    async freeze() {
      if (child?.pid !== undefined) await freeze(child.pid);
    },
    unfreeze() {
      if (child?.pid !== undefined) signal(child.pid, 'SIGCONT');
    },
    kill,
    start,
    close,
  };
}

/** No bridge, no iptables, and no configuration of the machine's own. */
function daemonFlags(lab: LabDirectory, socket: string): string[] {
  return [
    `--host=unix://${socket}`,
    `--data-root=${join(lab.path, 'docker-data')}`,
    `--exec-root=${join(lab.path, 'docker-exec')}`,
    // One that dockerd starts itself makes a directory in /opt.
    `--containerd=${lab.socket}`,
    `--pidfile=${join(lab.path, 'docker.pid')}`,
    `--config-file=${join(lab.path, 'no-daemon.json')}`,
    '--bridge=none',
    '--iptables=false',
    '--ip6tables=false',
    '--ip-forward=false',
    '--userland-proxy=false',
    '--storage-driver=vfs',
    '--oom-score-adjust=0',
    '--exec-opt=native.cgroupdriver=cgroupfs',
    // BuildKit takes no parent from whoever builds: without this its steps run below /docker.
    `--cgroup-parent=${lab.cgroup}`,
  ];
}

async function untilAnswering(api: DockerApi, child: ChildProcess, lab: LabDirectory): Promise<void> {
  const deadline = Date.now() + START_MS;
  for (;;) {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null)
      throw new Error(`dockerd ended at once:\n${lastLines(lab)}`);
    try {
      await api.call('GET', '/version');
      return;
    } catch (error) {
      if (Date.now() > deadline) throw new Error(`dockerd does not answer:\n${lastLines(lab)}`, { cause: error });
      await sleep(50);
    }
  }
}

function lastLines(lab: LabDirectory): string {
  return readFileSync(lab.logFile, 'utf8').trimEnd().split('\n').slice(-12).join('\n');
}
