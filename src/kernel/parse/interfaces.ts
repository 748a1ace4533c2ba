/** Parses the interfaces, addresses and routes of a network namespace (/proc/PID/net/{dev,if_inet6,fib_trie,route}). */
import type { InterfaceFacts, RouteFacts } from '../../core/pod-look.ts';
import { formatIpv6, parseHexAddress } from './sockets.ts';

/** An interface without its addresses. */
export type Counters = Omit<InterfaceFacts, 'addresses'>;

/** A name may hold a colon; sixteen counters follow the last one. */
const DEV_LINE = /^\s*(\S.*):\s*((?:\d+\s+){15}\d+)\s*$/;

/** Parses /proc/PID/net/dev. */
export function parseNetDev(text: string): Counters[] {
  return text.split('\n').flatMap((line): Counters[] => {
    const match = DEV_LINE.exec(line);
    if (match === null) return [];
    const counters = (match[2] ?? '').split(/\s+/).map(Number);
    const at = (index: number): number => counters[index] ?? 0;
    return [{ name: match[1] ?? '', rxBytes: at(0), rxDropped: at(3), txBytes: at(8), txDropped: at(11) }];
  });
}

/** Addresses by interface, "fe80::1/64", of /proc/PID/net/if_inet6. */
export function parseInet6(text: string): Map<string, string[]> {
  const addresses = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const match = /^([0-9a-f]{32}) [0-9a-f]+ ([0-9a-f]+) [0-9a-f]+ [0-9a-f]+ +(\S+)$/.exec(line);
    if (match === null) continue;
    const [, hex = '', prefix = '', name = ''] = match;
    const address = `${formatIpv6([...Buffer.from(hex, 'hex')])}/${Number.parseInt(prefix, 16)}`;
    addTo(addresses, name, address);
  }
  return addresses;
}

/** The namespace's own IPv4 addresses, of /proc/PID/net/fib_trie; which interface has them it does not tell. */
export function parseFibTrie(text: string): string[] {
  const own = new Set<string>();
  let last: string | undefined;
  for (const line of text.split('\n')) {
    last = /\|-- (\d+\.\d+\.\d+\.\d+)$/.exec(line)?.[1] ?? last;
    if (last !== undefined && /^\s*\/32 host LOCAL$/.test(line)) own.add(last);
  }
  return [...own];
}

/** A route as the kernel keeps it: destination and mask as numbers, beside what is shown. */
export interface Route extends RouteFacts {
  readonly network: number;
  readonly mask: number;
}

/** Parses /proc/PID/net/route: interface, destination, gateway, flags, three counters, mask. */
export function parseRoutes(text: string): Route[] {
  return text.split('\n').flatMap((line): Route[] => {
    const match = /^(\S+)\s+([0-9A-F]{8})\s+([0-9A-F]{8})\s+[0-9A-F]+\s+\d+\s+\d+\s+\d+\s+([0-9A-F]{8})\s/.exec(line);
    if (match === null) return [];
    const [, name = '', destination = '', gateway = '', maskHex = ''] = match;
    const [network, mask] = [addressNumber(parseHexAddress(destination)), addressNumber(parseHexAddress(maskHex))];
    const prefix = mask.toString(2).replaceAll('0', '').length;
    const shown = mask === 0 ? 'default' : `${parseHexAddress(destination)}/${prefix}`;
    const via = /^0+$/.test(gateway) ? undefined : parseHexAddress(gateway);
    return [{ destination: shown, gateway: via, interface: name, network, mask }];
  });
}

/** Puts the addresses to the interfaces; an IPv4 address goes where the narrowest route to it leads. */
export function joinInterfaces(
  counters: readonly Counters[],
  ipv4: readonly string[],
  ipv6: ReadonlyMap<string, readonly string[]>,
  routes: readonly Route[],
): InterfaceFacts[] {
  const names = new Map<string, string[]>();
  const interfaceOf = createRouteFinder(routes);
  for (const address of ipv4) {
    const name = address.startsWith('127.') ? 'lo' : interfaceOf(address);
    if (name !== undefined) addTo(names, name, address);
  }
  return counters.map((it) => ({ ...it, addresses: [...(names.get(it.name) ?? []), ...(ipv6.get(it.name) ?? [])] }));
}

/** Finds the interface of an address by the masks there are, 32 at most: a node may have thousands of both. */
function createRouteFinder(routes: readonly Route[]): (address: string) => string | undefined {
  const byMask = new Map<number, Map<number, string>>();
  for (const { network, mask, interface: name } of routes) {
    const leading = byMask.get(mask) ?? new Map<number, string>();
    const at = sameBits(network, mask);
    if (!leading.has(at)) leading.set(at, name);
    // The default route leads to everything, and tells nothing.
    if (mask !== 0) byMask.set(mask, leading);
  }
  const narrowestFirst = [...byMask].sort(([a], [b]) => b - a);
  return (address) => {
    const wanted = addressNumber(address);
    for (const [mask, leading] of narrowestFirst) {
      const name = leading.get(sameBits(wanted, mask));
      if (name !== undefined) return name;
    }
    return undefined;
  };
}

function addTo(lists: Map<string, string[]>, name: string, address: string): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [address]);
  else list.push(address);
}

function sameBits(address: number, mask: number): number {
  return (address & mask) >>> 0;
}

function addressNumber(dotted: string | undefined): number {
  return (dotted ?? '').split('.').reduce((number, part) => number * 256 + Number(part), 0);
}
