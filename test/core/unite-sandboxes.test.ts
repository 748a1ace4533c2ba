/** One sandbox that two endpoints tell of is one sandbox: nothing is counted twice, and what either leaves open is filled. */
import { describe, expect, test } from 'vitest';
import type { NodeSnapshot, RuntimeSnapshot } from '../../src/core/model.ts';
import { viewDepths } from '../../src/core/pod-depth.ts';
import { auditTwice, sandboxOf, startAudits } from './audits.ts';
import { inContainer, node, PAUSE_IMAGE, type Pod, pod, zombies } from './snapshot-builder.ts';
import { FULL } from './troubled-node.ts';

const CRI = 'unix:///run/cri-dockerd.sock';
const ENGINE = 'unix:///run/docker.sock';

const leaking = pod('web', { more: zombies(3, 1500, 1010, inContainer()) });
const [app] = leaking.containers;

/** The same node, its runtimes replaced by these; each has the sandboxes of the first one unless told otherwise. */
function seenBy(snapshot: NodeSnapshot, ...runtimes: readonly Partial<RuntimeSnapshot>[]): NodeSnapshot {
  const [first] = snapshot.runtimes;
  if (first === undefined) throw new Error('a node without a runtime');
  return { ...snapshot, runtimes: runtimes.map((facts) => ({ ...first, ...facts })) };
}

/** A node with Docker, named by both of its sockets; the pod's sandbox as each of them tells it. */
function dockerNode(
  cri: { readonly runtime?: Partial<RuntimeSnapshot>; readonly pod?: Pod },
  engine: { readonly runtime?: Partial<RuntimeSnapshot>; readonly pod?: Pod } = {},
): NodeSnapshot {
  const told = ({ pod: it = leaking, runtime }: typeof cri): Partial<RuntimeSnapshot> => ({
    sandboxes: [it.sandbox],
    containers: it.containers,
    ...runtime,
  });
  const docker = { endpoint: ENGINE, name: 'docker', flavour: 'docker', configuredPauseImage: undefined } as const;
  const criDockerd = { endpoint: CRI, name: 'docker', flavour: 'cri-dockerd' } as const;
  return seenBy(node({ pods: [leaking] }), { ...criDockerd, ...told(cri) }, { ...docker, ...told(engine) });
}

/** The pod, as one of its runtimes tells of the sandbox. */
const withSandbox = (facts: Partial<Pod['sandbox']>): Pod => ({
  ...leaking,
  sandbox: { ...leaking.sandbox, ...facts },
});

describe('a runtime that is named by two paths', () => {
  const again = { endpoint: 'unix:///run/k3s/containerd.sock' };

  test('has each pod once: zombies, tasks, findings and deaths are those of one', () => {
    const [once, twice] = [FULL, seenBy(FULL, {}, again)].map((it) => auditTwice(it));
    expect(once?.sandboxes.length).toBeGreaterThan(5);
    expect(twice?.sandboxes).toEqual(once?.sandboxes);
    expect(twice?.nodeView).toEqual(once?.nodeView);
    expect(twice?.unclaimed).toEqual(once?.unclaimed);
    const aboutPods = (report = once) => report?.findings.filter(({ subject }) => subject.sandboxId !== undefined);
    expect(aboutPods(twice)).toEqual(aboutPods());
  });

  test('counts new sandboxes and dead pauses once', () => {
    const audits = startAudits();
    const died = pod('web', { pause: null, sandbox: { state: 'notready', pause: { kind: 'none', reason: 'exited' } } });
    expect(audits.audit(seenBy(node({ pods: [leaking] }), {}, again)).newSandboxes).toBe(1);
    expect(audits.audit(seenBy(node({ pods: [died] }), {}, again)).pauseDeaths).toHaveLength(1);
  });

  test('has the sandboxes under the path that was named first', () => {
    expect(auditTwice(seenBy(node({ pods: [leaking] }), again, {})).sandboxes).toMatchObject([
      { runtimeEndpoint: again.endpoint, zombies: { count: 3 } },
    ]);
  });
});

