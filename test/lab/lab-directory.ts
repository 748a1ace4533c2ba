// A lab's name, its directories and who owns it: all that is needed to find its traces again.
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { errorCode } from './error-code.ts';
import { isAlive, ownIdentity, parseIdentity } from './process-table.ts';

/** Every lab's directory, cgroup and bridge are called so; what is called so belongs to a lab. */
export const LAB_PREFIX = 'pwlab-';

/** Not TMPDIR: sockets have short paths (107 bytes), and all labs must find each other. */
const BASE = '/tmp';

/** Containerd's shims of 1.x put their sockets here, whatever state directory they are given. */
const SHIM_SOCKETS = '/run/containerd/s';

/** Says in /run/containerd that a lab made that directory, so that the last lab may take it away. */
const MADE_BY_LAB = '/run/containerd/.made-by-pausewatch-lab';

/** Paths and names of one lab. */
export interface LabDirectory {
  /** `pwlab-XXXXXX`: also the name of its cgroup root and of its bridge. */
  readonly name: string;
  /** Holds everything else. */
  readonly path: string;
  /** containerd's persistent root. */
  readonly root: string;
  /** containerd's volatile state. */
  readonly state: string;
  /** runc's state; without it a container made by hand would leave its own in /run. */
  readonly runcRoot: string;
  /** CRI and containerd socket. */
  readonly socket: string;
  readonly configFile: string;
  readonly logFile: string;
  /** CNI network configurations. */
  readonly cniConfig: string;
  /** Addresses given out by the host-local plugin. */
  readonly cniState: string;
  /** Cgroup all pods are below, as an absolute cgroup path. */
  readonly cgroup: string;
}

/** Names everything about the lab in this directory. */
function labDirectory(path: string): LabDirectory {
  const name = basename(path);
  return {
    name,
    path,
    root: join(path, 'root'),
    state: join(path, 'state'),
    runcRoot: join(path, 'runc'),
    socket: join(path, 'containerd.sock'),
    configFile: join(path, 'config.toml'),
    logFile: join(path, 'containerd.log'),
    cniConfig: join(path, 'cni', 'net.d'),
    cniState: join(path, 'cni', 'state'),
    cgroup: `/${name}`,
  };
}

/** Where a lab's dockerd keeps its volatile state, that of its own containerd included. */
export function dockerExecRoot(lab: LabDirectory): string {
  return join(lab.path, 'docker-exec');
}

/** Makes a new lab's directory, owned by this process. */
export function createLabDirectory(): LabDirectory {
  // It gets its name together with its owner: without one it would look left over to another lab.
  const unnamed = mkdtempSync(join(BASE, 'pausewatch-lab-'));
  writeFileSync(join(unnamed, 'owner.json'), JSON.stringify(ownIdentity()));
  const lab = labDirectory(join(BASE, `${LAB_PREFIX}${unnamed.slice(-6)}`));
  renameSync(unnamed, lab.path);
  for (const dir of [lab.cniConfig, lab.cniState]) mkdirSync(dir, { recursive: true });
  if (!existsSync('/run/containerd')) {
    mkdirSync('/run/containerd', { mode: 0o711, recursive: true });
    writeFileSync(MADE_BY_LAB, '');
  }
  return lab;
}

/** Labs whose owner is gone, or still lives, by what their directories say. */
export function listLabDirectories(owner: 'gone' | 'alive'): LabDirectory[] {
  return readdirSync(BASE)
    .filter((name) => name.startsWith(LAB_PREFIX))
    .map((name) => labDirectory(join(BASE, name)))
    .filter(isOurs)
    .filter((lab) => (isOwned(lab) ? 'alive' : 'gone') === owner);
}

/** Removes /run/containerd if a lab made it and nobody uses it any more, and before that the sockets nobody listens on. */
export function removeRunDirectory(): void {
  if (!existsSync(MADE_BY_LAB)) return;
  removeDeadSockets();
  const others = readdirSync('/run/containerd').filter((name) => name !== 's' && name !== basename(MADE_BY_LAB));
  const sockets = existsSync(SHIM_SOCKETS) ? readdirSync(SHIM_SOCKETS) : [];
  if (others.length > 0 || sockets.length > 0 || listLabDirectories('alive').length > 0) return;
  try {
    if (existsSync(SHIM_SOCKETS)) rmdirSync(SHIM_SOCKETS);
    rmSync(MADE_BY_LAB);
    rmdirSync('/run/containerd');
  } catch (error) {
    // Two labs may end, or one begin, at the same moment: then it is the other's to remove.
    if (errorCode(error) !== 'ENOENT' && errorCode(error) !== 'ENOTEMPTY') throw error;
  }
}

/** A shim that was killed leaves its socket file; one that listens is in the kernel's list (proc_net_unix). */
function removeDeadSockets(): void {
  if (!existsSync(SHIM_SOCKETS)) return;
  const bound = new Set(readFileSync('/proc/net/unix', 'utf8').split(/\s+/));
  for (const name of readdirSync(SHIM_SOCKETS)) {
    const path = join(SHIM_SOCKETS, name);
    if (!bound.has(path)) rmSync(path, { force: true });
  }
}

/** In a directory anybody can write to, a name alone proves nothing. */
function isOurs(lab: LabDirectory): boolean {
  const stats = lstatSync(lab.path, { throwIfNoEntry: false });
  return stats !== undefined && stats.isDirectory() && stats.uid === process.getuid?.();
}

function isOwned(lab: LabDirectory): boolean {
  try {
    const owner = parseIdentity(readFileSync(join(lab.path, 'owner.json'), 'utf8'));
    return owner !== undefined && isAlive(owner);
  } catch {
    return false;
  }
}
