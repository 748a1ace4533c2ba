// Says whether the lab can run on this machine, and if not, why.
import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { cgroupMounts } from './cgroup-trees.ts';

/** Bit of CAP_SYS_ADMIN in the capability masks of /proc/PID/status (capabilities(7)). */
const CAP_SYS_ADMIN = 1n << 21n;

/** One sentence about what stands in the lab's way, or undefined when nothing does. */
export function labObstacle(): string | undefined {
  if (process.platform !== 'linux') return `The lab needs Linux; this is ${process.platform}.`;
  if (process.arch !== 'x64' && process.arch !== 'arm64')
    return `The lab does not know the architecture ${process.arch}.`;
  if (process.getuid?.() !== 0) return 'The lab must run as root: it makes namespaces, mounts and cgroups.';
  if (!hasSysAdmin()) return 'The lab needs CAP_SYS_ADMIN, which this process lacks (an unprivileged container?).';
  for (const program of ['apt-get', 'dpkg-deb']) {
    if (!isOnPath(program))
      return `The lab gets containerd from Debian's packages and needs ${program}, which is not on the PATH.`;
  }
  return cgroupObstacle();
}

function cgroupObstacle(): string | undefined {
  const mounts = cgroupMounts();
  if (mounts.length === 0) return 'The lab needs a mounted cgroup filesystem; none is mounted.';
  for (const mount of mounts) {
    const probe = join(mount.path, `pausewatch-probe-${process.pid}`);
    try {
      mkdirSync(probe);
      rmdirSync(probe);
    } catch (error) {
      return `The lab must make cgroups, but cannot in ${mount.path}: ${error instanceof Error ? error.message : String(error)}.`;
    }
  }
  const unified = mounts.length === 1 && mounts[0]?.version === 2 ? mounts[0].path : undefined;
  // Only the real root of the v2 tree lacks cgroup.type; anywhere else processes and children exclude each other.
  if (unified !== undefined && existsSync(join(unified, 'cgroup.type')) && lines(join(unified, 'cgroup.procs')) > 0) {
    return `The lab cannot use ${unified}: it is not the root of the cgroup tree and has processes of its own.`;
  }
  return undefined;
}

function hasSysAdmin(): boolean {
  const mask = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return mask !== undefined && (BigInt(`0x${mask}`) & CAP_SYS_ADMIN) !== 0n;
}

function isOnPath(program: string): boolean {
  for (const dir of (process.env['PATH'] ?? '').split(delimiter)) {
    try {
      accessSync(join(dir, program), constants.X_OK);
      return true;
    } catch {
      // Not in this directory.
    }
  }
  return false;
}

function lines(path: string): number {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '').length;
}
