/** Whose a process is: by its cgroup, its PID namespace, its parents. */
import { describe, expect, test } from 'vitest';
import type { Process } from '../../src/core/model.ts';
import { auditTwice, sandboxOf } from './audits.ts';
import { inContainer, inPod, node, type Pod, pidNsOf, pidsOf, pod, process, zombie } from './snapshot-builder.ts';

const { shim, pause, init } = pidsOf();

/** Zombies that the audit gives to pod "web": PID and container. */
function zombiesOfWeb(web: Pod, processes: readonly Process[], others: readonly Pod[] = []) {
  const report = auditTwice(node({ pods: [web, ...others], processes }));
  return sandboxOf(report, 'web').zombies.items.map(({ pid, container }) => [pid, container]);
}

/** The cgroup path of container "app" of a pod. */
function cgroupOfApp(it: Pod): string {
  return it.cgroupOf[it.containers[0]?.id ?? ''] ?? '';
}

describe('a zombie with a readable cgroup path', () => {
  const web = pod();
  const app = web.containers[0]?.id ?? '';
  const paths: readonly (readonly [name: string, path: string])[] = [
    ['of the cgroupfs driver', `/kubepods/burstable/pod-web/${app}`],
    ['that begins with /.., as seen from a cgroup namespace', `/../../../kubepods/burstable/pod-web/${app}`],
    ['of containerd under systemd', `/kubepods.slice/kubepods-pod1.slice/cri-containerd-${app}.scope`],
    ['of CRI-O under systemd', `/kubepods.slice/kubepods-pod1.slice/crio-${app}.scope`],
    ['of Docker under systemd', `/kubepods.slice/kubepods-pod1.slice/docker-${app}.scope`],
    ['of CRI-O under cgroupfs', `/kubepods/pod1/crio-${app}`],
    ['below the container, made by a systemd inside it', `/kubepods/pod1/${app}/system.slice/cron.service`],
    ['below the container, made by a Docker inside it', `/kubepods/pod1/${app}/docker/${'9'.repeat(64)}`],
  ];
  test.each(paths)('belongs to the container of a path %s', (_, cgroup) => {
    expect(zombiesOfWeb(web, [zombie(5000, 1, { cgroup })])).toEqual([[5000, 'app']]);
  });

  test('belongs to the outermost container when another id is nested in its path: it made that name itself', () => {
    const other = pod('other', { base: 2000 });
    const evil = `${cgroupOfApp(web)}/${other.containers[0]?.id ?? ''}`;
    expect(zombiesOfWeb(web, [zombie(5000, 1, { cgroup: evil })], [other])).toEqual([[5000, 'app']]);
    const seenFromAfar = zombie(5000, 1, { cgroup: `/../..${evil}` });
    expect(zombiesOfWeb(web, [seenFromAfar], [other])).toEqual([[5000, 'app']]);
  });

  test('belongs to the outermost container also when the nested id has no cgroup of its own any more', () => {
    const gone = pod('gone', { base: 2000, containers: { old: { state: 'exited', pid: undefined, init: null } } });
    const evil = `${cgroupOfApp(web)}/${gone.containers[0]?.id ?? ''}`;
    const nested = { ...gone, cgroupOf: { ...gone.cgroupOf, [gone.containers[0]?.id ?? '']: evil } };
    expect(zombiesOfWeb(web, [zombie(5000, 1, { cgroup: evil })], [nested])).toEqual([[5000, 'app']]);
  });

  test('belongs to the container when its cgroup lies below that of its own sandbox', () => {
    const below = `${web.cgroupOf[web.sandbox.id]}/${app}`;
    const nested = { ...web, cgroupOf: { ...web.cgroupOf, [app]: below } };
    expect(zombiesOfWeb(nested, [zombie(5000, 1, { cgroup: below })])).toEqual([[5000, 'app']]);
  });

  test('does not belong to a container because of the scope of its conmon', () => {
    const cgroup = `/kubepods.slice/kubepods-pod1.slice/crio-conmon-${app}.scope`;
    expect(zombiesOfWeb(web, [zombie(5000, 1, { cgroup })])).toEqual([]);
  });

  test('does not belong to a container whose id is a part of a longer number', () => {
    expect(zombiesOfWeb(web, [zombie(5000, 1, { cgroup: `/x/${app.slice(0, 63)}` })])).toEqual([]);
  });
});

