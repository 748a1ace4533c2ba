/** The parsers of status, cgroup and counter files. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCgroup } from '../../src/kernel/parse/cgroup.ts';
import {
  parseBootTimeMs,
  parseCount,
  parseKernelRelease,
  parseNamespaceLink,
  parseOomScoreAdj,
  parsePidsEvents,
  parsePidsMax,
} from '../../src/kernel/parse/counters.ts';
import { parseStatus } from '../../src/kernel/parse/status.ts';
import { statusText } from './fixture-tree.ts';

const ID = 'dac01292273eb9459989df8cdc76c71241af4e78bab0d3879fe4c4cc1e5d58fc';
const INNER = '13e448b0c896783a41b0b9e2683b7bf8dd814f185b55b01063d53aca16226082';

describe('parseStatus', () => {
  test('reads the namespaced PIDs, the owner, the signals and the memory of a pause', () => {
    expect(parseStatus(statusText(21809, [21809, 1]))).toEqual({
      nsPids: [21809, 1],
      uid: 65535,
      signalsCaught: '0000000000014002',
      signalsIgnored: '0000000000000000',
      rssBytes: 28 * 1024,
    });
  });

  test('leaves undefined what a zombie does not have', () => {
    const zombie = 'Name:\tbusybox\nState:\tZ (zombie)\nUid:\t0\t0\t0\t0\nSigCgt:\t0000000000000000\n';
    const facts = parseStatus(zombie);
    expect(facts).toMatchObject({ nsPids: [], uid: 0, signalsIgnored: undefined, rssBytes: undefined });
  });

  test('believes the real line and not the one a process writes into its name', () => {
    const text = statusText(7).replace('Name:\tapp', 'Name:\tx\nUid:\t0\nSigCgt:\tffffffffffffffff\nNSpid:\t1');
    expect(parseStatus(text)).toMatchObject({ nsPids: [7], uid: 65535, signalsCaught: '0000000000014002' });
  });

  test('never throws, whatever the text is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.constantFrom('Uid', 'NSpid', 'SigCgt', 'VmRSS'), (text, key) => {
        expect(parseStatus(`\n${key}:${text}`)).toHaveProperty('nsPids');
      }),
    );
  });
});

describe('parseCgroup', () => {
  test('takes the path of a container on cgroup v1 and v2', () => {
    const path = `/kubepods/own/${ID}`;
    expect(parseCgroup(`9:name=systemd:${path}\n8:pids:${path}\n4:memory:${path}\n0::/\n`)).toBe(path);
    expect(parseCgroup(`0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-${ID}.scope\n`)).toBe(
      `/kubepods.slice/kubepods-pod1.slice/cri-containerd-${ID}.scope`,
    );
  });

  test('finds the owner of a zombie in the v2 line where the v1 controllers show the root', () => {
    const path = `/kubepods/own/${ID}`;
    expect(parseCgroup(`9:name=systemd:/\n8:pids:/\n4:memory:/\n0::${path}\n`)).toBe(path);
  });

  test('prefers the deepest of the lines that name a container', () => {
    const deep = `/kubepods/own/${ID}/docker/${INNER}`;
    expect(parseCgroup(`8:pids:/kubepods/own/${ID}\n0::${deep}\n`)).toBe(deep);
  });

  test('falls back to the pids controller, then to v2', () => {
    const memory = '4:memory:/elsewhere/3fef69005947f8435095f6e2a38a6ef8';
    expect(parseCgroup(`9:name=systemd:/init.scope\n8:pids:/system.slice\n${memory}\n0::/other\n`)).toBe(
      '/system.slice',
    );
    expect(parseCgroup('3:cpu,pids:/both\n')).toBe('/both');
    expect(parseCgroup(`${memory}\n0::/system.slice/ssh.service\n`)).toBe('/system.slice/ssh.service');
    expect(parseCgroup(memory)).toBeUndefined();
    expect(parseCgroup('')).toBeUndefined();
  });

  test('cuts the mark of a removed cgroup and keeps a path above the own namespace', () => {
    expect(parseCgroup(`0::/../kubepods/own/${ID} (deleted)\n`)).toBe(`/../kubepods/own/${ID}`);
  });

  test('keeps colons that belong to the path', () => {
    const path = `/system.slice/kubepods-pod1.slice:cri-containerd:${ID}`;
    expect(parseCgroup(`8:pids:${path}\n`)).toBe(path);
  });

  test('never throws, and answers with an absolute path or none', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(parseCgroup(text)?.startsWith('/') ?? true).toBe(true);
        expect(parseCgroup(`0::${text}`)?.startsWith('/') ?? true).toBe(true);
      }),
    );
  });
});

describe('the counters', () => {
  test('keep no limit, a limit of zero and nonsense apart', () => {
    expect(parsePidsMax('max\n')).toBe('max');
    expect(parsePidsMax('0\n')).toBe(0);
    expect(parsePidsMax('1024\n')).toBe(1024);
    for (const text of ['', '\n', '-1\n', 'none\n', '1 2\n']) expect(parsePidsMax(text)).toBeUndefined();
  });

  test('count refused forks wherever the line stands', () => {
    expect(parsePidsEvents('max 8\n')).toBe(8);
    expect(parsePidsEvents('other 1\nmax 3\n')).toBe(3);
    expect(parsePidsEvents('')).toBeUndefined();
  });

  test('give back every whole number that can be held exactly', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (count) => {
        expect(parseCount(`${count}\n`)).toBe(count);
      }),
    );
    expect(parseCount('9007199254740993\n')).toBeUndefined();
  });

  test('read the boot time in milliseconds', () => {
    expect(parseBootTimeMs('cpu  1 2\nintr 9 0 0\nctxt 5\nbtime 1795408844\nprocesses 9\n')).toBe(1795408844000);
    expect(parseBootTimeMs('cpu 1\n')).toBeUndefined();
  });

  test('read links, scores and releases, and nothing that only looks like them', () => {
    expect(parseNamespaceLink('pid:[4026531836]')).toBe(4026531836);
    expect(parseNamespaceLink('/bin/sh')).toBeUndefined();
    expect(parseOomScoreAdj('-998\n')).toBe(-998);
    expect(parseOomScoreAdj('1001\n')).toBeUndefined();
    expect(parseKernelRelease('6.1.0-9-amd64\n')).toEqual({ major: 6, minor: 1 });
    expect(parseKernelRelease('next')).toBeUndefined();
  });

  test('never throw, whatever the text is', () => {
    const parsers = [parseCount, parsePidsMax, parsePidsEvents, parseBootTimeMs, parseNamespaceLink, parseOomScoreAdj];
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const parse of parsers) expect(() => parse(text)).not.toThrow();
      }),
    );
  });
});
