/** parseStat over real lines and over anything a process may call itself. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseStat } from '../../src/kernel/parse/stat.ts';

const PAUSE =
  '21809 (pause) S 21786 21809 21809 0 -1 4194560 611 0 0 0 0 0 0 0 20 0 1 0 580684 188416 0 18446744073709551615 4198400 4202075 140728988438144 0 0 0 0 0 81922 1 0 0 17 1 0 0 0 0 0 4210640 4210704 1065467904 140728988446625 140728988446632 140728988446632 140728988446705 0\n';
const SHIM =
  '21786 (containerd-shim) S 1 21786 21752 0 -1 4194304 990 3494 0 2 1 5 2 2 20 0 11 0 580679 1498398720 3322 18446744073709551615 6234112 10906689 140736591731120 0 0 0 1002055680 1 2143420158 0 0 0 17 0 0 0 0 0 0 15629352 15806880 309112832 140736591735214 140736591735374 140736591735374 140736591736786 0\n';
const ZOMBIE =
  '21854 (busybox) Z 21853 21840 21840 0 -1 4227084 62 0 0 0 0 0 0 0 20 0 1 0 580693 0 0 18446744073709551615 0 0 0 0 0 0 0 6 0 1 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n';

function parse(line: string | Buffer) {
  const bytes = Buffer.from(line);
  return parseStat(bytes, bytes.length);
}

describe('parseStat', () => {
  test('reads a pause, a shim and a zombie as a real kernel printed them', () => {
    const pause = {
      pid: 21809,
      comm: 'pause',
      state: 'S',
      ppid: 21786,
      sessionId: 21809,
      cpuTicks: 0,
      threads: 1,
      startTicks: 580684,
    };
    expect(parse(PAUSE)).toEqual(pause);
    expect(parse(SHIM)).toMatchObject({ comm: 'containerd-shim', ppid: 1, cpuTicks: 6, threads: 11 });
    expect(parse(ZOMBIE)).toMatchObject({ pid: 21854, state: 'Z', ppid: 21853, threads: 1, startTicks: 580693 });
  });

  test('is not fooled by a process that puts a stat line into its own name', () => {
    const line = PAUSE.replace('(pause)', '(x) Z 1 2 (y)');
    expect(parse(line)).toMatchObject({ pid: 21809, comm: 'x) Z 1 2 (y', state: 'S', ppid: 21786 });
  });

  test('finds every number behind any name', () => {
    const number = fc.integer({ min: 0, max: 2 ** 40 });
    const name = fc.oneof(fc.uint8Array({ maxLength: 15 }), fc.constantFrom(') (', '\n', ') S 1 ', '((', '))', ''));
    fc.assert(
      fc.property(
        name,
        fc.integer({ min: 1, max: 4194304 }),
        number,
        number,
        number,
        (raw, pid, ppid, ticks, start) => {
          const comm = Buffer.from(raw);
          const rest = `D ${ppid} 1 1 0 -1 4194560 611 0 0 0 ${ticks} 7 0 0 20 0 9 0 ${start} 188416 0\n`;
          const line = Buffer.concat([Buffer.from(`${pid} (`), comm, Buffer.from(`) ${rest}`)]);
          const expected = {
            pid,
            comm: comm.toString(),
            state: 'D',
            ppid,
            sessionId: 1,
            cpuTicks: ticks + 7,
            threads: 9,
            startTicks: start,
          };
          expect(parseStat(line, line.length)).toEqual(expected);
        },
      ),
    );
  });

  test('reads only the bytes of this read, not what the buffer holds behind them', () => {
    const buffer = Buffer.from(ZOMBIE + PAUSE);
    expect(parseStat(buffer, ZOMBIE.length)).toMatchObject({ pid: 21854, comm: 'busybox' });
    expect(parseStat(buffer, 0)).toBeUndefined();
  });

  test('answers undefined for every line that is cut before the start time', () => {
    const end = PAUSE.indexOf('580684') + '580684'.length;
    for (let length = 0; length <= end; length++) expect(parseStat(Buffer.from(PAUSE), length)).toBeUndefined();
  });

  test('never throws, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(500), (raw, length) => {
        const facts = parseStat(Buffer.from(raw), length);
        expect(facts === undefined || facts.pid > 0).toBe(true);
      }),
    );
  });

  test('answers undefined when a number is none', () => {
    expect(parse(PAUSE.replace('580684', '58x684'))).toBeUndefined();
    expect(parse(PAUSE.replace('S 21786', 'S -1'))).toBeUndefined();
    expect(parse(PAUSE.replace('580684', '9'.repeat(20)))).toBeUndefined();
    expect(parse('')).toBeUndefined();
  });
});
