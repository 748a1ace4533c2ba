/** Tells which cgroups are frozen, as far as cgroup v2 does it: there a frozen task looks like one that sleeps. */
import { statSync } from 'node:fs';
import type { BytesReader } from '../reading/bytes-reader.ts';

/** Asks about cgroups of one cgroupfs. */
export type FrozenReader = (path: string) => boolean;

/** Makes a reader for the cgroupfs at `root`: v2 alone, or the v2 tree beside v1 ("unified"); without one nothing is frozen. */
export function createFrozenReader(root: string, reader: BytesReader): FrozenReader {
  const base = [root, `${root}/unified`].find((it) => isFile(`${it}/cgroup.controllers`));
  if (base === undefined) return () => false;
  return (path) => {
    try {
      return /^frozen 1$/m.test(reader.readText(`${base}${path}/cgroup.events`));
    } catch {
      // Gone, or not in this hierarchy.
      return false;
    }
  };
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
