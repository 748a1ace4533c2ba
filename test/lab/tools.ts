// The outside programs the lab is made of, and the environment they need to run from the cache.
import { join } from 'node:path';
import type { Progress } from './cache-directory.ts';
import { findProgram, libraryTriplet, unpackPackages } from './debian-packages.ts';

/** libseccomp2 is runc's only library that a minimal Debian may lack. */
const PACKAGES = ['busybox-static', 'containernetworking-plugins', 'libseccomp2', 'musl-dev', 'runc', 'tcc'] as const;

/** Paths of the unpacked programs. */
export interface Tools {
  /** Root of the unpacked packages. */
  readonly root: string;
  readonly containerd: string;
  readonly ctr: string;
  readonly runc: string;
  /** Directory of the CNI plugins. */
  readonly cniDirectory: string;
  /** Static busybox: in the app image, and the lab's own umount and ip. */
  readonly busybox: string;
  /** What containerd and all it starts must run with: PATH and LD_LIBRARY_PATH of the unpacked packages first. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Fetches the programs if they are not cached yet; containerd, if wanted, from another Debian release. */
export async function prepareTools(suite: string | undefined, progress: Progress): Promise<Tools> {
  const names = suite === undefined ? [...PACKAGES, 'containerd'] : PACKAGES;
  const root = await unpackPackages({ names }, progress);
  const runtime = suite === undefined ? root : await unpackPackages({ names: ['containerd'], suite }, progress);
  const containerd = findProgram(runtime, 'containerd');
  const runc = findProgram(root, 'runc');
  const programs = [join(runtime, 'usr/bin'), join(root, 'usr/bin'), join(root, 'usr/sbin')];
  const libraries = ['usr/lib', 'lib'].map((dir) => join(root, dir, libraryTriplet('gnu')));
  return {
    root,
    containerd,
    ctr: findProgram(runtime, 'ctr'),
    runc,
    cniDirectory: join(root, 'usr/lib/cni'),
    busybox: findProgram(root, 'busybox'),
    environment: {
      PATH: [...programs, '/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'].join(':'),
      LD_LIBRARY_PATH: libraries.join(':'),
      LC_ALL: 'C',
    },
  };
}
