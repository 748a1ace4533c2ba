// The mounted cgroup hierarchies, v1 and v2 alike, and how one subtree of them is emptied and removed.
import { readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode } from './error-code.ts';

/** A mounted hierarchy. */
export interface CgroupMount {
  /** Mount point. */
  readonly path: string;
  readonly version: 1 | 2;
  /** Controllers of a v1 hierarchy; empty for v2. */
  readonly controllers: readonly string[];
}

/** Every cgroup filesystem mounted here; a hierarchy mounted twice is given once. */
export function cgroupMounts(): CgroupMount[] {
  const mounts = new Map<string, CgroupMount>();
  for (const line of readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) {
    const [before, after] = line.split(' - ');
    const [type, , options] = after?.split(' ') ?? [];
    const fields = before?.split(' ') ?? [];
    const [device, path] = [fields[2], fields[4]];
    if (device === undefined || path === undefined || (type !== 'cgroup' && type !== 'cgroup2')) continue;
    const controllers =
      type === 'cgroup2' ? [] : (options ?? '').split(',').filter((word) => word !== 'rw' && word !== 'ro');
    if (!mounts.has(device)) mounts.set(device, { path, version: type === 'cgroup2' ? 2 : 1, controllers });
  }
  return [...mounts.values()];
}

/** The cgroup and all below it, parents first; empty if it does not exist. */
export function listSubtree(path: string): string[] {
  const found: string[] = [];
  let children: string[];
  try {
    children = readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return found;
    throw error;
  }
  found.push(path);
  for (const child of children) found.push(...listSubtree(join(path, child)));
  return found;
}

/** PIDs of all living processes in these cgroups. */
export function listMembers(cgroups: readonly string[]): Set<number> {
  const pids = new Set<number>();
  for (const cgroup of cgroups) {
    for (const line of readLines(join(cgroup, 'cgroup.procs'))) pids.add(Number(line));
  }
  return pids;
}

/** Lets frozen processes run again, without which they could not die. */
export function thaw(cgroups: readonly string[]): void {
  for (const cgroup of cgroups) {
    tryWrite(join(cgroup, 'freezer.state'), 'THAWED');
    tryWrite(join(cgroup, 'cgroup.freeze'), '0');
  }
}

/** Removes empty cgroups, children first; returns those that would not go. */
export function removeCgroups(cgroups: readonly string[]): string[] {
  return cgroups.toReversed().filter((cgroup) => {
    try {
      rmdirSync(cgroup);
      return false;
    } catch (error) {
      return errorCode(error) !== 'ENOENT';
    }
  });
}

function readLines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
  } catch {
    return [];
  }
}

/** These files exist only in some hierarchies, and not in the root. */
function tryWrite(path: string, text: string): void {
  try {
    writeFileSync(path, text, { flag: 'r+' });
  } catch {
    // No such file here: nothing to thaw.
  }
}
