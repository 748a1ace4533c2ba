/** What is left over, made for real: sandboxes nobody needs, processes and shims without a record, commands left behind. */
import { randomBytes, randomUUID } from 'node:crypto';
import { rmdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cgroupMounts } from '../lab/cgroup-trees.ts';
import { APP_IMAGE } from '../lab/images.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { readProcess } from '../lab/process-table.ts';
import { allFindings, findingIds, ownFindings, sandboxOf } from './document.ts';
import { idsIn, judgeLater, oneFinding } from './moved-clock.ts';
import { scanDocument } from './program.ts';

const APP = { name: 'app', command: ['zoo', 'reaper'] };
/** The same container in the next sandbox of its pod: the kubelet counts on, and the runtime refuses a name twice. */
const AGAIN = { ...APP, attempt: 1 };
const HOUR = 3_600_000;

let lab: Lab;

beforeAll(async () => {
  lab = await startLab();
});

afterAll(() => lab?.close());

/** A container made by hand, of which the CRI knows nothing (L26); resolves to what removes it. */
async function runByHand(id: string, cgroup: string): Promise<() => Promise<void>> {
  await lab.containerd.ctr([
    'run',
    '--detach',
    '--runc-root',
    lab.directory.runcRoot,
    '--cgroup',
    cgroup,
    APP_IMAGE,
    id,
    'zoo',
    'sleep',
  ]);
  return async () => {
    await lab.containerd.ctr(['tasks', 'delete', '--force', id]);
    await lab.containerd.ctr(['containers', 'delete', id]);
    for (const { path } of cgroupMounts()) tryRemove(`${path}${cgroup}`);
  };
}

function tryRemove(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // Not in this hierarchy, or gone with the container.
  }
}

test('An ended sandbox that was replaced: quiet at first, a fact after a minute, a confirmed leak after an hour', async () => {
  const uid = randomUUID();
  const first = await lab.runPod({ name: 'job', uid, containers: [APP] });
  await first.stop();
  const second = await lab.runPod({ name: 'job', uid, attempt: 1, containers: [AGAIN] });
  const { now, later } = await judgeLater(lab, HOUR);
  expect(idsIn(now)).toEqual([]);
  expect(oneFinding(later, 'sandbox-leaked-notready')).toMatchObject({
    severity: 'warning',
    confirmed: true,
    subject: { sandboxId: first.sandboxId, pod: 'job' },
    evidence: { attempt: 0, newestAttempt: 1, newestSandboxId: second.sandboxId },
    remedy: expect.stringContaining(`crictl rmp ${first.sandboxId}`) as string,
  });
  expect(idsIn(later)).toEqual(['sandbox-leaked-notready']);
  await lab.cri.removePodSandbox(first.sandboxId);
  expect(idsIn((await judgeLater(lab, HOUR)).later)).toEqual([]);
  await second.remove();
});

test('The newest sandbox of a pod is no leak, however long ago it ended', async () => {
  const pod = await lab.runPod({ name: 'finished', containers: [APP] });
  await pod.stop();
  expect(idsIn((await judgeLater(lab, 100 * HOUR)).later)).toEqual([]);
  await pod.remove();
});

test('Two ready sandboxes of one pod: a fact at once, a warning when they stay', async () => {
  const uid = randomUUID();
  const first = await lab.runPod({ name: 'twice', uid, containers: [APP] });
  const second = await lab.runPod({ name: 'twice', uid, attempt: 1 });
  const document = await scanDocument(lab);
  const found = allFindings(document).filter(({ id }) => id === 'sandbox-duplicate');
  expect(found).toMatchObject([{ severity: 'info', evidence: { attempt: 0, runningContainers: 1 } }]);
  expect(found[0]?.remedy).toContain(`crictl stopp ${first.sandboxId}`);
  const { later } = await judgeLater(lab, 2 * 60_000);
  expect(oneFinding(later, 'sandbox-duplicate')).toMatchObject({ severity: 'warning', confirmed: true });
  await first.remove();
  expect(findingIds(await scanDocument(lab), 'twice')).toEqual([]);
  await second.remove();
});

test('A ready sandbox without any container is told after an hour, and not before', async () => {
  const pod = await lab.runPod({ name: 'empty' });
  const { now, later } = await judgeLater(lab, HOUR);
  expect(idsIn(now, 'empty')).toEqual([]);
  expect(oneFinding(later, 'sandbox-leaked-ready')).toMatchObject({
    severity: 'warning',
    evidence: { reason: 'no-containers', pausePid: pod.pausePid },
  });
  await pod.addContainer(APP);
  expect(idsIn((await judgeLater(lab, HOUR)).later, 'empty')).toEqual([]);
  await pod.remove();
});

