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
import { claim, isClaimed } from './claim.ts';
import { errorCode } from './error-code.ts';

/** Every lab's directory, cgroup and bridge are called so; what is called so belongs to a lab. */
export const LAB_PREFIX = 'pwlab-';

/** Not TMPDIR: sockets have short paths (107 bytes), and all labs must find each other. */
const BASE = '/tmp';

/** Containerd's shims of 1.x use this directory, whatever they are told. */
const RUN = '/run/containerd';

/** Their sockets. */
const SHIM_SOCKETS = `${RUN}/s`;

/** Says that a lab made the directory, so that the last lab may take it away; each that uses it leaves its name there too. */
const MADE_BY_LAB = `${RUN}/.made-by-pausewatch-lab`;

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

/** Names of the labs of this process. */
const own = new Set<string>();

/** Makes a new lab's directory, owned by this process for as long as it lives. */
export async function createLabDirectory(): Promise<LabDirectory> {
  // It gets its name when that is owned: without an owner it would look left over to another lab.
  const unnamed = mkdtempSync(join(BASE, 'pausewatch-lab-'));
  const lab = labDirectory(join(BASE, `${LAB_PREFIX}${unnamed.slice(-6)}`));
  await claim(lab.name);
  own.add(lab.name);
  renameSync(unnamed, lab.path);
  for (const dir of [lab.cniConfig, lab.cniState]) mkdirSync(dir, { recursive: true });
  if (!existsSync(RUN)) {
    mkdirSync(RUN, { mode: 0o711, recursive: true });
    writeFileSync(MADE_BY_LAB, '');
  }
  if (existsSync(MADE_BY_LAB)) writeFileSync(join(RUN, `.${lab.name}`), '');
  return lab;
}

/** Labs whose owner is gone, or still lives. */
export function listLabDirectories(owner: 'gone' | 'alive'): LabDirectory[] {
  return readdirSync(BASE)
    .filter((name) => name.startsWith(LAB_PREFIX))
    .map((name) => labDirectory(join(BASE, name)))
    .filter(isOurs)
    .filter(({ name }) => (isClaimed(name) ? 'alive' : 'gone') === owner);
}

/** Names of the labs that other living processes own. */
export function listForeignLabs(): string[] {
  return listLabDirectories('alive')
    .map(({ name }) => name)
    .filter((name) => !own.has(name));
}

/** Removes /run/containerd if a lab made it and nobody uses it any more, and before that the sockets nobody listens on. */
export function removeRunDirectory(): void {
  if (!existsSync(MADE_BY_LAB)) return;
  removeDeadSockets();
  const users = new Set(listLabDirectories('alive').map(({ name }) => `.${name}`));
  for (const name of readdirSync(RUN)) {
    if (name.startsWith(`.${LAB_PREFIX}`) && !users.has(name)) rmSync(join(RUN, name), { force: true });
  }
  const others = readdirSync(RUN).filter((name) => name !== 's' && name !== basename(MADE_BY_LAB));
  const sockets = existsSync(SHIM_SOCKETS) ? readdirSync(SHIM_SOCKETS) : [];
  if (others.length > 0 || sockets.length > 0) return;
  try {
    if (existsSync(SHIM_SOCKETS)) rmdirSync(SHIM_SOCKETS);
    rmSync(MADE_BY_LAB);
    rmdirSync(RUN);
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
