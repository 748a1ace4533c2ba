/** The parsers of what a closer look reads: socket tables, interfaces, routes, mounts. */
import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  joinInterfaces,
  parseFibTrie,
  parseInet6,
  parseNetDev,
  parseRoutes,
  type Route,
} from '../../src/kernel/parse/interfaces.ts';
import { parseMountinfo } from '../../src/kernel/parse/mountinfo.ts';
import { formatIpv6, parseHexAddress, parseSockets, parseUnixListeners } from '../../src/kernel/parse/sockets.ts';

const TCP = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0500580A:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0000000000000000 100 0 0 10 0
   1: 0100007F:A64C 0100007F:1F90 01 00000000:00000000 02:00000AB3 00000000     0        0 99 2 0000000000000000 20 4 30 10 -1
`;
const TCP6 =
  '   0: 00000000000000000000000001000000:0035 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 12 1 0000000000000000 100 0 0 10 0\n';

describe('socket tables', () => {
  test('give both ends, the state, the owner and the inode', () => {
    expect(parseSockets(TCP, 'tcp')).toEqual([
      {
        protocol: 'tcp',
        local: { address: '10.88.0.5', port: 8080 },
        remote: { address: '0.0.0.0', port: 0 },
        state: 'LISTEN',
        uid: 1000,
        inode: 4711,
      },
      {
        protocol: 'tcp',
        local: { address: '127.0.0.1', port: 42_572 },
        remote: { address: '127.0.0.1', port: 8080 },
        state: 'ESTABLISHED',
        uid: 0,
        inode: 99,
      },
    ]);
    expect(parseSockets(TCP6, 'tcp6')).toMatchObject([{ local: { address: '::1', port: 53 }, state: 'LISTEN' }]);
  });

  test('tell a bound UDP socket from a closed TCP socket', () => {
    const line = TCP.replace(' 0A ', ' 07 ');
    expect(parseSockets(line, 'udp')[0]?.state).toBe('UNCONNECTED');
    expect(parseSockets(line, 'tcp')[0]?.state).toBe('CLOSE');
  });

  test('of this very machine are understood line by line', () => {
    for (const protocol of ['tcp', 'tcp6', 'udp', 'udp6'] as const) {
      const text = readFileSync(`/proc/self/net/${protocol}`, 'utf8');
      expect(parseSockets(text, protocol)).toHaveLength(text.trim().split('\n').length - 1);
    }
  });

  test('hold any IPv4 address and port', () => {
    const byte = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(fc.tuple(byte, byte, byte, byte), fc.integer({ min: 0, max: 65_535 }), (bytes, port) => {
        const hex = Buffer.from(bytes.toReversed()).toString('hex').toUpperCase();
        const line = TCP.split('\n')[1]?.replace(
          '0500580A:1F90',
          `${hex}:${port.toString(16).toUpperCase().padStart(4, '0')}`,
        );
        expect(parseSockets(line ?? '', 'tcp')[0]?.local).toEqual({ address: bytes.join('.'), port });
      }),
    );
  });

  test('never make a parser throw, whatever they hold', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const parse of [
          (it: string) => parseSockets(it, 'tcp'),
          parseUnixListeners,
          parseNetDev,
          parseRoutes,
          parseFibTrie,
          parseMountinfo,
        ]) {
          expect(Array.isArray(parse(text))).toBe(true);
        }
        expect(parseInet6(text)).toBeInstanceOf(Map);
      }),
    );
  });

  test('name the unix sockets that somebody listens on, abstract ones too, whatever they are called', () => {
    const text = `Num       RefCount Protocol Flags    Type St Inode Path
0000000000000000: 00000002 00000000 00010000 0001 01 20482 /run/app/with space.sock
0000000000000000: 00000002 00000000 00010000 0005 01 20483 @abstract
0000000000000000: 00000003 00000000 00000000 0001 03 20484 /run/connected.sock
0000000000000000: 00000002 00000000 00010000 0001 01 20485
`;
    expect(parseUnixListeners(text)).toEqual(['/run/app/with space.sock', '@abstract']);
  });
});

describe('IPv6 addresses', () => {
  test('are written as people write them', () => {
    expect(parseHexAddress('00000000000000000000000000000000')).toBe('::');
    expect(parseHexAddress('0000000000000000FFFF00000500580A')).toBe('::ffff:10.88.0.5');
    expect(parseHexAddress('B80D0120000000000000000001000000')).toBe('2001:db8::1');
    expect(parseHexAddress('12')).toBeUndefined();
  });

  test('mean the same to the URL parser, for any sixteen bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        const groups = Array.from({ length: 8 }, (_, at) =>
          Buffer.from(bytes)
            .readUInt16BE(at * 2)
            .toString(16),
        );
        const written = formatIpv6([...bytes]);
        expect(new URL(`http://[${written}]/`).host).toBe(new URL(`http://[${groups.join(':')}]/`).host);
      }),
    );
  });
});

