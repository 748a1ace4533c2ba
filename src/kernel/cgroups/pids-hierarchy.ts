/** Finds the hierarchy of the pids controller under a cgroupfs, whichever generation mounted it. */
import { statSync } from 'node:fs';
import type { BytesReader } from '../reading/bytes-reader.ts';

/** Where the pids controller is. */
export interface PidsHierarchy {
  /** Root directory of the hierarchy. */
  readonly base: string;
  /** The file of a cgroup that lists its tasks (threads) alive. */
  readonly taskList: 'tasks' | 'cgroup.threads';
}

/**
 * The hierarchy of the pids controller: the cgroupfs itself on v2, its "pids" on v1 and hybrid, its "unified" on a
 * hybrid that gave pids to v2. Undefined when there is none.
 */
export function findPidsHierarchy(root: string, reader: BytesReader): PidsHierarchy | undefined {
  if (hasPidsOnV2(root, reader)) return { base: root, taskList: 'cgroup.threads' };
  if (isDirectory(`${root}/pids`)) return { base: `${root}/pids`, taskList: 'tasks' };
  return hasPidsOnV2(`${root}/unified`, reader) ? { base: `${root}/unified`, taskList: 'cgroup.threads' } : undefined;
}

function hasPidsOnV2(directory: string, reader: BytesReader): boolean {
  try {
    return reader.readText(`${directory}/cgroup.controllers`).trim().split(/\s+/).includes('pids');
  } catch {
    // Not a v2 hierarchy; that none is one is reported by the caller.
    return false;
  }
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
