/** Tasks of a pod against its limits. */
import { describe, expect, test } from 'vitest';
import type { CgroupPids, KernelSnapshot } from '../../src/core/model.ts';
import { auditTwice, sandboxOf } from './audits.ts';
import { inContainer, node, type PodFacts, pidsOf, pod, process, zombies } from './snapshot-builder.ts';

const pidsOfPod = (facts: PodFacts = {}, kernel: Partial<KernelSnapshot> = {}) => {
  const { pids, pidsLimitHits } = sandboxOf(auditTwice(node({ pods: [pod('web', facts)], kernel })), 'web');
  return { ...pids, hits: pidsLimitHits };
};
const cgroup = (path: string, facts: Partial<CgroupPids>) => ({
  [path]: { path, current: 0, limit: undefined, limitHits: 0, ...facts },
});
const noNodeLimits = { pidMax: undefined, threadsMax: undefined };

describe('tasks of a pod', () => {
  test('are those of its own cgroup, dead ones included', () => {
    expect(pidsOfPod({ pids: { pod: { current: 44 } } }).current).toBe(44);
  });

  test('are summed over its leaves when another sandbox shares the cgroup of the pod', () => {
    const sandbox = { uid: 'one', attempt: 0, state: 'notready', pause: { kind: 'none', reason: 'exited' } } as const;
    const shared = { cgroup: '/kubepods/burstable/pod-one' };
    const before = pod('web', {
      ...shared,
      sandbox,
      pause: null,
      pids: { pause: { current: 0 }, app: { current: 2 } },
    });
    const after = pod('web2', { ...shared, base: 2000, pids: { pause: { current: 1 }, app: { current: 5 } } });
    const report = auditTwice(node({ pods: [before, after] }));
    expect([sandboxOf(report, 'web').pids.current, sandboxOf(report, 'web2').pids.current]).toEqual([2, 6]);
  });

  test('of a pod that is alone on its node are not those of all of kubepods', () => {
    expect(pidsOfPod({ pids: { pod: { current: 9 }, '': { current: 77 } } }).current).toBe(9);
  });

  test('are found where sandbox and container have directories at the very root', () => {
    const { current, utilization } = pidsOfPod({ cgroup: '', pids: { pause: { current: 1 }, app: { current: 4 } } });
    expect({ current, utilization }).toEqual({ current: 5, utilization: 0 });
  });

  test('are unknown when no cgroup of it was found, and nothing is made up from that', () => {
    const bare = pidsOfPod({}, { cgroups: {}, cgroupOf: {} });
    expect(bare).toMatchObject({ current: undefined, limit: undefined, limitFrom: 'none', hits: undefined });
    expect(bare.utilization).toBeUndefined();
  });

  test('count refused forks of all its cgroups together', () => {
    const inLeaves = { pause: { limitHits: 2 }, app: { limitHits: 7 }, pod: { limitHits: 0 } };
    expect(pidsOfPod({ pids: inLeaves }).hits).toBe(9);
  });

  test('count no refused fork twice where the kernel counts it again in every cgroup above (v2 since Linux 6.11)', () => {
    const inAll = { pause: { limitHits: 0 }, app: { limitHits: 7 }, pod: { limitHits: 8 } };
    expect(pidsOfPod({ pids: inAll }).hits).toBe(8);
  });

  test('that were refused are unknown where no cgroup counts them', () => {
    const unread = { pause: { limitHits: undefined }, app: { limitHits: undefined }, pod: { limitHits: undefined } };
    expect(pidsOfPod({ pids: unread }).hits).toBeUndefined();
  });

  test('that are zombies have a share of them', () => {
    const leaking = pod('web', { pids: { pod: { current: 40 } } });
    const report = auditTwice(node({ pods: [leaking], processes: zombies(10, 5000, pidsOf().init(), inContainer()) }));
    expect(sandboxOf(report, 'web').pids.zombieShare).toBe(0.25);
  });
});

