/** What shows only over several audits, made for real: limits that are hit, growth, probes, sandboxes that do not last. */

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest';
import { cgroupMounts } from '../lab/cgroup-trees.ts';
import { type Lab, PAUSE_IMAGES, startLab } from '../lab/lab.ts';
import type { LabPod } from '../lab/pod.ts';
import type { PodSpec } from '../lab/pod-spec.ts';
import { type FindingJson, ownFindings, type SandboxesDocument, sandboxOf } from './document.ts';
import { type RunningAgent, scanDocument, startAgent } from './program.ts';

/** Times a test can wait for; counts stay those of the default. */
const POLICY = `
zombiesWarnAge: 2s
zombiesHostAge: 1s
trendSpan: 4s
pidLimitHitHold: 4s
churnWindow: 40s
exitsEarlyWithin: 3s
`;
/** Longer than the longest of these times, on a machine on which starting a pod may take ten seconds. */
const WAIT_MS = 70_000;

let lab: Lab;
let agent: RunningAgent;
let directory: string;

beforeAll(async () => {
  lab = await startLab();
  directory = mkdtempSync(join(tmpdir(), 'pausewatch-limits-'));
  const policy = join(directory, 'policy.yaml');
  writeFileSync(policy, POLICY);
  agent = await startAgent(lab, '--audit.interval', '1s', '--settle', '500ms', '--policy.file', policy);
});

afterAll(async () => {
  await agent?.stop();
  await lab?.close();
  rmSync(directory, { recursive: true, force: true });
});

let made = 0;
const pods = new Set<LabPod>();

/** A test that fails leaves no limit and no pod to the next. */
afterEach(async () => {
  await Promise.allSettled([...pods].map((pod) => pod.remove()));
  pods.clear();
});

async function runPod(spec: Partial<PodSpec>): Promise<LabPod> {
  const containers = [{ name: 'app', command: ['zoo', 'reaper'] }];
  const pod = await lab.runPod({ name: `limits-${made++}`, namespace: 'limits', containers, ...spec });
  pods.add(pod);
  return pod;
}

function findingOf(document: SandboxesDocument, pod: string, id: string): FindingJson | undefined {
  return document.sandboxes
    .filter(({ name }) => name === pod)
    .flatMap(({ findings }) => findings)
    .find((it) => it.id === id);
}

/** Waits until the finding is confirmed and as told. */
async function raised(pod: LabPod, id: string, isSo: (it: FindingJson) => boolean = () => true): Promise<FindingJson> {
  const holds = (document: SandboxesDocument): boolean => {
    const it = findingOf(document, pod.name, id);
    return it?.confirmed === true && isSo(it);
  };
  const found = findingOf(await agent.until(holds, WAIT_MS), pod.name, id);
  if (found === undefined) throw new Error(`no ${id}`);
  return found;
}

async function gone({ name }: LabPod, id: string): Promise<void> {
  await agent.until((document) => findingOf(document, name, id) === undefined, WAIT_MS);
}

test('A pod close to its limit by live processes, then at it: forks that are refused are counted, and no reaper is blamed', async () => {
  const pod = await runPod({ containers: [{ name: 'app', command: ['zoo', 'crowd', '16', '--', 'reaper'] }] });
  pod.setPidsLimit(20);
  const near = await raised(pod, 'pid-limit-near');
  expect(near).toMatchObject({ severity: 'warning', evidence: { tasks: 18, limit: 20, limitFrom: 'pod', zombies: 0 } });
  expect(near.remedy).toMatch(/no reaper is to blame/);
  // The program itself may start or not, depending on how many tasks runc needs for a moment; what it forks may not (L12).
  for (let i = 0; i < 3; i++) await pod.exec('app', ['zoo', 'crowd', '5', '--', 'exit', '0']).catch(() => undefined);
  const hit = await raised(pod, 'pid-limit-hit');
  expect(hit).toMatchObject({ severity: 'critical' });
  expect(Number(hit.evidence['refused'])).toBeGreaterThan(0);
  expect(await agent.text('/metrics')).toMatch(/^pausewatch_pids_limit_hits_total [1-9]/m);
  pod.setPidsLimit('max');
  await gone(pod, 'pid-limit-hit');
  await gone(pod, 'pid-limit-near');
  await pod.remove();
}, 120_000);

