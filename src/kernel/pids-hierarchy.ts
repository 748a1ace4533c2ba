/** Finds the hierarchy of the pids controller under a cgroupfs, whichever generation mounted it. */
import { statSync } from 'node:fs';
import type { BytesReader } from './bytes-reader.ts';

/**
 * The directory that is the root of the pids controller: the cgroupfs itself on v2, its "pids" on v1 and hybrid, its
 * "unified" on a hybrid that gave pids to v2. Undefined when there is none.
 */
export function findPidsHierarchy(root: string, reader: BytesReader): string | undefined {
  if (hasPidsOnV2(root, reader)) return root;
  if (isDirectory(`${root}/pids`)) return `${root}/pids`;
  return hasPidsOnV2(`${root}/unified`, reader) ? `${root}/unified` : undefined;
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