describe('the limit of a pod', () => {
  test('is the one with the least room, wherever on the path it is', () => {
    const all = {
      app: { current: 10, limit: 100 },
      pod: { current: 20, limit: 1024 },
      '': { current: 9000, limit: 9050 },
    };
    expect(pidsOfPod({ pids: all })).toMatchObject({ limit: 9050, limitFrom: 'kubepods', utilization: 0.1 });
    const { '': _, ...own } = all;
    expect(pidsOfPod({ pids: own }, noNodeLimits)).toMatchObject({ limit: 100, limitFrom: 'container' });
    const podOnly = { pod: { current: 20, limit: 1024 } };
    expect(pidsOfPod({ pids: podOnly }, noNodeLimits)).toMatchObject({ limit: 1024, limitFrom: 'pod' });
    expect(pidsOfPod({}, { pidMax: 8, threadsMax: 9 })).toMatchObject({ limit: 8, limitFrom: 'pid-max' });
    expect(pidsOfPod({}, { pidMax: 9, threadsMax: 8 })).toMatchObject({ limit: 8, limitFrom: 'threads-max' });
    expect(pidsOfPod({}, noNodeLimits)).toMatchObject({ limit: undefined, limitFrom: 'none', utilization: 0 });
  });

  test('is used by the largest share of the pod’s cgroup and its containers’, each against its own', () => {
    const pids = { app: { current: 30, limit: 40 }, pod: { current: 31, limit: 1000 } };
    expect(pidsOfPod({ pids }).utilization).toBe(0.75);
    expect(pidsOfPod({ pids: { '': { current: 99, limit: 100 } } }).utilization).toBe(0);
  });

  test('of 0 (case 65) is a full one, not none', () => {
    const pids = pidsOfPod({ pids: { app: { current: 0, limit: 0 } } });
    expect(pids).toMatchObject({ limit: 0, limitFrom: 'container', utilization: 1 });
  });

  test.each(['/kubepods', '/kubepods.slice', '/kubelet/kubepods', '/kubelet.slice/kubelet-kubepods.slice'])(
    'may be that of all pods together, at %s',
    (root) => {
      const { sandbox, containers, ...rest } = pod('web', { cgroup: `${root}/besteffort/pod-1` });
      const kernel = { ...rest, cgroups: { ...rest.cgroups, ...cgroup(root, { current: 95, limit: 100 }) } };
      const it = node({ pods: [{ sandbox, containers, ...rest }], kernel: { cgroups: kernel.cgroups } });
      const report = auditTwice(it);
      expect(sandboxOf(report, 'web').pids).toMatchObject({ limit: 100, limitFrom: 'kubepods' });
      expect(report.nodeView).toMatchObject({ kubepodsPids: 95, kubepodsPidsLimit: 100 });
    },
  );
});

describe('tasks of the node', () => {
  test('are its threads, and a process in the moment of being collected is one', () => {
    const processes = [process(700, { threads: 5 }), process(701, { threads: 0, state: 'Z' })];
    expect(auditTwice(node({ processes })).nodeView.pids).toBe(7);
  });

  test('have a limit only where both limits can be trusted', () => {
    const limitOf = (kernel: Partial<KernelSnapshot>) => auditTwice(node({ kernel })).nodeView.pidsLimit;
    expect(limitOf({ pidMax: 32_768, threadsMax: 192_730 })).toBe(32_768);
    expect(limitOf({ pidMax: 4_194_304, threadsMax: 192_730 })).toBe(192_730);
    expect(limitOf({ pidMax: undefined, threadsMax: 192_730 })).toBeUndefined();
  });

  test('are unknown without /proc', () => {
    const { nodeView } = auditTwice(node({ kernel: { procfsUp: false, processes: [] } }));
    expect(nodeView).toMatchObject({ pids: undefined, zombies: undefined });
  });
});