test('A limit of 0 is a limit: nothing can start', async () => {
  const pod = await runPod({});
  pod.setPidsLimit(0);
  expect(await raised(pod, 'pid-limit-hit')).toMatchObject({ evidence: { limit: 0 } });
  pod.setPidsLimit('max');
  await gone(pod, 'pid-limit-hit');
  await pod.remove();
}, 120_000);

test('All pods together near their limit: the node comes first, and names the pod that owns most', async () => {
  const pod = await runPod({ containers: [{ name: 'app', command: ['zoo', 'threads', '40', '--', 'reaper'] }] });
  const mount =
    cgroupMounts().find((it) => it.controllers.includes('pids')) ?? cgroupMounts().find((it) => it.version === 2);
  const kubepods = join(mount?.path ?? '', lab.cgroupParent, 'kubepods');
  await agent.until(
    (it) => it.sandboxes.some(({ name, pids }) => name === pod.name && Number(pids.current) >= 42),
    WAIT_MS,
  );
  const current = Number(readFileSync(join(kubepods, 'pids.current'), 'utf8'));
  onTestFinished(() => writeFileSync(join(kubepods, 'pids.max'), 'max'));
  writeFileSync(join(kubepods, 'pids.max'), String(current + 4));
  const document = await agent.until(({ nodeFindings }) => nodeFindings.some(({ id }) => id === 'node-pid-exhaustion'));
  expect(document.nodeFindings[0]).toMatchObject({
    id: 'node-pid-exhaustion',
    severity: 'critical',
    evidence: { limitFrom: 'kubepods', limit: current + 4 },
  });
  expect(document.nodeFindings[0]?.evidence['pods']).toContainEqual(
    expect.stringMatching(`^limits/${pod.name}: 4[12]$`),
  );
  writeFileSync(join(kubepods, 'pids.max'), 'max');
  await agent.until(({ nodeFindings }) => !nodeFindings.some(({ id }) => id === 'node-pid-exhaustion'), WAIT_MS);
  await pod.remove();
}, 120_000);

test('Zombies that become more have a rate, and are critical once it fills the limit within a day', async () => {
  const pod = await runPod({ containers: [{ name: 'app', command: ['zoo', 'drip', '400', '100'] }] });
  pod.setPidsLimit(2000);
  const { evidence, summary } = await raised(pod, 'zombies-container-init', ({ severity }) => severity === 'critical');
  // Ten a second are 36,000 an hour; a busy machine makes fewer.
  expect(Number(evidence['perHour'])).toBeGreaterThan(3600);
  expect(Number(evidence['perHour'])).toBeLessThan(45_000);
  expect(Number(evidence['exhaustedInSeconds'])).toBeLessThan(86_400);
  expect(summary).toMatch(/PID 1 of container app/);
  const { pids, zombies } = sandboxOf(await agent.document(), pod.name);
  expect([pids, zombies]).toMatchObject([
    { limit: 2000, exhaustedInSeconds: expect.any(Number) },
    { perHour: expect.any(Number) },
  ]);
  await pod.remove();
}, 120_000);

test('What an exec leaves at a period is a probe’s; what the app itself leaves beside it is not', async () => {
  const pod = await runPod({ containers: [{ name: 'app', command: ['zoo', 'leak-init', '2'] }] });
  const startMs = performance.now();
  for (let run = 0; run < 6; run++) {
    await sleep(Math.max(0, startMs + run * 2000 - performance.now()));
    await pod.exec('app', ['zoo', 'orphans', '2', '--', 'exit', '0']);
  }
  const probe = await raised(pod, 'zombies-probe', ({ evidence }) => evidence['zombies'] === 12);
  expect(probe.evidence).toMatchObject({ zombies: 12, runs: 6, sharingHelps: 'yes' });
  expect(probe.remedy).toMatch(/^Make the probe a single process/);
  const own = await raised(pod, 'zombies-container-init', ({ evidence }) => evidence['zombies'] === 2);
  expect(own.evidence).toMatchObject({ zombies: 2 });
  await pod.remove();
}, 120_000);

test('A hook that leaves children once is no probe', async () => {
  const pod = await runPod({ containers: [{ name: 'app', command: ['zoo', 'sleep'] }] });
  await pod.exec('app', ['zoo', 'orphans', '8', '--', 'exit', '0']);
  await raised(pod, 'zombies-container-init', ({ evidence }) => evidence['zombies'] === 8);
  expect(findingOf(await agent.document(), pod.name, 'zombies-probe')).toBeUndefined();
  await pod.remove();
}, 120_000);

