/** The procfs and cgroupfs of a node, made of files from what a recording saw of its kernel. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { RecordedKernel, RecordedProcess } from '../runtime/recording.ts';

/** A node's files. */
export interface NodeFiles {
  readonly root: string;
  /** Flags that point the program at them, and at no runtime. */
  readonly flags: readonly string[];
  /** Writes one more file below the root. */
  write(path: string, text: string): void;
}

/** Seconds since the epoch at which the recorded machine booted. */
const BOOT_SECONDS = 1_795_390_346;

/** Makes the files; they are removed with the test. */
export function makeNodeFiles({ processes, pidsController }: RecordedKernel): NodeFiles {
  const root = mkdtempSync(join(tmpdir(), 'pausewatch-node-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  writeProcfs(root, write, processes);
  const leaves = Object.entries(pidsController);
  for (const [path, files] of leaves) writeCgroup(write, path, files, processes);
  writeAncestors(write, leaves);
  const flags = [
    `--path.procfs=${root}/proc`,
    `--path.cgroupfs=${root}/cgroup`,
    `--path.run=${root}/run`,
    '--node-name=worker-7',
    '--settle=100ms',
  ];
  return { root, flags, write };
}

function writeProcfs(root: string, write: NodeFiles['write'], processes: readonly RecordedProcess[]): void {
  write('proc/stat', `cpu 1 2 3\nbtime ${BOOT_SECONDS}\n`);
  write('proc/sys/kernel/osrelease', '6.1.0-9-amd64\n');
  write('proc/sys/kernel/pid_max', '32768\n');
  write('proc/sys/kernel/threads-max', '192730\n');
  write('proc/1/stat', `1 (systemd) S 0 1 1 0 -1 4194560 1 0 0 0 3 4 0 0 20 0 1 0 5 1 1 1 ${'0 '.repeat(30)}\n`);
  write('proc/1/cgroup', '0::/init.scope\n');
  write('proc/1/status', 'Name:\tsystemd\nUid:\t0\t0\t0\t0\nNSpid:\t1\n');
  write('proc/1/oom_score_adj', '0\n');
  // Shims live in the namespaces of the node, as its first process does.
  const shim = processes.find(({ stat }) => stat.includes('(containerd-shim)'));
  linkNamespaces(root, 'proc/1', shim?.ns ?? {});
  for (const it of processes) {
    const directory = `proc/${it.pid}`;
    write(`${directory}/stat`, it.stat);
    write(`${directory}/status`, it.status);
    write(`${directory}/cgroup`, it.cgroup);
    write(`${directory}/oom_score_adj`, it.oom_score_adj);
    if (it.cmdline !== undefined) write(`${directory}/cmdline`, it.cmdline);
    if (!it.exe.startsWith('ERR')) symlinkSync(it.exe, join(root, directory, 'exe'));
    linkNamespaces(root, directory, it.ns);
  }
}

function linkNamespaces(root: string, directory: string, namespaces: RecordedProcess['ns']): void {
  mkdirSync(join(root, directory, 'ns'));
  for (const [kind, link] of Object.entries(namespaces)) {
    if (!link.startsWith('ERR')) symlinkSync(link, join(root, directory, 'ns', kind));
  }
}

function writeCgroup(
  write: NodeFiles['write'],
  path: string,
  files: { readonly current: string; readonly max: string; readonly events: string },
  processes: readonly RecordedProcess[],
): void {
  const inside = processes.filter(({ stat, cgroup }) => cgroup.includes(path) && !/\) Z /.test(stat));
  const listed = inside.map(({ pid }) => `${pid}\n`).join('');
  write(`cgroup/pids${path}/pids.current`, `${files.current}\n`);
  write(`cgroup/pids${path}/pids.max`, `${files.max}\n`);
  write(`cgroup/pids${path}/pids.events`, `${files.events}\n`);
  write(`cgroup/pids${path}/cgroup.procs`, listed);
  write(`cgroup/pids${path}/tasks`, listed);
}

/** Directories above the leaves: each holds as many tasks as all below it. */
function writeAncestors(
  write: NodeFiles['write'],
  leaves: readonly (readonly [path: string, files: { readonly current: string }])[],
): void {
  const tasks = new Map<string, number>();
  for (const [path, { current }] of leaves) {
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
      const above = path.slice(0, at);
      tasks.set(above, (tasks.get(above) ?? 0) + Number(current));
    }
  }
  for (const [path, current] of tasks) {
    write(`cgroup/pids${path}/pids.current`, `${current}\n`);
    write(`cgroup/pids${path}/pids.max`, 'max\n');
    write(`cgroup/pids${path}/pids.events`, 'max 0\n');
    write(`cgroup/pids${path}/cgroup.procs`, '');
    write(`cgroup/pids${path}/tasks`, '');
  }
}
