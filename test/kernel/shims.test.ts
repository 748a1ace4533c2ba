/** Shims, wait channels and frozen cgroups, read from trees that a test made. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Process } from '../../src/core/model.ts';
import { createCgroupfs } from '../../src/kernel/cgroups/cgroupfs.ts';
import { parseConmonFlags, parseShimFlags } from '../../src/kernel/parse/shim-flags.ts';
import { createProcfs } from '../../src/kernel/processes/procfs.ts';
import { createShimReader } from '../../src/kernel/processes/shims.ts';
import { createBytesReader } from '../../src/kernel/reading/bytes-reader.ts';
import { suspectPids } from '../../src/kernel/suspects.ts';
import { idOf, process, shimOf } from '../core/snapshot-builder.ts';
import { addNode, makeTree, statLine, statusText } from './fixture-tree.ts';

const ID = idOf('web');
const cmdline = (...words: readonly string[]): string => `${words.join('\0')}\0`;
const SHIM = cmdline('/usr/bin/containerd-shim-runc-v2', '-namespace', 'k8s.io', '-id', ID, '-address', '/run/c.sock');

describe('the command line of a shim', () => {
  test('tells its containerd namespace, id and socket, in every form of a flag', () => {
    const wanted = { namespace: 'k8s.io', id: ID, address: '/run/c.sock' };
    expect(parseShimFlags(SHIM)).toEqual(wanted);
    expect(parseShimFlags(cmdline('shim', '--namespace=k8s.io', `--id=${ID}`, '--address', '/run/c.sock'))).toEqual(
      wanted,
    );
    expect(parseShimFlags('')).toEqual({ namespace: undefined, id: undefined, address: undefined });
    expect(parseShimFlags(cmdline('shim', '-id'))).toMatchObject({ id: undefined });
  });

  test('of conmon tells the container, unless it is one of Podman', () => {
    expect(parseConmonFlags(cmdline('conmon', '-s', '-c', ID, '-n', 'k8s_app_web_shop_uid_0')).id).toBe(ID);
    expect(parseConmonFlags(cmdline('conmon', '-c', ID, '-n', 'happy_turing')).id).toBeUndefined();
  });

  test('gives nothing but those three, whatever it holds', () => {
    const secret = 'secret=hunter2';
    fc.assert(
      fc.property(fc.array(fc.constantFrom('-id', '-namespace', '-x', '', '--', 'k8s.io', ID)), (words) => {
        const flags = parseShimFlags(cmdline(...words, '-password', secret));
        expect(Object.keys(flags).toSorted()).toEqual(['address', 'id', 'namespace']);
        expect(Object.values(flags)).not.toContain(secret);
      }),
    );
  });
});

describe('the shims among processes', () => {
  const shim = process(7, { comm: 'containerd-shim', cgroup: '/system.slice/containerd.service' });

  test('are read once, and again when another process has the PID', () => {
    const root = makeTree({ '7/cmdline': SHIM });
    const shims = createShimReader({ root, reader: createBytesReader() });
    expect(shims.read([shim])).toEqual([{ pid: 7, kind: 'shim', namespace: 'k8s.io', id: ID, address: '/run/c.sock' }]);
    addNode(root, '7/cmdline', SHIM.replace(ID, idOf('other')));
    expect(shims.read([shim])[0]?.id).toBe(ID);
    expect(shims.read([{ ...shim, startTicks: 1 }])[0]?.id).toBe(idOf('other'));
  });

  test('are none of the processes in containers, none of the dead, and none of other names', () => {
    const root = makeTree({ '7/cmdline': SHIM });
    const shims = createShimReader({ root, reader: createBytesReader() });
    const posing = { ...shim, cgroup: `/kubepods/podx/${ID}` };
    for (const it of [posing, { ...shim, state: 'Z' }, { ...shim, comm: 'bash' }, { ...shim, pid: 8 }]) {
      expect(shims.read([it])).toEqual([]);
    }
  });

  test('of CRI-O are the conmons, also in the scope that names their container', () => {
    const root = makeTree({ '7/cmdline': cmdline('conmon', '-c', ID, '-n', 'k8s_POD_web_shop_uid_0') });
    const conmon = process(7, { comm: 'conmon', cgroup: `/kubepods.slice/crio-conmon-${ID}.scope` });
    const shims = createShimReader({ root, reader: createBytesReader() });
    expect(shims.read([conmon])).toMatchObject([{ kind: 'conmon', id: ID, namespace: undefined }]);
  });
});

describe('suspects', () => {
  const named = { sandboxOf: new Map([[ID, ID]]), running: new Set([ID]), pids: new Set([10]) };
  const pidsFor = (processes: readonly Process[], served = ID) => suspectPids(processes, [shimOf(7, served)], named);
  const shim = process(7, { comm: 'containerd-shim' });

  test('are none while every process of a pod has its container and every shim sleeps', () => {
    const inPod = process(11, { ppid: 10, cgroup: `/kubepods/podx/${ID}` });
    expect(pidsFor([shim, process(10, { ppid: 7, cgroup: `/kubepods/podx/${ID}` }), inPod, process(12)])).toEqual([]);
  });

  test('are processes of ids that do not run, shims that serve nothing or are stopped, and what an exec started', () => {
    const gone = process(13, { cgroup: `/kubepods/podx/${idOf('gone')}` });
    const execd = process(14, { ppid: 7, cgroup: `/kubepods/podx/${ID}` });
    expect(pidsFor([shim, gone, execd])).toEqual([13, 14]);
    expect(pidsFor([{ ...shim, state: 'T' }])).toEqual([7]);
    expect(pidsFor([shim], idOf('gone'))).toEqual([7]);
  });
});

describe('a probe', () => {
  const tree = (state: string, threads: number) =>
    makeTree({
      '1/stat': statLine({ pid: 1 }),
      '7/stat': statLine({ pid: 7, state, threads }),
      '7/status': statusText(7, [7, 1]),
      '7/wchan': 'zap_pid_ns_processes',
      '7/oom_score_adj': '0\n',
      '7/task/7/stat': statLine({ pid: 7, state: 'Z' }),
      '7/task/8/stat': statLine({ pid: 8, state: 'S' }),
      '7/task/8/wchan': '0',
      '7/task/9/stat': statLine({ pid: 9, state: 'D' }),
      '7/task/9/wchan': 'nfs_wait_bit_killable',
    });
  const probeIn = async (root: string, pauses: readonly number[]) => {
    const procfs = createProcfs({ root });
    const { processes } = await procfs.sweep();
    return (await procfs.probe(processes, { pausePids: new Set(pauses) })).get(7);
  };

  test('tells where a pause waits in the kernel, and of others does not ask', async () => {
    expect((await probeIn(tree('S', 1), [7]))?.wchan).toBe('zap_pid_ns_processes');
    expect((await probeIn(tree('S', 1), []))?.wchan).toBeUndefined();
  });

  test('tells the threads that a dead leader left, those in D first, and of the living does not ask', async () => {
    const threads = [
      { tid: 9, state: 'D', wchan: 'nfs_wait_bit_killable' },
      { tid: 8, state: 'S', wchan: undefined },
    ];
    expect((await probeIn(tree('Z', 3), []))?.threads).toEqual(threads);
    expect((await probeIn(tree('S', 3), []))?.threads).toBeUndefined();
  });
});

describe('a cgroup', () => {
  test.each([
    ['v2', { 'cgroup.controllers': 'pids\n', 'pods/a/cgroup.events': 'populated 1\nfrozen 1\n' }],
    [
      'the v2 tree beside v1',
      { 'pids/': '', 'unified/cgroup.controllers': '\n', 'unified/pods/a/cgroup.events': 'frozen 1\n' },
    ],
  ])('is frozen when %s says so', (_, nodes) => {
    const cgroupfs = createCgroupfs({ root: makeTree(nodes) });
    expect([cgroupfs.isFrozen('/pods/a'), cgroupfs.isFrozen('/pods/b')]).toEqual([true, false]);
  });

  test('is not frozen when it says 0, or when there is no v2 tree', () => {
    const frozen = (nodes: Parameters<typeof makeTree>[0]) => createCgroupfs({ root: makeTree(nodes) }).isFrozen('/a');
    expect(frozen({ 'cgroup.controllers': 'pids\n', 'a/cgroup.events': 'populated 1\nfrozen 0\n' })).toBe(false);
    expect(frozen({ 'pids/': '', 'a/cgroup.events': 'frozen 1\n' })).toBe(false);
  });
});
