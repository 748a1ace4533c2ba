// The private containerd as a process: started, stopped, frozen, killed, and started again with another pause image.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { appendFileSync, closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { renderContainerdConfig, renderNetworkConfig } from './containerd-config.ts';
import type { CriClient } from './cri-client.ts';
import { type ImageSpec, renderImageArchive } from './images.ts';
import type { LabDirectory } from './lab-directory.ts';
import { freeze, signal } from './process-table.ts';
import type { Tools } from './tools.ts';

const run = promisify(execFile);

/** How long containerd may take to answer after it was started. */
const START_MS = 30_000;

/** One containerd over several lives. */
export interface Containerd {
  /** PID of the running one; undefined while there is none. */
  readonly pid: number | undefined;
  /** The pause image new sandboxes get. */
  readonly sandboxImage: string;
  /** Starts it and waits until the CRI answers. */
  start(sandboxImage?: string): Promise<void>;
  /** SIGTERM, then waits for its end. Pods live on. */
  stop(): Promise<void>;
  /** SIGKILL, then waits for its end. Pods live on. */
  kill(): Promise<void>;
  /** Stops every thread: connections are accepted by the kernel, but nothing answers. */
  freeze(): Promise<void>;
  /** SIGCONT. */
  unfreeze(): void;
  /** Makes images known to the CRI. */
  importImages(images: readonly ImageSpec[]): Promise<void>;
  /** Runs ctr in the namespace of pods, for what the CRI cannot do; gives what it prints. */
  ctr(words: readonly string[]): Promise<string>;
}

/** Prepares a containerd for this lab; does not start it. */
export function createContainerd(lab: LabDirectory, tools: Tools, cri: CriClient, firstImage: string): Containerd {
  let child: ChildProcess | undefined;
  let sandboxImage = firstImage;

  async function end(name: NodeJS.Signals): Promise<void> {
    const ending = child;
    if (ending?.pid === undefined) return;
    const exited = new Promise((resolve) => ending.once('exit', resolve));
    signal(ending.pid, 'SIGCONT');
    signal(ending.pid, name);
    await exited;
  }

  async function ctr(words: readonly string[]): Promise<string> {
    const whole = ['--address', lab.socket, '--namespace', 'k8s.io', ...words];
    return (await run(tools.ctr, whole, { env: tools.environment })).stdout;
  }

  return {
    get pid() {
      return child?.pid;
    },
    get sandboxImage() {
      return sandboxImage;
    },
    async start(image = sandboxImage) {
      if (child !== undefined) throw new Error('the containerd of this lab runs already');
      sandboxImage = image;
      writeFileSync(lab.configFile, renderContainerdConfig(lab, tools, image));
      writeFileSync(join(lab.cniConfig, '10-lab.conflist'), renderNetworkConfig(lab));
      const started = launch(lab, tools);
      child = started;
      started.once('exit', () => {
        child = undefined;
      });
      await untilAnswering(cri, started, lab);
    },
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    async freeze() {
      if (child?.pid !== undefined) await freeze(child.pid);
    },
    unfreeze() {
      if (child?.pid !== undefined) signal(child.pid, 'SIGCONT');
    },
    async importImages(images) {
      const archive = join(lab.path, `images-${process.hrtime.bigint()}.tar`);
      writeFileSync(archive, renderImageArchive(images));
      await ctr(['images', 'import', archive]);
      rmSync(archive);
      await untilKnown(cri, images);
    },
    ctr,
  };
}

/** A process group of its own keeps a Ctrl-C in the terminal from reaching it before the lab's own clean-up. */
function launch(lab: LabDirectory, tools: Tools): ChildProcess {
  const log = openSync(lab.logFile, 'a');
  try {
    const child = spawn(tools.containerd, ['--config', lab.configFile], {
      cwd: lab.path,
      detached: true,
      env: tools.environment,
      stdio: ['ignore', log, log],
    });
    child.on('error', (error) => appendFileSync(lab.logFile, `${error.message}\n`));
    return child;
  } finally {
    closeSync(log);
  }
}

async function untilAnswering(cri: CriClient, child: ChildProcess, lab: LabDirectory): Promise<void> {
  const deadline = Date.now() + START_MS;
  for (;;) {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null)
      throw new Error(`containerd ended at once:\n${lastLines(lab)}`);
    try {
      await cri.version(2000);
      return;
    } catch (error) {
      if (Date.now() > deadline) throw new Error(`containerd does not answer:\n${lastLines(lab)}`, { cause: error });
      await sleep(20);
    }
  }
}

/** The CRI learns of imported images by an event, a moment after the import. */
async function untilKnown(cri: CriClient, images: readonly ImageSpec[]): Promise<void> {
  const deadline = Date.now() + START_MS;
  for (;;) {
    const known = new Set((await cri.listImages()).flatMap((image) => image.repoTags));
    if (images.every((image) => known.has(image.reference))) return;
    if (Date.now() > deadline)
      throw new Error(`the CRI does not list ${images.map((image) => image.reference).join(', ')}`);
    await sleep(10);
  }
}

function lastLines(lab: LabDirectory): string {
  return readFileSync(lab.logFile, 'utf8').trimEnd().split('\n').slice(-8).join('\n');
}