describe('cri-dockerd and the Docker Engine behind it', () => {
  test('tell of one pod; it stands under CRI, whichever was named first', () => {
    const snapshot = dockerNode({});
    for (const runtimes of [snapshot.runtimes, snapshot.runtimes.toReversed()]) {
      const report = auditTwice({ ...snapshot, runtimes });
      expect(report.sandboxes).toMatchObject([{ name: 'web', runtimeEndpoint: CRI, zombies: { count: 3 } }]);
      expect(report.sandboxes[0]?.containers).toHaveLength(1);
      expect(report.nodeView.zombies?.pod).toBe(3);
    }
  });

  test('both keep what they say of themselves: conditions and images', () => {
    const conditions = [{ type: 'RuntimeReady', status: true, reason: '', message: '' }];
    const report = auditTwice(dockerNode({ runtime: { conditions } }));
    expect(report.runtimes.map(({ endpoint, up }) => [endpoint, up])).toEqual([
      [CRI, true],
      [ENGINE, true],
    ]);
    expect(report.runtimes.map((runtime) => runtime.conditions)).toEqual([conditions, []]);
    expect(report.pauseImages.map(({ runtimeEndpoint }) => runtimeEndpoint)).toEqual([CRI, ENGINE]);
    const used = report.pauseImages.flatMap(({ images }) => images.map(({ sandboxes }) => sandboxes));
    expect(used.reduce((sum, count) => sum + count, 0)).toBe(1);
  });

  test('what CRI could not say of a sandbox and of a container is what the Engine said', () => {
    const open = withSandbox({
      pause: { kind: 'unknown', reason: 'timeout' },
      imageRef: undefined,
      pidMode: undefined,
    });
    const containers = open.containers.map((it) => ({ ...it, pid: { unknown: 'timeout' } as const }));
    const view = sandboxOf(auditTwice(dockerNode({ pod: { ...open, containers } })), 'web');
    expect(view).toMatchObject({ pause: { pid: 1001 }, pidMode: 'container', image: { ref: PAUSE_IMAGE } });
    expect(view.containers).toMatchObject([{ id: app?.id, pid: 1010, zombies: 3 }]);
  });

  test('how a pause ended is told by the one that knows, and only of a pause that ended', () => {
    const pauseEnd = { exitCode: 137, oomKilled: true };
    const gone = withSandbox({ state: 'notready', pause: { kind: 'none', reason: 'exited' } });
    const knows = { ...gone, sandbox: { ...gone.sandbox, pauseEnd } };
    const deaths = (cri: Pod): readonly string[] => {
      const audits = startAudits();
      audits.audit(dockerNode({}));
      const without = pod('web', { pause: null });
      const snapshot = dockerNode({ pod: cri }, { pod: knows });
      const dead = { ...snapshot, kernel: node({ pods: [without] }).kernel };
      return [0, 1].flatMap(() => audits.audit(dead).pauseDeaths);
    };
    expect(deaths(gone)).toEqual(['oom']);
    expect(deaths(leaking)).toEqual(['unknown']);
  });

  test('the PID mode is the Engine’s, where cri-dockerd tells none', () => {
    const shared = withSandbox({ pidMode: 'pod', pause: { kind: 'none', reason: 'exited' }, state: 'notready' });
    const silent = { ...shared, sandbox: { ...shared.sandbox, pidMode: undefined } };
    expect(sandboxOf(auditTwice(dockerNode({ pod: silent }, { pod: shared })), 'web').pidMode).toBe('pod');
    expect(sandboxOf(auditTwice(dockerNode({ pod: silent }, { pod: silent })), 'web')).toMatchObject({
      pidMode: undefined,
      unknown: expect.arrayContaining([{ field: 'pidMode', reason: 'silent' }]),
    });
  });

  test('a container that only one of them lists stands with its sandbox', () => {
    const report = auditTwice(dockerNode({ runtime: { containers: [] } }));
    expect(report.sandboxes).toMatchObject([{ runtimeEndpoint: CRI, containers: [{ name: 'app' }] }]);
  });

  test('who answers is believed before who does not, and an old answer fills no gap of a new one', () => {
    const silent = { up: false, answeredAtMs: 1 };
    const [byEngine] = auditTwice(dockerNode({ runtime: silent })).sandboxes;
    expect(byEngine).toMatchObject({ runtimeEndpoint: ENGINE, zombies: { count: 3 } });
    const open = withSandbox({ pause: { kind: 'unknown', reason: 'timeout' } });
    const [byCri] = auditTwice(dockerNode({ pod: open }, { runtime: silent })).sandboxes;
    expect(byCri).toMatchObject({ runtimeEndpoint: CRI, pause: undefined });
    expect(byCri?.unknown).toContainEqual({ field: 'pause', reason: 'timeout' });
  });

  test('in depth a pod is the same whoever was named first', () => {
    const snapshot = dockerNode({ pod: withSandbox({ networkMode: 'node' }) });
    const audits = startAudits();
    const { sandboxes } = audits.audit(snapshot);
    const [depth] = viewDepths({ snapshot, memory: audits.memory() }, sandboxes);
    expect(depth?.networkMode).toBe('node');
    expect(depth?.processes.filter(({ role }) => role === 'pause')).toHaveLength(1);
  });
});

test('Two runtimes with pods of their own keep them', () => {
  const other = pod('db', { base: 2000 });
  const both = node({ pods: [leaking, other] });
  const report = auditTwice(
    seenBy(
      both,
      { sandboxes: [leaking.sandbox], containers: leaking.containers },
      { endpoint: ENGINE, flavour: 'docker', sandboxes: [other.sandbox], containers: other.containers },
    ),
  );
  expect(report.sandboxes.map(({ name, runtimeEndpoint }) => [name, runtimeEndpoint])).toEqual([
    ['web', both.runtimes[0]?.endpoint],
    ['db', ENGINE],
  ]);
});
