/** One sandbox in depth: every process of it once, as a tree, bounded, with what is remembered of it. */
import { expect, test } from 'vitest';
import { auditNode } from '../../src/core/audit.ts';
import { EMPTY_MEMORY } from '../../src/core/memory.ts';
import type { NodeSnapshot } from '../../src/core/model.ts';
import { lookRequestFor, type PodDepth, viewDepths } from '../../src/core/pod-depth.ts';
import { DEFAULT_POLICY } from '../../src/core/policy.ts';
import { inContainer, inPod, NOW_MS, node, pidsOf, pod, process, zombies } from './snapshot-builder.ts';

/** Two audits of the same node, 30 s apart; then the depth of the sandbox called `name`. */
function depthOf(snapshotAt: (takenAtMs: number) => NodeSnapshot, name = 'web'): PodDepth {
  const first = auditNode(snapshotAt(NOW_MS), EMPTY_MEMORY, DEFAULT_POLICY);
  const snapshot = snapshotAt(NOW_MS + 30_000);
  const { report, memory } = auditNode(snapshot, first.memory, DEFAULT_POLICY);
  const [depth] = viewDepths(
    { snapshot, memory },
    report.sandboxes.filter((it) => it.name === name),
  );
  if (depth === undefined) throw new Error(`no sandbox ${name}`);
  return depth;
}

const pids = pidsOf();

function childOfApp(pid: number, ppid: number, facts = {}) {
  const cgroup = pod('web').cgroupOf[pod('web').containers[0]?.id ?? ''];
  return process(pid, { ppid, cgroup, comm: `p${pid}`, unprobed: true, ...facts });
}

test('Parents come before children, older before younger, and other pods and the node stay out', () => {
  const app = pids.init();
  const more = [childOfApp(4003, 4001), childOfApp(4001, app), childOfApp(4002, app), childOfApp(4000, 4002)];
  const { processes, omitted } = depthOf((takenAtMs) =>
    node({ pods: [pod('web', { more }), pod('other', { base: 2000 })], processes: [process(9000)], takenAtMs }),
  );
  expect(processes.map(({ pid, level }) => [pid, level])).toEqual([
    [pids.pause, 0],
    [app, 0],
    [4001, 1],
    [4003, 2],
    [4002, 1],
    [4000, 2],
  ]);
  expect(processes.map(({ role }) => role).slice(0, 3)).toEqual(['pause', 'container-init', 'process']);
  expect(processes.map(({ container }) => container)).toEqual([undefined, 'app', 'app', 'app', 'app', 'app']);
  expect(omitted).toBe(0);
});

test('A parent of zombies is marked with their number, and the zombies as such', () => {
  const more = zombies(3, 5000, pids.init(), inContainer());
  const { processes, history } = depthOf((takenAtMs) => node({ pods: [pod('web', { more })], takenAtMs }));
  const parent = processes.find(({ pid }) => pid === pids.init());
  expect(parent).toMatchObject({ zombies: 3, reaps: 'no', isNamespaceInit: true });
  expect(processes.filter(({ isZombie }) => isZombie).map(({ pid, level }) => [pid, level])).toEqual([
    [5000, 1],
    [5001, 1],
    [5002, 1],
  ]);
  expect(history).toMatchObject([{ id: 'zombies-container-init', container: 'app', atLeast: true, isPresent: true }]);
});

test('Ten thousand dead of one name are twenty rows and a number; nobody is lost in the count', () => {
  const more = zombies(10_000, 10_000, pids.init(), inContainer());
  const { processes, omitted } = depthOf((takenAtMs) => node({ pods: [pod('web', { more })], takenAtMs }));
  expect(processes).toHaveLength(22);
  expect(processes.reduce((sum, { alikeOmitted }) => sum + 1 + alikeOmitted, omitted)).toBe(10_002);
  expect(omitted).toBe(0);
});

test('Of very many processes 500 are listed and the rest counted', () => {
  const more = Array.from({ length: 900 }, (_, at) => childOfApp(4000 + at, pids.init()));
  const { processes, omitted } = depthOf((takenAtMs) => node({ pods: [pod('web', { more })], takenAtMs }));
  expect([processes.length, omitted]).toEqual([500, 402]);
});

test('Parents that reused PIDs made a ring end the walk', () => {
  const more = [childOfApp(4001, 4002), childOfApp(4002, 4001), childOfApp(4003, 4003)];
  const { processes, omitted } = depthOf((takenAtMs) => node({ pods: [pod('web', { more })], takenAtMs }));
  expect(processes.map(({ pid }) => pid)).toEqual([pids.pause, pids.init(), 4003]);
  expect(omitted).toBe(2);
});

test('The network is seen through pause; when that is dead, through a container', () => {
  const aspects = new Set(['network'] as const);
  const alive = depthOf((takenAtMs) => node({ pods: [pod('web')], takenAtMs }));
  expect(lookRequestFor(alive, aspects).holder?.pid).toBe(pids.pause);
  const dead = depthOf((takenAtMs) => node({ pods: [pod('web', { pause: null })], takenAtMs }));
  expect(lookRequestFor(dead, aspects).holder?.pid).toBe(pids.init());
  const zombie = depthOf((takenAtMs) => node({ pods: [pod('web', { pause: { state: 'Z' } })], takenAtMs }));
  expect(lookRequestFor(zombie, aspects).holder?.pid).toBe(pids.init());
});

test('In a shared PID namespace orphans stand below pause', () => {
  const more = zombies(2, 6000, pids.pause, inPod());
  const shared = pod('web', { sandbox: { pidMode: 'pod' }, more });
  const { processes } = depthOf((takenAtMs) => node({ pods: [shared], takenAtMs }));
  expect(processes.map(({ pid, level, role }) => [pid, level, role])).toEqual([
    [pids.pause, 0, 'pause'],
    [6000, 1, 'process'],
    [6001, 1, 'process'],
    [pids.init(), 0, 'container-init'],
  ]);
});

test('The namespaces of the node are those of PID 1, or those that every kernel starts with', () => {
  const inodesOf = (snapshot: NodeSnapshot) =>
    viewDepths(
      { snapshot, memory: EMPTY_MEMORY },
      auditNode(snapshot, EMPTY_MEMORY, DEFAULT_POLICY).report.sandboxes,
    )[0]?.nodeNamespaces;
  const snapshot = node({ pods: [pod('web')] });
  const initial = snapshot.kernel.processes.find(({ pid }) => pid === 1)?.probe?.namespaces;
  expect(initial?.uts).toBeGreaterThan(0);
  expect(inodesOf(snapshot)).toEqual(initial);
  const closed = snapshot.kernel.processes.map((it) => (it.pid === 1 ? { ...it, probe: undefined } : it));
  const told = inodesOf({ ...snapshot, kernel: { ...snapshot.kernel, processes: closed } });
  // In include/linux/proc_ns.h; of net and mnt there is none that is always the same.
  expect(told).toEqual({ ipc: 0xefffffff, uts: 0xeffffffe, user: 0xeffffffd, pid: 0xeffffffc, cgroup: 0xeffffffb });
});
