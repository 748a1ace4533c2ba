/** Denied details of processes become few faults that say what is lost. */
import { expect, test } from 'vitest';
import type { FaultCode, ProcessProbe } from '../../src/core/model.ts';
import { faultsOfProbes } from '../../src/kernel/processes/probe-faults.ts';

function probe(unknown: Record<string, FaultCode>): ProcessProbe {
  const namespaces = { net: 1, ipc: 1, uts: 1, pid: 1, mnt: 1, cgroup: 1, user: 1 };
  const status = {
    nsPids: [1],
    uid: 0,
    tracerPid: 0,
    signalsCaught: '0',
    signalsIgnored: '0',
    oomScoreAdj: 0,
    rssBytes: 0,
  };
  return { ...status, namespaces, exe: '/pause', exeSha256: undefined, wchan: undefined, threads: undefined, unknown };
}

test('one fault per group of fields, counting processes, with what gives them back', () => {
  const denied = {
    'namespaces.net': 'denied',
    'namespaces.pid': 'denied',
    exe: 'denied',
    exeSha256: 'denied',
  } as const;
  const probes = new Map([
    [1, probe(denied)],
    [2, probe({ 'namespaces.mnt': 'denied' })],
    [3, probe({ exe: 'unsupported' })],
    [4, probe({})],
  ]);
  const faults = faultsOfProbes(probes, new Set(probes.keys()));
  expect(faults).toMatchObject([
    { source: 'procfs', code: 'denied', subject: 'namespace links', count: 2 },
    { source: 'procfs', code: 'denied', subject: 'exe', count: 1 },
  ]);
  for (const { message } of faults) expect(message).toContain('CAP_SYS_PTRACE');
});

test('no fault where nothing was denied', () => {
  const probes = new Map([[4711, probe({ exe: 'silent', 'namespaces.net': 'unsupported' })]]);
  expect(faultsOfProbes(probes, new Set([4711]))).toEqual([]);
});

test('no fault for a process of no pod: PID 1 of the node, asked for as the parent of a zombie, may be closed to root', () => {
  expect(faultsOfProbes(new Map([[1, probe({ 'namespaces.pid': 'denied' })]]), new Set([4711]))).toEqual([]);
});
