/** Reads what is in the network namespace of a process, through /proc/PID/net: from outside, without entering it. */
import type { FaultCode } from '../../core/model.ts';
import type { NetworkLook, OwnedSocket, SocketFacts } from '../../core/pod-look.ts';
import { joinInterfaces, parseFibTrie, parseInet6, parseNetDev, parseRoutes } from '../parse/interfaces.ts';
import { parseSockets, parseUnixListeners } from '../parse/sockets.ts';
import type { BytesReader } from '../reading/bytes-reader.ts';
import { faultCodeOf } from '../reading/fault-tally.ts';
import type { Slicer } from '../reading/slicer.ts';
import { findSocketOwners, type SocketOwners } from './socket-owners.ts';

/** Sockets shown; a node's own namespace may hold tens of thousands. */
const MAX_SOCKETS = 500;
const MAX_UNIX = 200;
const MAX_ROUTES = 200;
const MAX_INTERFACES = 200;

/** Where and whom to look at. */
export interface NetworkLookOptions {
  /** Where procfs is mounted. */
  readonly root: string;
  readonly reader: BytesReader;
  /** Host PID of a process in the namespace. */
  readonly pid: number;
  /** Host PIDs of those that may hold its sockets. */
  readonly pids: readonly number[];
  readonly slicer: Slicer;
}

/** Looks; a file that cannot be read is listed as unread and the rest goes on. */
export async function lookAtNetwork(options: NetworkLookOptions): Promise<NetworkLook> {
  const { root, reader, pid, pids, slicer } = options;
  const unread: { file: string; reason: FaultCode }[] = [];
  const read = (file: string): string => {
    try {
      // Names of interfaces and paths of sockets are bytes, UTF-8 as a rule.
      const length = reader.read(`${root}/${pid}/net/${file}`);
      return reader.buffer.toString('utf8', 0, length);
    } catch (error) {
      const reason = faultCodeOf(error);
      // A kernel without IPv6 has no such files, and no such sockets.
      if (!(reason === 'vanished' && file.includes('6'))) unread.push({ file, reason });
      return '';
    }
  };
  const sockets: SocketFacts[] = [];
  for (const protocol of ['tcp', 'tcp6', 'udp', 'udp6'] as const) {
    sockets.push(...parseSockets(read(protocol), protocol));
    if (slicer.isDue()) await slicer.nextTurn();
  }
  const unix = parseUnixListeners(read('unix')).slice(0, MAX_UNIX);
  const routes = parseRoutes(read('route'));
  const interfaces = joinInterfaces(
    parseNetDev(read('dev')).slice(0, MAX_INTERFACES),
    parseFibTrie(read('fib_trie')),
    parseInet6(read('if_inet6')),
    routes,
  );
  const owners = await findSocketOwners(root, pids, slicer);
  const sorted = joinOwners(sockets, owners);
  return {
    sockets: sorted.slice(0, MAX_SOCKETS),
    omittedSockets: Math.max(0, sorted.length - MAX_SOCKETS),
    unixListeners: unix,
    interfaces,
    routes: routes.slice(0, MAX_ROUTES).map(({ destination, gateway, interface: name }) => ({
      destination,
      gateway,
      interface: name,
    })),
    ownersUnknown: owners.unknown,
    ownersCut: owners.isCut,
    unread,
  };
}

/** Those of the pod first, then those that listen, then by port. */
function joinOwners(sockets: readonly SocketFacts[], { byInode }: SocketOwners): OwnedSocket[] {
  const owned = sockets.map((socket) => ({ ...socket, owners: byInode.get(socket.inode) ?? [] }));
  const rank = ({ owners, state }: OwnedSocket): number =>
    (owners.length > 0 ? 0 : 4) +
    (state === 'LISTEN' ? 0 : state === 'UNCONNECTED' ? 1 : state === 'TIME_WAIT' ? 3 : 2);
  return owned.sort((a, b) => rank(a) - rank(b) || a.local.port - b.local.port);
}
