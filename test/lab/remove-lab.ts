// Takes every trace of a lab away, whatever state it is in; needs nothing of the process that made it.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Progress } from './cache-directory.ts';
import { cgroupMounts, listMembers, listSubtree, removeCgroups, thaw } from './cgroup-trees.ts';
import { claim } from './claim.ts';
import { removeCniResults, sweepCniResults } from './cni-results.ts';
import { bridgeName } from './containerd-config.ts';
import { type LabDirectory, listLabDirectories, removeRunDirectory } from './lab-directory.ts';
import { listProcesses, readCommandLine, signal } from './process-table.ts';

/** How long processes may take to die and cgroups to empty. */
const PATIENCE_MS = 15_000;
const STEP_MS = 20;

/** How long pairs may take to vanish with their namespaces before they are deleted one by one. */
const LINK_PATIENCE_MS = 5000;
/** Whoever starts containers for a lab. */
const DAEMON = /^(containerd|dockerd|runc)/;

/** Where a containerd notes its tasks, below its state. */
const TASKS = 'io.containerd.runtime.v2.task';

/** Of containerd: where the CRI keeps its containers, and dockerd. */
const NAMESPACES = ['k8s.io', 'moby'] as const;

const INTERFACES = '/sys/class/net';

/** Removes a lab while the event loop runs on. Throws if something of it would not go. */
export async function removeLab(lab: LabDirectory, busybox: string): Promise<void> {
  for (const pauseMs of removalSteps(lab, busybox)) await sleep(pauseMs);
}

/** Removes a lab before it returns, for a process that is about to end. */
export function removeLabNow(lab: LabDirectory, busybox: string): void {
  const never = new Int32Array(new SharedArrayBuffer(4));
  for (const pauseMs of removalSteps(lab, busybox)) Atomics.wait(never, 0, 0, pauseMs);
}

/** Removes what labs left behind whose owners are gone, killed without a chance to clean up. */
export async function sweepLeftovers(busybox: string, progress: Progress): Promise<void> {
  for (const lab of listLabDirectories('gone')) {
    // Whoever sweeps it holds it: neither its living owner nor another sweep can be met here.
    const release = await claim(lab.name);
    if (release === undefined) continue;
    progress(`removing what ${lab.name} left behind`);
    try {
      await removeLab(lab, busybox);
    } catch (error) {
      // Whatever the reason, a new lab can live beside it.
      progress(error instanceof Error ? error.message : String(error));
    } finally {
      release();
    }
  }
  sweepCniResults();
  removeRunDirectory();
}

/**
 * The work, yielding the milliseconds it wants to wait. First those who could start something new,
 * then the containers, and the shims last so that they still reap them.
 */
function* removalSteps(lab: LabDirectory, busybox: string): Generator<number> {
  const sandboxes = new Set([...listTaskIds(lab), ...listShimIds(lab)]);
  yield* killUntilGone(() => listDaemons(lab, /^(containerd|ctr|dockerd|runc.*)$/));
  yield* killUntilGone(() => listMembers(thawedCgroups(lab)));
  yield* waitUntil(() => !hasUnreaped(lab));
  yield* killUntilGone(() => listDaemons(lab, DAEMON));
  yield* killUntilGone(() => listMembers(thawedCgroups(lab)));
  yield* waitUntil(() => removeCgroups(labCgroups(lab)).length === 0);
  const links = listLinks(lab);
  unmountBelow(lab.path, busybox);
  yield* waitUntil(() => links.every((link) => !existsSync(link)), LINK_PATIENCE_MS);
  removeLinks([...links, join(INTERFACES, bridgeName(lab))], busybox);
  for (const id of sandboxes) for (const socket of shimSockets(lab, id)) rmSync(socket, { force: true });
  rmSync(lab.path, { recursive: true, force: true });
  removeCniResults(lab);
  removeRunDirectory();
  const left = [...labCgroups(lab), ...listDaemons(lab, DAEMON).map((pid) => `process ${pid}`)];
  if (left.length > 0) throw new Error(`${lab.name} could not be removed altogether: ${left.slice(0, 5).join(', ')}`);
}

function* killUntilGone(list: () => Iterable<number>): Generator<number> {
  yield* waitUntil(() => {
    let any = false;
    for (const pid of list()) {
      any = true;
      signal(pid, 'SIGKILL');
    }
    return !any;
  });
}

function* waitUntil(done: () => boolean, patienceMs = PATIENCE_MS): Generator<number> {
  for (let waitedMs = 0; waitedMs < patienceMs && !done(); waitedMs += STEP_MS) yield STEP_MS;
}

function labCgroups(lab: LabDirectory): string[] {
  return cgroupMounts().flatMap((mount) => listSubtree(join(mount.path, lab.cgroup)));
}

function thawedCgroups(lab: LabDirectory): string[] {
  const cgroups = labCgroups(lab);
  thaw(cgroups);
  return cgroups;
}

/** Living containerds, shims and runcs of this lab, which have its path on their command lines. */
function listDaemons(lab: LabDirectory, comm: RegExp): number[] {
  return listProcesses()
    .filter(
      (entry) => entry.state !== 'Z' && comm.test(entry.comm) && readCommandLine(entry.pid).includes(`${lab.path}/`),
    )
    .map((entry) => entry.pid);
}

/** True while a shim has not yet waited for its dead; a stopped shim is woken for it. */
function hasUnreaped(lab: LabDirectory): boolean {
  const shims = new Set(listDaemons(lab, /^containerd/));
  for (const pid of shims) signal(pid, 'SIGCONT');
  return listProcesses().some(({ ppid, state }) => state === 'Z' && shims.has(ppid));
}

/** Ids of all sandboxes and containers a containerd kept state of. */
function listTaskIds(lab: LabDirectory): string[] {
  const states = NAMESPACES.map((namespace) => join(lab.state, TASKS, namespace));
  return states.flatMap((dir) => (existsSync(dir) ? readdirSync(dir) : []));
}

/** Ids that shims were started for, also of pods that are removed: containerd 2 leaves such shims behind. */
function listShimIds(lab: LabDirectory): string[] {
  return listDaemons(lab, /^containerd-shim/).flatMap((pid) => / -id (\S+)/.exec(readCommandLine(pid))?.[1] ?? []);
}

/** Containerd names a shim's socket after a hash of its own socket, its namespace and the sandbox. */
function shimSockets(lab: LabDirectory, id: string): string[] {
  return NAMESPACES.map((namespace) => {
    const hash = createHash('sha256')
      .update(join(lab.socket, namespace, id))
      .digest('hex');
    return `/run/containerd/s/${hash}`;
  });
}

/** The host's ends of the pairs in the lab's bridge. The kernel removes them with their namespaces, in its own time. */
function listLinks(lab: LabDirectory): string[] {
  const members = join(INTERFACES, bridgeName(lab), 'brif');
  return existsSync(members) ? readdirSync(members).map((link) => join(INTERFACES, link)) : [];
}

function removeLinks(links: readonly string[], busybox: string): void {
  for (const link of links) {
    if (existsSync(link)) tryRun(busybox, ['ip', 'link', 'del', basename(link)]);
  }
}

function unmountBelow(path: string, busybox: string): void {
  const points = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((point) => point.startsWith(`${path}/`));
  if (points.length > 0) tryRun(busybox, ['umount', '-l', ...points.toReversed()]);
}

function tryRun(program: string, words: readonly string[]): void {
  try {
    execFileSync(program, words, { stdio: 'ignore', timeout: 30_000 });
  } catch {
    // What is left over shows when the directory is removed, and in the traces.
  }
}
