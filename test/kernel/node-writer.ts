/** Writes processes out as the procfs and cgroupfs that a kernel would show of them. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { statLine } from './fixture-tree.ts';

/** One process of a model. */
export interface ModelProcess {
  readonly pid: number;
  readonly startTicks: number;
  ppid: number;
  /** Path of its cgroup. A dead one stays charged there. */
  readonly cgroup: string;
  dead: boolean;
  /** The leader included, dead or not. */
  threads: number;
}

/** Makes a writer below `root`, in `proc` and `cgroup`, that writes and removes only what changed since the last time. */
export function createNodeWriter(root: string, version: 'v1' | 'v2') {
  const written = new Map<string, string>();
  return (processes: readonly ModelProcess[], directories: readonly string[]): void => {
    const files = new Map([...processFiles(processes, version), ...cgroupFiles(processes, directories, version)]);
    for (const path of written.keys()) {
      if (files.has(path)) continue;
      rmSync(join(root, dirname(path)), { recursive: true, force: true });
      written.delete(path);
    }
    for (const [path, text] of files) {
      if (written.get(path) === text) continue;
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
      written.set(path, text);
    }
  };
}

function* processFiles(processes: readonly ModelProcess[], version: 'v1' | 'v2'): Generator<[string, string]> {
  for (const { pid, ppid, startTicks, threads, dead, cgroup } of processes) {
    yield [`proc/${pid}/stat`, statLine({ pid, ppid, startTicks, threads, state: dead ? 'Z' : 'S' })];
    // On v1 the dead show the root (L4).
    yield [`proc/${pid}/cgroup`, version === 'v1' ? `8:pids:${dead ? '/' : cgroup}\n0::/\n` : `0::${cgroup}\n`];
  }
}

function* cgroupFiles(
  processes: readonly ModelProcess[],
  directories: readonly string[],
  version: 'v1' | 'v2',
): Generator<[string, string]> {
  const prefix = version === 'v1' ? 'cgroup/pids' : 'cgroup';
  if (version === 'v2') yield ['cgroup/cgroup.controllers', 'pids\n'];
  for (const path of directories) {
    const charged = processes.filter(({ cgroup }) => isIn(cgroup, path));
    const own = charged.filter(({ cgroup }) => cgroup === path);
    // A dead leader is charged and not listed; its threads are both.
    const tids = own.flatMap(({ pid, threads, dead }) => (dead ? [] : [pid]).concat(threadsOf(pid, threads)));
    yield [`${prefix}${path}/pids.current`, `${charged.reduce((sum, { threads }) => sum + threads, 0)}\n`];
    yield [`${prefix}${path}/pids.max`, 'max\n'];
    yield [`${prefix}${path}/pids.events`, 'max 0\n'];
    yield [`${prefix}${path}/${version === 'v1' ? 'tasks' : 'cgroup.threads'}`, tids.map((tid) => `${tid}\n`).join('')];
  }
}

function threadsOf(pid: number, threads: number): number[] {
  return Array.from({ length: threads - 1 }, (_, i) => 1_000_000 + pid * 100 + i);
}

/** Whether a cgroup is `path` or below it. */
export function isIn(cgroup: string, path: string): boolean {
  return cgroup === path || cgroup.startsWith(`${path}/`);
}
