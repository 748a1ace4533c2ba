/** What a report says beside its findings: zombies and their parents, order, unknowns, counters, the node. */
import { describe, expect, test } from 'vitest';
import type { Process } from '../../src/core/model.ts';
import type { ParentKind } from '../../src/core/report.ts';
import { auditTwice, idsOf, sandboxOf, startAudits } from './audits.ts';
import {
  BOOT_MS,
  idOf,
  inContainer,
  inPod,
  node,
  type Pod,
  pidsOf,
  pod,
  process,
  zombie,
  zombies,
} from './snapshot-builder.ts';

const { shim, pause, init } = pidsOf();

/** Kind of the parent of the only zombie of a node. */
function parentKind(web: Pod, dead: Process, ...others: readonly Process[]): ParentKind | undefined {
  const report = auditTwice(node({ pods: [web], processes: [...others, dead] }));
  const all = [...sandboxOf(report, 'web').zombies.items, ...report.unclaimed.zombies];
  expect(all).toHaveLength(1);
  return all[0]?.parent?.kind;
}

describe('two looks', () => {
  const dead = zombie(5000, init(), inContainer());
  const look = (...processes: readonly Process[]) => node({ pods: [pod()], processes });
  const count = (report: ReturnType<typeof auditTwice>) => sandboxOf(report, 'web').zombies.count;

  test('are what it takes to count a zombie; after one the count is not known', () => {
    const audits = startAudits();
    const first = audits.audit(look(dead));
    expect(count(first)).toBeUndefined();
    expect(first.nodeView.zombies).toBeUndefined();
    expect(sandboxOf(first, 'web').unknown).toContainEqual({ field: 'zombies.count', reason: 'one-look' });
    expect(count(audits.audit(look(dead)))).toBe(1);
  });

  test('of different processes with one PID are not two looks at one zombie', () => {
    const audits = startAudits();
    audits.audit(look(dead));
    const reused = { ...dead, startTicks: dead.startTicks + 5 };
    expect(count(audits.audit(look(reused)))).toBe(0);
    expect(count(audits.audit(look(reused)))).toBe(1);
  });

  test('with a look between that could not see /proc still count, with the age of the first', () => {
    const audits = startAudits();
    audits.audit(look(dead));
    const firstMs = audits.nowMs();
    const blind = look(dead);
    const lost = audits.audit({ ...blind, kernel: { ...blind.kernel, procfsUp: false, processes: [] } });
    expect(count(lost)).toBeUndefined();
    const [item] = sandboxOf(audits.audit(look(dead)), 'web').zombies.items;
    expect(item).toMatchObject({ firstSeenMs: firstMs, atLeast: true });
  });

  test('know that a zombie which came later is not older than that', () => {
    const audits = startAudits();
    audits.audit(look());
    audits.audit(look(dead));
    const [item] = sandboxOf(audits.audit(look(dead)), 'web').zombies.items;
    expect(item?.atLeast).toBe(false);
  });

  test('at a dead leader whose threads live never make it a zombie', () => {
    expect(count(auditTwice(look({ ...dead, threads: 2 })))).toBe(0);
  });

  test('at a zombie in the moment of being collected, which has no thread left, make it one', () => {
    expect(count(auditTwice(look({ ...dead, threads: 0 })))).toBe(1);
  });
});