describe('a zombie whose cgroup tells nothing', () => {
  test('belongs to the container of its PID namespace, also when the path is "/"', () => {
    const web = pod();
    expect(zombiesOfWeb(web, [zombie(5000, init(), inContainer())])).toEqual([[5000, 'app']]);
    expect(zombiesOfWeb(web, [zombie(5000, init(), { ...inContainer(), cgroup: '/' })])).toEqual([[5000, 'app']]);
  });

  test('belongs to the container of its parent in a PID namespace that the pod shares', () => {
    const web = pod('web', { sandbox: { pidMode: 'pod' }, containers: { app: {}, sidecar: {} } });
    expect(zombiesOfWeb(web, [zombie(5000, init(1), inPod())])).toEqual([[5000, 'sidecar']]);
  });

  test('belongs to the pod, and to no container, when pause adopted it', () => {
    const web = pod('web', { sandbox: { pidMode: 'pod' } });
    expect(zombiesOfWeb(web, [zombie(5000, pause, inPod())])).toEqual([[5000, undefined]]);
  });

  test('belongs to the pod of its PID namespace when its parent is in an outer one', () => {
    const web = pod('web', { sandbox: { pidMode: 'pod' } });
    const outside = process(4000, { comm: 'nsenter' });
    expect(zombiesOfWeb(web, [outside, zombie(5000, 4000, inPod())])).toEqual([[5000, undefined]]);
    expect(zombiesOfWeb(pod(), [outside, zombie(5000, 4000, inContainer())])).toEqual([[5000, 'app']]);
  });

  test('in a PID namespace made inside the container belongs to that container by its parents', () => {
    const nested = { pidNs: 4_300_000_001, cgroup: undefined };
    const inner = process(4000, { ...nested, ppid: init(), nsPids: [4000, 12, 1], comm: 'bwrap' });
    expect(zombiesOfWeb(pod(), [inner, zombie(5000, 4000, { ...nested, nsPids: [5000, 30, 2] })])).toEqual([
      [5000, 'app'],
    ]);
  });

  test('of a pod in the PID namespace of the node belongs to the container of its parents', () => {
    const web = pod('web', { sandbox: { pidMode: 'node' } });
    const shell = process(4000, { ppid: init(), cgroup: undefined });
    expect(zombiesOfWeb(web, [shell, zombie(5000, 4000)])).toEqual([[5000, 'app']]);
  });

  test('is found by the first process that the runtime names, even when no cgroup can be read at all', () => {
    const hidden = { cgroup: undefined };
    const web = pod('web', { sandbox: { pidMode: 'node' }, pause: hidden, containers: { app: { init: hidden } } });
    expect(zombiesOfWeb(web, [zombie(5000, init())])).toEqual([[5000, 'app']]);
  });

  test('of the node belongs to nobody, although a pod shares its PID namespace', () => {
    const web = pod('web', { sandbox: { pidMode: 'node' } });
    const report = auditTwice(node({ pods: [web], processes: [zombie(5000, 1)] }));
    expect(sandboxOf(report, 'web').zombies.items).toEqual([]);
    expect(report.unclaimed.zombies.map(({ pid }) => pid)).toEqual([5000]);
  });

  test('at the end of a very long line of parents still has its owner, whichever of them is asked first', () => {
    const hidden = { cgroup: undefined, pidNs: undefined };
    const line = Array.from({ length: 9000 }, (_, i) => process(10_001 + i, { ...hidden, ppid: 10_000 + i }));
    const first = process(10_000, { ...hidden, ppid: init() });
    const dead = [zombie(30_000, 19_000, hidden), zombie(30_001, 10_070, hidden)];
    const web = pod('web', { sandbox: { pidMode: 'node' } });
    expect(zombiesOfWeb(web, [first, ...line, ...dead])).toEqual([
      [30_000, 'app'],
      [30_001, 'app'],
    ]);
  });

  test('in a loop of parents made by reused PIDs belongs to nobody, and nothing hangs', () => {
    const loop = [process(4000, { ppid: 4001, cgroup: undefined }), process(4001, { ppid: 4000, cgroup: undefined })];
    const self = process(4002, { ppid: 4002, cgroup: undefined });
    const dead = [zombie(5000, 4000), zombie(5001, 4001), zombie(5002, 4002)];
    expect(zombiesOfWeb(pod(), [...loop, self, ...dead])).toEqual([]);
  });
});

describe('the process a runtime names', () => {
  const healthOf = (it: Pod, processes: readonly Process[] = []) =>
    sandboxOf(auditTwice(node({ pods: [it], processes })), 'web').pauseHealth;

  test('is another one when its cgroup is that of another container', () => {
    const other = pod('other', { base: 2000 });
    expect(healthOf(pod('web', { pause: { cgroup: cgroupOfApp(other) } }))).toBe('mismatch');
  });

  test('is another one when it started long after its sandbox was made and no cgroup speaks for it', () => {
    const ticksAt = (ms: number) => (24 * 3_600_000 + ms) / 10;
    const started = (ms: number) => pod('web', { pause: { cgroup: '/', startTicks: ticksAt(ms) } });
    expect(healthOf(started(-3_600_000 + 2000))).toBe('alive');
    expect(healthOf(started(-60_000))).toBe('mismatch');
  });

  test('is the same when only the cgroup path is seen from another namespace', () => {
    const web = pod();
    expect(healthOf(pod('web', { pause: { cgroup: `/../..${web.cgroupOf[web.sandbox.id]}` } }))).toBe('alive');
  });

  test('is not called gone when its entry exists and could not be read', () => {
    const web = pod('web', { pause: null });
    const report = auditTwice(node({ pods: [web], kernel: { unreadablePids: [pause] } }));
    expect(sandboxOf(report, 'web').pauseHealth).toBe('unknown');
  });

  test('names its parent the shim, whatever that is called', () => {
    const dead = zombie(5000, shim, { nsPids: [5000], comm: 'runc' });
    const web = pod();
    const renamed = web.processes.map((it) => (it.pid === shim ? { ...it, comm: 'x' } : it));
    const report = auditTwice(node({ pods: [{ ...web, processes: renamed }], processes: [dead] }));
    expect(report.unclaimed.zombies[0]?.parent?.kind).toBe('runtime');
  });

  test('gives no PID namespace to a pod when it is the one of the node', () => {
    const web = pod('web', { sandbox: { pidMode: 'node' } });
    const stranger = process(4000, { pidNs: pidNsOf().pause + 77, nsPids: [4000, 1] });
    expect(zombiesOfWeb(web, [stranger, zombie(5000, 4000, { pidNs: pidNsOf().pause + 77 })])).toEqual([]);
  });
});
