/** Reads what is in the network namespace of a process, through /proc/PID/net: from outside, without entering it. */
import type { FaultCode } from '../../core/model.ts';
import type { NetworkLook } from '../../core/pod-look.ts';
import {
  type Counters,
  joinInterfaces,
  parseFibTrie,
  parseInet6,
  parseNetDev,
  parseRoutes,
  type Route,
} from '../parse/interfaces.ts';
import { parseSockets, parseUnixListeners } from '../parse/sockets.ts';
import { faultCodeOf } from '../reading/fault-tally.ts';
import { MAX_LIST_BYTES, readList } from '../reading/list-reader.ts';
import type { Slicer } from '../reading/slicer.ts';
import { createSocketChoice } from './socket-choice.ts';
import { findSocketOwners } from './socket-owners.ts';

/** Sockets shown; a node's own namespace may hold tens of thousands. */
const MAX_SOCKETS = 500;
const MAX_UNIX = 200;
const MAX_ROUTES = 200;
const MAX_INTERFACES = 200;

/** How the part of a file that is not read is called. */
const UNREAD_PART = `after ${MAX_LIST_BYTES / 1024 / 1024} MiB`;

/** Where and whom to look at. */
export interface NetworkLookOptions {
  /** Where procfs is mounted. */
  readonly root: string;
  /** Host PID of a process in the namespace. */
  readonly pid: number;
  /** Host PIDs of those that may hold its sockets. */
  readonly pids: readonly number[];
  readonly slicer: Slicer;
}

/** Reads one file below net, some lines at a time; none when it cannot be read. */
type ReadNet = (file: string, onLines: (text: string) => void) => Promise<void>;

/** Looks; a file that cannot be read is listed as unread and the rest goes on. */
export async function lookAtNetwork(options: NetworkLookOptions): Promise<NetworkLook> {
  const { root, pid, pids, slicer } = options;
  const unread: { file: string; reason: FaultCode }[] = [];
  const read: ReadNet = async (file, onLines) => {
    try {
      // Names of interfaces and paths of sockets are bytes, UTF-8 as a rule.
      const isWhole = await readList(`${root}/${pid}/net/${file}`, slicer, (lines) => onLines(lines.toString('utf8')));
      if (!isWhole) unread.push({ file: `${file} ${UNREAD_PART}`, reason: 'silent' });
    } catch (error) {
      const reason = faultCodeOf(error);
      // A kernel without IPv6 has no such files, and no such sockets.
      if (!(reason === 'vanished' && file.includes('6'))) unread.push({ file, reason });
    }
  };
  const owners = await findSocketOwners(root, pids, slicer);
  const choice = createSocketChoice(owners, MAX_SOCKETS);
  for (const protocol of ['tcp', 'tcp6', 'udp', 'udp6'] as const) {
    await read(protocol, (text) => parseSockets(text, protocol).forEach(choice.add));
  }
  const { sockets, omitted } = choice.settle();
  return {
    sockets,
    omittedSockets: omitted,
    unixListeners: await readUnixListeners(read),
    ...(await readInterfaces(read)),
    ownersUnknown: owners.unknown,
    ownersCut: owners.isCut,
    unread,
  };
}

async function readUnixListeners(read: ReadNet): Promise<readonly string[]> {
  const paths = new Set<string>();
  await read('unix', (text) => {
    for (const path of parseUnixListeners(text)) if (paths.size < MAX_UNIX) paths.add(path);
  });
  return [...paths];
}

async function readInterfaces(read: ReadNet): Promise<Pick<NetworkLook, 'interfaces' | 'routes'>> {
  const routes: Route[] = [];
  const counters: Counters[] = [];
  let [trie, inet6] = ['', ''];
  await read('route', (text) => routes.push(...parseRoutes(text)));
  await read('dev', (text) => counters.push(...parseNetDev(text)));
  await read('fib_trie', (text) => {
    trie += text;
  });
  await read('if_inet6', (text) => {
    inet6 += text;
  });
  return {
    interfaces: joinInterfaces(counters.slice(0, MAX_INTERFACES), parseFibTrie(trie), parseInet6(inet6), routes),
    routes: routes.slice(0, MAX_ROUTES).map(({ destination, gateway, interface: name }) => ({
      destination,
      gateway,
      interface: name,
    })),
  };
}