describe('the parent of a zombie', () => {
  const shared = pod('web', { sandbox: { pidMode: 'pod' } });
  const host = pod('web', { sandbox: { pidMode: 'node' } });

  test('is pause, PID 1 of a container, a process, the runtime, or the host', () => {
    const daemon = process(700, { comm: 'cron' });
    expect(parentKind(shared, zombie(5000, pause, inPod()))).toBe('pause');
    expect(parentKind(pod(), zombie(5000, init(), inContainer()))).toBe('container-init');
    expect(parentKind(pod(), zombie(5000, 4000, inContainer()), process(4000, inContainer()))).toBe('process');
    expect(parentKind(pod(), zombie(5000, shim))).toBe('runtime');
    expect(parentKind(pod(), zombie(5000, 1))).toBe('host');
    expect(parentKind(pod(), zombie(5000, 700), daemon)).toBe('host');
    expect(parentKind(pod(), zombie(5000, 4444))).toBeUndefined();
  });

  test('is an ordinary process when it is the main process of a pod with a shared or the node’s PID namespace', () => {
    expect(parentKind(shared, zombie(5000, init(), inPod()))).toBe('process');
    expect(parentKind(host, zombie(5000, init()))).toBe('process');
  });

  test('is an ordinary process when only the runtime knows that it is of a pod', () => {
    const hidden = { cgroup: undefined };
    const it = pod('web', { sandbox: { pidMode: 'node' }, pause: hidden, containers: { app: { init: hidden } } });
    expect(parentKind(it, zombie(5000, init()))).toBe('process');
  });

  test('is PID 1 of a container by the word of the runtime where NSpid is not to be had', () => {
    const bare = { nsPids: [] };
    expect(parentKind(pod('web', { containers: { app: { init: bare } } }), zombie(5000, init(), inContainer()))).toBe(
      'container-init',
    );
    const inShared = pod('web', { sandbox: { pidMode: 'pod' }, containers: { app: { init: bare } } });
    expect(parentKind(inShared, zombie(5000, init(), inPod()))).toBe('process');
  });

  test.each(['containerd-shim', 'conmon', 'crio', 'dockerd', 'runc', 'containerd', 'cri-dockerd', 'crun'])(
    'outside of every pod called %s is the runtime',
    (comm) => {
      expect(parentKind(pod(), zombie(5000, 700), process(700, { comm }))).toBe('runtime');
    },
  );

  test('is not the runtime for its name alone when it is PID 1 or in a pod', () => {
    const inside = process(4000, { ...inContainer(), comm: 'containerd-shim' });
    expect(parentKind(pod(), zombie(5000, 4000, inContainer()), inside)).toBe('process');
    const web = pod();
    const report = auditTwice(
      node({
        pods: [web],
        kernel: { processes: [process(1, { comm: 'containerd' }), ...web.processes, zombie(5000, 1)] },
      }),
    );
    expect(report.unclaimed.zombies[0]?.parent?.kind).toBe('host');
  });

  test('decides under whom the node counts a zombie', () => {
    const processes = [
      ...zombies(2, 5000, init(), inContainer()),
      ...zombies(3, 5100, shim),
      ...zombies(4, 5200, 1),
      ...zombies(5, 5300, 4444),
    ];
    const { nodeView } = auditTwice(node({ pods: [pod()], processes }));
    expect(nodeView.zombies).toEqual({ pod: 2, runtime: 3, host: 4, unattributed: 5 });
  });
});

describe('the findings of a report', () => {
  test('come by cause: the node first, then worst first, then in the order of the catalog, then oldest first', () => {
    const stopped = (name: string, base: number) => pod(name, { base, pause: { state: 'T' } });
    const hollow = pod('hollow', { base: 3000, containers: { app: { init: null } } });
    const leak = zombies(3, 9000, pidsOf(4000).init(), inContainer(4000));
    const runtime = { up: true, configuredPauseImage: 'k8s.gcr.io/pause:3.0', images: [] };
    const facts = { pods: [stopped('a', 1000), hollow, pod('leaky', { base: 4000 })], processes: leak, runtime };
    const other = { ...node({ runtime: { up: false, endpoint: 'unix:///run/crio/crio.sock' } }) };
    const early = node(facts);
    const late = node({ ...facts, pods: [stopped('b', 2000), ...facts.pods] });
    const audits = startAudits();
    for (const it of [early, early]) audits.audit(it);
    audits.audit(late);
    const report = audits.audit({ ...late, runtimes: [...late.runtimes, ...other.runtimes] });
    expect(idsOf(report)).toEqual([
      'runtime-unreachable',
      'pause-image-missing',
      'container-running-dead',
      'pause-stopped',
      'pause-stopped',
      'pause-image-too-old',
      'pause-image-legacy-registry',
      'zombies-container-init',
    ]);
    const two = report.findings.filter(({ id }) => id === 'pause-stopped');
    expect(two.map(({ subject }) => subject.pod)).toEqual(['a', 'b']);
  });

  test('stand with the sandbox they are about, those of an image with every sandbox that runs on it', () => {
    const old = { imageRef: 'docker.io/kubernetes/pause:3.0' };
    const pods = [
      pod('a', { sandbox: { imageRef: 'kubernetes/pause:3.0' }, pause: { state: 'T' } }),
      pod('b', { base: 2000, sandbox: old }),
      pod('c', { base: 3000 }),
    ];
    const report = auditTwice(node({ pods }));
    const ids = (name: string) => sandboxOf(report, name).findings.map(({ id }) => id);
    expect([ids('a'), ids('b'), ids('c')]).toEqual([
      ['pause-stopped', 'pause-image-too-old'],
      ['pause-image-too-old'],
      [],
    ]);
    const image = report.findings.find(({ id }) => id === 'pause-image-too-old');
    expect(image?.evidence).toMatchObject({ sandboxes: 2, pods: ['shop/a', 'shop/b'] });
  });

  test('about one image under two spellings are one finding, whatever the order of the list', () => {
    const a = pod('a', { sandbox: { imageRef: 'kubernetes/pause:3.0' } });
    const b = pod('b', { base: 2000, sandbox: { imageRef: 'docker.io/kubernetes/pause:3.0' } });
    const subjects = [
      [a, b],
      [b, a],
    ].map((pods) => {
      const found = auditTwice(node({ pods })).findings;
      return found.map(({ id, subject }) => [id, subject]);
    });
    expect(subjects[0]).toHaveLength(1);
    expect(subjects[1]).toEqual(subjects[0]);
  });
});

