/** Containers in the wrong namespaces and pods laid out oddly, made for real; and all that only looks so. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lab, startLab } from '../lab/lab.ts';
import { sandboxConfig } from '../lab/pod-spec.ts';
import { allFindings, findingIds, ownFindings, sandboxOf } from './document.ts';
import { scanDocument } from './program.ts';

const APP = { name: 'app', command: ['zoo', 'reaper'] };

let lab: Lab;

beforeAll(async () => {
  lab = await startLab();
});

afterAll(() => lab?.close());

test('A container that left the IPC namespace of its sandbox is told, with both namespaces', async () => {
  const left = { name: 'left', command: ['zoo', 'leave', '--', 'reaper'], capabilities: ['SYS_ADMIN'] };
  const pod = await lab.runPod({ name: 'drift', network: 'cni', containers: [APP, left] });
  const { findings, namespaces } = sandboxOf(await scanDocument(lab), 'drift');
  expect(findings).toMatchObject([
    {
      id: 'namespace-drift',
      severity: 'critical',
      subject: { kind: 'container', container: 'left' },
      evidence: { reason: 'drifted', kinds: ['ipc'], pid: pod.container('left').pid, expected: 'sandbox' },
    },
  ]);
  expect(findings[0]?.summary).toContain(`instead of ipc:[${namespaces['ipc']?.inode}]`);
  expect(findings[0]?.remedy).toMatch(/^Delete the pod/);
  await lab.cri.stopContainer(pod.container('left').id, 0);
  expect(findingIds(await scanDocument(lab), 'drift')).toEqual([]);
  await pod.remove();
});

test('Two generations of one pod side by side: the container of the old sandbox is told until it ends', async () => {
  const uid = randomUUID();
  const first = await lab.runPod({ name: 'both', uid, network: 'cni', containers: [APP] });
  process.kill(first.pausePid, 'SIGKILL');
  const second = await lab.runPod({
    name: 'both',
    uid,
    attempt: 1,
    network: 'cni',
    containers: [{ ...APP, attempt: 1 }],
  });
  const document = await scanDocument(lab);
  const drift = allFindings(document).filter(({ id }) => id === 'namespace-drift');
  expect(drift).toMatchObject([
    {
      severity: 'critical',
      subject: { kind: 'container', container: 'app', sandboxId: first.sandboxId },
      evidence: { reason: 'two-generations', kinds: ['net', 'ipc', 'uts', 'pid'], attempt: 0, newestAttempt: 1 },
    },
  ]);
  expect(drift[0]?.remedy).toMatch(/^Delete the pod/);
  expect(allFindings(document).map(({ id }) => id)).toContain('pause-dead-containers-running');
  await first.remove();
  expect(ownFindings(await scanDocument(lab))).toEqual([]);
  await second.remove();
});

test('Every kind of pod and container that Kubernetes makes is where it should be', async () => {
  const pods = [
    await lab.runPod({ name: 'own', containers: [APP, { ...APP, name: 'more' }] }),
    await lab.runPod({ name: 'shared', pidMode: 'pod', network: 'cni', containers: [APP, { ...APP, name: 'more' }] }),
    await lab.runPod({ name: 'host', pidMode: 'node', containers: [APP] }),
    await lab.runPod({ name: 'privileged', network: 'cni', containers: [{ ...APP, privileged: true }] }),
    await lab.runPod({
      name: 'mixed',
      pidMode: 'pod',
      containers: [APP, { ...APP, name: 'alone', pidMode: 'container' }],
    }),
    await lab.runPod({ name: 'node-tool', pidMode: 'pod', containers: [{ ...APP, pidMode: 'node' }] }),
    await lab.runPod({ name: 'debugged', network: 'cni', containers: [APP] }),
  ];
  const debugged = pods.at(-1);
  await debugged?.addContainer({
    name: 'debugger',
    command: ['zoo', 'sleep'],
    pidTarget: debugged.container('app').id,
  });
  const document = await scanDocument(lab);
  expect(ownFindings(document)).toEqual([]);
  expect(document.sandboxes).toHaveLength(pods.length);
  for (const pod of pods) await pod.remove();
});

test('A sandbox whose cgroup the runtime named in another way than the kubelet is a fact about the node', async () => {
  const usual = await lab.runPod({ name: 'usual', containers: [APP] });
  expect(ownFindings(await scanDocument(lab))).toEqual([]);
  const uid = randomUUID();
  const cgroup = `${lab.cgroupParent}/kubepods.slice/kubepods-pod${uid.replaceAll('-', '_')}.slice`;
  const spec = {
    name: 'sliced',
    namespace: 'default',
    uid,
    attempt: 0,
    pidMode: 'container',
    network: 'host',
  } as const;
  const rest = {
    pauseImage: lab.containerd.sandboxImage,
    qos: 'burstable',
    containers: [],
    labels: {},
    annotations: {},
  } as const;
  const sandboxId = await lab.cri.runPodSandbox(sandboxConfig({ ...spec, ...rest }, cgroup));
  const [mismatch, ...others] = ownFindings(await scanDocument(lab));
  expect([mismatch, ...others]).toMatchObject([
    {
      id: 'cgroup-driver-mismatch',
      severity: 'info',
      subject: { kind: 'node' },
      evidence: { mixed: 1, cgroupfs: 1, systemd: 0, pods: ['default/sliced'] },
    },
  ]);
  expect(mismatch?.evidence['example']).toContain(`.slice:cri-containerd:${sandboxId}`);
  await lab.cri.stopPodSandbox(sandboxId);
  await lab.cri.removePodSandbox(sandboxId);
  expect(ownFindings(await scanDocument(lab))).toEqual([]);
  await usual.remove();
});