describe('interfaces', () => {
  const DEV = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:     100       1    0    0    0     0          0         0      100       1    0    0    0     0       0          0
eth0:1: 2000 20 0 3 0 0 0 0 1000 10 0 4 0 0 0 0
`;
  const TRIE = `Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 10.88.0.5
        /32 host LOCAL
     |-- 10.88.255.255
        /32 link BROADCAST
     |-- 127.0.0.1
        /32 host LOCAL
Local:
     |-- 10.88.0.5
        /32 host LOCAL
`;
  const ROUTE = `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0:1\t00000000\t0100580A\t0003\t0\t0\t0\t00000000\t0\t0\t0
eth0:1\t0000580A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
`;

  test('have counters and addresses; a name may hold a colon', () => {
    const routes = parseRoutes(ROUTE);
    const ipv6 = parseInet6('fe8000000000000014114cfffe5ac716 02 40 20 80   eth0:1\n');
    expect(joinInterfaces(parseNetDev(DEV), parseFibTrie(TRIE), ipv6, routes)).toEqual([
      { name: 'lo', rxBytes: 100, rxDropped: 0, txBytes: 100, txDropped: 0, addresses: ['127.0.0.1'] },
      {
        name: 'eth0:1',
        rxBytes: 2000,
        rxDropped: 3,
        txBytes: 1000,
        txDropped: 4,
        addresses: ['10.88.0.5', 'fe80::1411:4cff:fe5a:c716/64'],
      },
    ]);
    expect(routes.map(({ destination, gateway }) => [destination, gateway])).toEqual([
      ['default', '10.88.0.1'],
      ['10.88.0.0/16', undefined],
    ]);
  });
});

describe('the interface of an address', () => {
  const NAMES = ['eth0', 'eth1', 'cni0'];
  /** What is meant, asked of every route: of those that lead to the address the narrowest, of two the first. */
  function narrowestOf(address: number, routes: readonly Route[]): string | undefined {
    const leading = routes.filter(({ network, mask }) => mask !== 0 && ((address ^ network) & mask) === 0);
    return leading.toSorted((a, b) => b.mask - a.mask)[0]?.interface;
  }
  const dotted = (address: number) => [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
  // Few bits differ, so that routes lie within each other.
  const anAddress = fc.nat(7).map((low) => (0x0a000000 | low) >>> 0);
  const aRoute = fc
    .record({ network: anAddress, length: fc.constantFrom(0, 8, 29, 30, 31, 32), name: fc.constantFrom(...NAMES) })
    .map(({ network, length, name }): Route => {
      const mask = length === 0 ? 0 : (-1 << (32 - length)) >>> 0;
      const shown = { destination: '', gateway: undefined, interface: name };
      return { ...shown, network: (network & mask) >>> 0, mask };
    });

  test('is that of the narrowest route, whatever routes there are', () => {
    fc.assert(
      fc.property(fc.array(aRoute, { maxLength: 12 }), anAddress, (routes, address) => {
        const counters = NAMES.map((name) => ({ name, rxBytes: 0, rxDropped: 0, txBytes: 0, txDropped: 0 }));
        const joined = joinInterfaces(counters, [dotted(address)], new Map(), routes);
        expect(joined.find(({ addresses }) => addresses.length > 0)?.name).toBe(narrowestOf(address, routes));
      }),
    );
  });

  test('is found among thousands of routes for thousands of addresses in no time', () => {
    const routes = parseRoutes(
      Array.from({ length: 10_000 }, (_, at) => {
        const network = (0x0b + at * 256).toString(16).toUpperCase().padStart(8, '0');
        return `cali${at}\t${network}\t00000000\t0005\t0\t0\t0\tFFFFFFFF\t0\t0\t0\n`;
      }).join(''),
    );
    const addresses = Array.from({ length: 10_000 }, (_, at) => dotted((0x0b000000 + at) >>> 0));
    const startMs = performance.now();
    joinInterfaces([], addresses, new Map(), routes);
    // Asking every route for every address takes seconds.
    expect(performance.now() - startMs).toBeLessThan(500);
  });
});

describe('mountinfo', () => {
  test('gives what is mounted where, with spaces and line ends in names', () => {
    const text = `36 35 98:0 /mnt1 /mnt\\0402\\012x rw,noatime shared:1 master:2 - ext3 /dev/ro\\134ot rw,errors=continue
37 36 0:5 / /proc ro,nosuid - proc proc rw
38 36 0:6 / /data rw - tmpfs tmpfs ro
`;
    expect(parseMountinfo(text)).toEqual([
      {
        id: 36,
        parentId: 35,
        root: '/mnt1',
        point: '/mnt 2\nx',
        type: 'ext3',
        source: '/dev/ro\\ot',
        readOnly: false,
        options: 'rw,noatime',
      },
      {
        id: 37,
        parentId: 36,
        root: '/',
        point: '/proc',
        type: 'proc',
        source: 'proc',
        readOnly: true,
        options: 'ro,nosuid',
      },
      {
        id: 38,
        parentId: 36,
        root: '/',
        point: '/data',
        type: 'tmpfs',
        source: 'tmpfs',
        readOnly: true,
        options: 'rw',
      },
    ]);
  });

  test('of this very process is understood line by line', () => {
    const text = readFileSync('/proc/self/mountinfo', 'latin1');
    expect(parseMountinfo(text)).toHaveLength(text.trim().split('\n').length);
  });

  test('gives back any mount point that the kernel would escape', () => {
    const escape = (point: string): string =>
      Buffer.from(point, 'utf8')
        .toString('latin1')
        .replace(/[ \t\n\\]/g, (it) => `\\${it.charCodeAt(0).toString(8).padStart(3, '0')}`);
    const characters = fc.constantFrom('a', ' ', '\t', '\n', '\\', '0', '4', 'é', '-', '/');
    fc.assert(
      fc.property(fc.string({ unit: characters, minLength: 1 }), (name) => {
        const [mount] = parseMountinfo(`1 2 0:1 / /${escape(name)} rw - tmpfs tmpfs rw`);
        expect(mount?.point).toBe(`/${name}`);
      }),
    );
  });
});