describe('a report', () => {
  test('is complete when every source answered and every subject was judged, and only then', () => {
    const healthy = node({ pods: [pod()] });
    expect(startAudits().audit(healthy).complete).toBe(false);
    expect(auditTwice(healthy).complete).toBe(true);
    const fault = {
      source: 'runtime',
      endpoint: healthy.runtimes[0]?.endpoint,
      subject: 'x',
      message: 'x',
      count: 1,
    } as const;
    expect(auditTwice({ ...healthy, faults: [{ ...fault, code: 'timeout' }] }).complete).toBe(false);
    expect(auditTwice({ ...healthy, faults: [{ ...fault, code: 'vanished' }] }).complete).toBe(true);
    expect(auditTwice(node({ pods: [pod()], kernel: { cgroupfsUp: false } })).complete).toBe(false);
    const unread = pod('web', { sandbox: { pause: { kind: 'unknown', reason: 'timeout' } } });
    const partly = auditTwice(node({ pods: [unread] }));
    expect(partly.complete).toBe(false);
    expect(partly.unjudged).toMatchObject({ timeout: expect.any(Number) });
    expect(sandboxOf(partly, 'web').unjudged).toEqual(['timeout']);
  });

  test('of a node whose CRI-O has dropped every pause is complete: no pause by design is no gap', () => {
    const sandbox = { pause: { kind: 'none', reason: 'infra-dropped' }, imageRef: undefined } as const;
    const it = node({ pods: [pod('web', { sandbox, pause: null })], runtime: { flavour: 'cri-o', version: '1.36.3' } });
    const report = auditTwice(it);
    expect(report.complete).toBe(true);
    expect(sandboxOf(report, 'web')).toMatchObject({ pauseHealth: 'none', noPauseReason: 'infra-dropped' });
  });

  test('counts each pause that died once, and none that nobody could see die', () => {
    const audits = startAudits();
    const alive = node({ pods: [pod()] });
    const dead = node({ pods: [pod('web', { pause: null })] });
    const blind = { ...dead, kernel: { ...dead.kernel, procfsUp: false, processes: [] } };
    const deaths = [dead, alive, blind, dead, dead].map((it) => audits.audit(it).pauseDeaths.length);
    expect(deaths).toEqual([0, 0, 0, 1, 0]);
  });

  test('counts sandboxes that are new', () => {
    const audits = startAudits();
    const [one, two] = [node({ pods: [pod()] }), node({ pods: [pod(), pod('b', { base: 2000 })] })];
    expect([one, two, two, one, two].map((it) => audits.audit(it).newSandboxes)).toEqual([1, 1, 0, 0, 1]);
  });

  test('knows when pause started and what it used', () => {
    const view = sandboxOf(
      auditTwice(node({ pods: [pod('web', { pause: { startTicks: 8_280_000, cpuTicks: 7 } })] })),
      'web',
    );
    expect(view.pause).toMatchObject({ startedAtMs: BOOT_MS + 82_800_000, cpuSeconds: 0.07, reaps: 'yes' });
    expect(view.id).toBe(idOf('web'));
  });

  test('believes the kernel over the runtime about who shares a PID namespace (cri-dockerd says CONTAINER)', () => {
    const shared = pod('web', { sandbox: { pidMode: 'pod' } });
    const lied = { ...shared, sandbox: { ...shared.sandbox, pidMode: 'container' } as const };
    const report = auditTwice(node({ pods: [lied], processes: zombies(2, 5000, pause, inPod()) }));
    expect(idsOf(report)).toEqual(['pause-not-reaping']);
  });
});