test('A ready sandbox that was replaced and runs nothing is told beside the newer one', async () => {
  const uid = randomUUID();
  const first = await lab.runPod({ name: 'replaced', uid });
  const second = await lab.runPod({ name: 'replaced', uid, attempt: 1, containers: [AGAIN] });
  const { later } = await judgeLater(lab, HOUR);
  expect(oneFinding(later, 'sandbox-leaked-ready')).toMatchObject({
    subject: { sandboxId: first.sandboxId },
    evidence: { reason: 'superseded' },
  });
  await first.remove();
  expect(idsIn((await judgeLater(lab, HOUR)).later)).toEqual([]);
  await second.remove();
});

test('A copy of a pod that the runtime has no record of is critical beside its newer sandbox, and its shim is told', async () => {
  const uid = randomUUID();
  const id = randomBytes(32).toString('hex');
  const removeCopy = await runByHand(id, `${lab.cgroupParent}/kubepods/besteffort/pod${uid}/${id}`);
  const pod = await lab.runPod({ name: 'copied', uid, containers: [APP] });
  const { now, later } = await judgeLater(lab, HOUR);
  expect(idsIn(now)).toEqual([]);
  expect(now.unclaimed.processes.map(({ comm }) => comm)).toEqual(['zoo']);
  expect(now.unclaimed.shims.map(({ comm }) => comm)).toEqual(['containerd-shim']);
  const orphan = oneFinding(later, 'orphan-process');
  const [shim] = now.unclaimed.shims;
  expect(orphan).toMatchObject({
    severity: 'critical',
    subject: { kind: 'process', pod: 'copied', sandboxId: pod.sandboxId },
    evidence: { comm: 'zoo', containerId: id, podUid: uid, newerSandboxId: pod.sandboxId, parentPid: shim?.pid },
  });
  expect(orphan.remedy).toContain(`then its containerd-shim (PID ${shim?.pid})`);
  expect(oneFinding(later, 'shim-orphaned')).toMatchObject({
    severity: 'info',
    subject: { kind: 'shim', pid: shim?.pid },
    evidence: { id, children: 1 },
  });
  await removeCopy();
  expect(idsIn((await judgeLater(lab, HOUR)).later)).toEqual([]);
  await pod.remove();
});

test('The same without a newer sandbox is a warning, and belongs to no pod', async () => {
  const uid = randomUUID();
  const id = randomBytes(32).toString('hex');
  const pod = await lab.runPod({ name: 'other', containers: [APP] });
  const removeCopy = await runByHand(id, `${lab.cgroupParent}/kubepods/besteffort/pod${uid}/${id}`);
  const { later } = await judgeLater(lab, HOUR);
  expect(oneFinding(later, 'orphan-process')).toMatchObject({
    severity: 'warning',
    evidence: { newerSandboxId: null },
  });
  await removeCopy();
  await pod.remove();
});

test('A container that somebody runs by hand beside the pods is nobody’s business (L26)', async () => {
  const id = randomBytes(32).toString('hex');
  const pod = await lab.runPod({ name: 'neighbour', containers: [APP] });
  const removals = [
    await runByHand(id, `${lab.cgroupParent}/manual/${id}`),
    await runByHand('named', `${lab.cgroupParent}/manual/named`),
  ];
  const { later } = await judgeLater(lab, 100 * HOUR);
  expect(idsIn(later)).toEqual([]);
  expect(later.unclaimed).toMatchObject({ shims: [], processes: [] });
  for (const remove of removals) await remove();
  await pod.remove();
});

test('A command whose client has gone is told after an hour, until it ends', async () => {
  const pod = await lab.runPod({ name: 'shell', containers: [APP] });
  const { id, pid } = pod.container('app');
  await lab.containerd.ctr([
    'tasks',
    'exec',
    '--detach',
    '--exec-id',
    'left',
    id,
    'sh',
    '-c',
    'while :; do sleep 1; done',
  ]);
  const { now, later } = await judgeLater(lab, HOUR);
  expect(idsIn(now)).toEqual([]);
  const finding = oneFinding(later, 'exec-leftover');
  expect(finding).toMatchObject({
    severity: 'info',
    subject: { kind: 'container', container: 'app', pod: 'shell' },
    evidence: { processes: 1, names: ['sh'] },
  });
  const [left] = finding.evidence['pids'] as readonly string[];
  expect(readProcess(Number(left))).toMatchObject({ comm: 'sh', ppid: readProcess(pid)?.ppid });
  process.kill(Number(left), 'SIGKILL');
  expect(idsIn((await judgeLater(lab, HOUR)).later)).toEqual([]);
  await pod.remove();
});

test('After all that the node is clean', async () => {
  const document = await scanDocument(lab);
  expect({ findings: ownFindings(document), sandboxes: document.sandboxes }).toEqual({ findings: [], sandboxes: [] });
  expect(() => sandboxOf(document, 'job')).toThrow(/no sandbox/);
});
