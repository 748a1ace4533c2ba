/** Finds out which processes hold which sockets, through /proc/PID/fd (proc_pid_fd(5)), as far as that is permitted. */
import { opendirSync, readlinkSync } from 'node:fs';
import type { FaultCode } from '../../core/model.ts';
import { faultCodeOf } from '../reading/fault-tally.ts';
import type { Slicer } from '../reading/slicer.ts';

/** Descriptors looked at in one search, 4 µs each. */
const MAX_DESCRIPTORS = 20_000;

/** Who holds what. */
export interface SocketOwners {
  /** Host PIDs by the inode of the socket. */
  readonly byInode: ReadonlyMap<number, readonly number[]>;
  /** Processes whose descriptors could not be read. */
  readonly unknown: Readonly<Partial<Record<FaultCode, number>>>;
  /** There were more descriptors than are looked at. */
  readonly isCut: boolean;
}

/** Looks at the descriptors of these processes. */
export async function findSocketOwners(root: string, pids: readonly number[], slicer: Slicer): Promise<SocketOwners> {
  const byInode = new Map<number, number[]>();
  const unknown: Partial<Record<FaultCode, number>> = {};
  let left = MAX_DESCRIPTORS;
  for (const pid of pids) {
    try {
      for (const inode of socketsOf(`${root}/${pid}/fd`, left)) {
        left--;
        if (inode !== undefined) addOwner(byInode, inode, pid);
        if (slicer.isDue()) await slicer.nextTurn();
      }
    } catch (error) {
      const code = faultCodeOf(error);
      // A process that has ended holds nothing.
      if (code !== 'vanished') unknown[code] = (unknown[code] ?? 0) + 1;
    }
    if (left <= 0) return { byInode, unknown, isCut: true };
  }
  return { byInode, unknown, isCut: false };
}

function addOwner(byInode: Map<number, number[]>, inode: number, pid: number): void {
  const owners = byInode.get(inode);
  if (owners === undefined) byInode.set(inode, [pid]);
  else if (owners.at(-1) !== pid) owners.push(pid);
}

/** One value per descriptor: the inode of a socket, undefined for anything else. */
function* socketsOf(directory: string, limit: number): Generator<number | undefined> {
  const opened = opendirSync(directory);
  try {
    for (let count = 0; count < limit; count++) {
      const entry = opened.readSync();
      if (entry === null) return;
      yield socketInode(`${directory}/${entry.name}`);
    }
  } finally {
    opened.closeSync();
  }
}

function socketInode(link: string): number | undefined {
  try {
    const digits = /^socket:\[(\d+)\]$/.exec(readlinkSync(link))?.[1];
    return digits === undefined ? undefined : Number(digits);
  } catch (error) {
    // A descriptor that was closed meanwhile is none; any other failure concerns them all.
    if (faultCodeOf(error) === 'vanished') return undefined;
    throw error;
  }
}