test('A PID 1 that never waits for strangers is named when it adopts the first, before there is a zombie', async () => {
  const pod = await runPod({ containers: [{ name: 'app', command: ['sleep', '100000'] }] });
  await pod.exec('app', ['sh', '-c', 'sleep 50000 >/dev/null 2>&1 &']);
  const finding = await raised(pod, 'init-not-reaping');
  expect(finding).toMatchObject({
    severity: 'info',
    evidence: { parentComm: 'sleep', adopted: 1, sharingHelps: 'yes' },
  });
  expect(finding.remedy).toMatch(/tini.*shareProcessNamespace/);
  const init = pod.container('app').pid;
  const [orphan] = readFileSync(`/proc/${init}/task/${init}/children`, 'utf8').trim().split(' ');
  process.kill(Number(orphan), 'SIGKILL');
  await raised(pod, 'zombies-container-init');
  await gone(pod, 'init-not-reaping');
  await pod.remove();
}, 120_000);

test('Zombies under a process of the node are nobody’s pod, and gone with that process', async () => {
  const careless = spawn(lab.programs.zoo, ['leak-init', '3'], { stdio: 'ignore' });
  const ofHost = ({ nodeFindings }: SandboxesDocument): FindingJson | undefined =>
    nodeFindings.find(({ id, evidence }) => id === 'zombies-host' && evidence['parentPid'] === careless.pid);
  const document = await agent.until((it) => ofHost(it) !== undefined, WAIT_MS);
  expect(ofHost(document)).toMatchObject({ severity: 'info', evidence: { zombies: 3, parentKind: 'host' } });
  careless.kill('SIGKILL');
  await agent.until((it) => ofHost(it) === undefined, WAIT_MS);
}, 120_000);

test('"kill 1" in a shared PID namespace, again and again: the sandbox churns, and the advice says whose PID 1 it is', async () => {
  const [name, uid] = ['killed', 'b6a1c1de-0000-4000-8000-000000000001'];
  let pod = await runPod({ name, uid, pidMode: 'pod' });
  for (let attempt = 1; attempt <= 3; attempt++) {
    await sleep(3500);
    await pod.exec('app', ['kill', '-TERM', '1']).catch(() => undefined);
    await agent.until(
      (document) => document.sandboxes.some((it) => it.id === pod.sandboxId && it.state === 'notready'),
      WAIT_MS,
    );
    await pod.stop();
    pod = await runPod({
      name,
      uid,
      pidMode: 'pod',
      attempt,
      containers: [{ name: 'app', command: ['zoo', 'reaper'], attempt }],
    });
  }
  const churn = await raised(pod, 'sandbox-churn');
  expect(churn).toMatchObject({ severity: 'warning', evidence: { replaced: 3, attempt: 3, sharedPidNamespace: true } });
  expect(churn.remedy).toMatch(/"kill 1"/);
  await gone(pod, 'sandbox-churn');
  await removeAll(name);
}, 180_000);

test('A pause that exits at once, in one sandbox after the other', async () => {
  const image = 'registry.example/broken-pause:1';
  const zoo = readFileSync(lab.programs.zoo);
  await lab.importImages([
    { reference: image, files: [{ path: 'pause', content: zoo }], entrypoint: ['/pause', 'exit', '1'] },
  ]);
  const spec = { name: 'hasty', uid: 'b6a1c1de-0000-4000-8000-000000000002', pauseImage: image, containers: [] };
  const pods: LabPod[] = [];
  for (let attempt = 0; attempt < 3; attempt++) {
    pods.push(await runPod({ ...spec, attempt }));
    await sleep(300);
  }
  const [last] = pods.slice(-1);
  if (last === undefined) throw new Error('three pods');
  const early = await raised(last, 'pause-exits-early');
  expect(early).toMatchObject({ severity: 'critical', evidence: { attempt: 2 } });
  expect(early.remedy).toContain('architecture');
  expect(findingOf(await agent.document(), 'hasty', 'sandbox-churn')).toBeUndefined();
  await gone(last, 'pause-exits-early');
  await removeAll('hasty');
  await lab.containerd.stop();
  await lab.containerd.start(PAUSE_IMAGES.reaps);
}, 120_000);

test('After all that nothing is left to find', async () => {
  expect(ownFindings(await scanDocument(lab))).toEqual([]);
});

async function removeAll(name: string): Promise<void> {
  const { sandboxes } = await agent.document();
  for (const { id } of sandboxes.filter((it) => it.name === name)) {
    await lab.cri.stopPodSandbox(id);
    await lab.cri.removePodSandbox(id);
  }
}
