/** Parses the socket tables of a network namespace: /proc/PID/net/{tcp,tcp6,udp,udp6,unix} (proc_pid_net(5)). */
import type { SocketEnd, SocketFacts } from '../../core/pod-look.ts';

/** Names of the states, by their numbers (include/net/tcp_states.h). */
const TCP_STATES: readonly string[] = [
  'UNKNOWN',
  'ESTABLISHED',
  'SYN_SENT',
  'SYN_RECV',
  'FIN_WAIT1',
  'FIN_WAIT2',
  'TIME_WAIT',
  'CLOSE',
  'CLOSE_WAIT',
  'LAST_ACK',
  'LISTEN',
  'CLOSING',
  'NEW_SYN_RECV',
];

/** CLOSE; of UDP it means: bound and not connected. */
const CLOSE = 7;

/** sl, local and remote address, state, two pairs of queues and timers, retransmits, uid, timeout, inode. */
const SOCKET_LINE =
  /^\s*\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) ([0-9A-F]{2}) [0-9A-F]+:[0-9A-F]+ [0-9A-F]+:[0-9A-F]+ [0-9A-F]+ +(\d+) +\d+ (\d+)(?: |$)/;

/** Parses a table; what does not look like a line of it is left out, the heading too. */
export function parseSockets(text: string, protocol: SocketFacts['protocol']): SocketFacts[] {
  const sockets: SocketFacts[] = [];
  for (const line of text.split('\n')) {
    const match = SOCKET_LINE.exec(line);
    if (match === null) continue;
    const [, localAddress = '', localPort = '', remoteAddress = '', remotePort = '', code = '', uid, inode] = match;
    const number = Number.parseInt(code, 16);
    const isUnconnected = protocol.startsWith('udp') && number === CLOSE;
    sockets.push({
      protocol,
      local: endOf(localAddress, localPort),
      remote: endOf(remoteAddress, remotePort),
      state: isUnconnected ? 'UNCONNECTED' : (TCP_STATES[number] ?? 'UNKNOWN'),
      uid: Number(uid),
      inode: Number(inode),
    });
  }
  return sockets;
}

function endOf(address: string, port: string): SocketEnd {
  return { address: parseHexAddress(address) ?? '?', port: Number.parseInt(port, 16) };
}

/** An address of /proc/PID/net: 32-bit words, each in the byte order of the machine, which on every node is little-endian. */
export function parseHexAddress(hex: string): string | undefined {
  if (!/^(?:[0-9A-Fa-f]{8}|[0-9A-Fa-f]{32})$/.test(hex)) return undefined;
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => [...Buffer.from(word, 'hex')].toReversed());
  return bytes.length === 4 ? bytes.join('.') : formatIpv6(bytes);
}

/** Sixteen bytes as people write them (RFC 5952): lower case, the longest run of zeros as "::". */
export function formatIpv6(bytes: readonly number[]): string {
  const isMapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  if (isMapped) return `::ffff:${bytes.slice(12).join('.')}`;
  const groups: number[] = [];
  for (let at = 0; at < 16; at += 2) groups.push((bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0));
  const [start, length] = longestZeros(groups);
  const words = groups.map((group) => group.toString(16));
  if (length < 2) return words.join(':');
  return `${words.slice(0, start).join(':')}::${words.slice(start + length).join(':')}`;
}

function longestZeros(groups: readonly number[]): readonly [start: number, length: number] {
  let [start, length] = [0, 0];
  for (let at = 0; at < groups.length; at++) {
    let end = at;
    while (groups[end] === 0) end++;
    if (end - at > length) [start, length] = [at, end - at];
    at = Math.max(at, end);
  }
  return [start, length];
}

/** Num, RefCount, Protocol, Flags (__SO_ACCEPTCON: somebody listens), Type, St, Inode, Path. */
const UNIX_LISTENER = /^[0-9a-fA-F]+: [0-9A-F]+ [0-9A-F]+ 00010000 [0-9A-F]{4} [0-9A-F]{2} +\d+ (.+)$/;

/** Paths of /proc/PID/net/unix on which somebody listens; abstract ones begin with "@". */
export function parseUnixListeners(text: string): string[] {
  const paths = text.split('\n').flatMap((line) => UNIX_LISTENER.exec(line)?.[1] ?? []);
  return [...new Set(paths)];
}
