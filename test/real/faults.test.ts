/** Each fault, made for real, gives the finding it should and nothing else; undone, it is gone. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lab, PAUSE_IMAGES, startLab } from '../lab/lab.ts';
import type { LabPod } from '../lab/pod.ts';
import type { PodSpec } from '../lab/pod-spec.ts';
import { freeze, listProcesses } from '../lab/process-table.ts';
import { aboveInfo, allFindings, findingIds, sandboxOf } from './document.ts';
import { type RunningAgent, scan, scanDocument, startAgent } from './program.ts';

const APP = { name: 'app', command: ['zoo', 'reaper'] };
/** Findings that belong to an image, not to a pod's own trouble. */
const OF_IMAGES = new Set(['pause-image-too-old', 'pause-image-legacy-registry', 'pause-image-unrecognized']);

let lab: Lab;
let agent: RunningAgent;

beforeAll(async () => {
  lab = await startLab();
  agent = await startAgent(lab, '--audit.interval', '2s', '--settle', '1s');
});

afterAll(async () => {
  await agent?.stop();
  await lab?.close();
});

let made = 0;

function runPod(spec: Partial<PodSpec>): Promise<LabPod> {
  return lab.runPod({ name: `pod-${made++}`, namespace: 'faults', containers: [APP], ...spec });
}

/** The one finding of a pod besides those of its image. */
async function onlyFinding({ name }: LabPod) {
  const { findings } = sandboxOf(await scanDocument(lab), name);
  const own = findings.filter(({ id }) => !OF_IMAGES.has(id));
  expect(own).toHaveLength(1);
  return own[0];
}

test('A pause killed in a pod with its own PID namespaces: dead, while its container runs on', async () => {
  const pod = await runPod({});
  process.kill(pod.pausePid, 'SIGKILL');
  await sleep(500);
  const finding = await onlyFinding(pod);
  expect(finding).toMatchObject({ id: 'pause-dead-containers-running', severity: 'critical' });
  expect(finding?.evidence).toMatchObject({ containers: ['app'], sandboxState: 'notready' });
  expect(sandboxOf(await scanDocument(lab), pod.name)).toMatchObject({ pause: null, noPauseReason: 'exited' });
  await pod.remove();
  expect((await scanDocument(lab)).sandboxes.map(({ name }) => name)).not.toContain(pod.name);
});

test('A pause killed in a shared PID namespace takes the pod with it: nothing is left to find', async () => {
  const pod = await runPod({ pidMode: 'pod' });
  process.kill(pod.pausePid, 'SIGKILL');
  await sleep(1000);
  expect(findingIds(await scanDocument(lab), pod.name)).toEqual([]);
  await pod.remove();
});

test.each([
  { pidMode: 'pod', severity: 'critical' },
  { pidMode: 'container', severity: 'warning' },
] as const)(
  'A stopped pause with PID mode $pidMode is $severity, and fine again when it continues',
  async ({ pidMode, severity }) => {
    const pod = await runPod({ pidMode });
    process.kill(pod.pausePid, 'SIGSTOP');
    expect(await onlyFinding(pod)).toMatchObject({ id: 'pause-stopped', severity });
    process.kill(pod.pausePid, 'SIGCONT');
    expect(findingIds(await scanDocument(lab), pod.name)).toEqual([]);
    await pod.remove();
  },
);

test('Orphans that pile up under a stopped pause are told with it, not as a pause that cannot reap', async () => {
  const pod = await runPod({ pidMode: 'pod' });
  process.kill(pod.pausePid, 'SIGSTOP');
  await pod.exec('app', ['zoo', 'orphans', '6', '--', 'exit', '0']);
  const finding = await onlyFinding(pod);
  expect(finding).toMatchObject({ id: 'pause-stopped', evidence: { zombies: 6 } });
  expect(sandboxOf(await scanDocument(lab), pod.name).zombies.items.map(({ parent }) => parent?.kind)).toEqual(
    Array.from({ length: 6 }, () => 'pause'),
  );
  process.kill(pod.pausePid, 'SIGCONT');
  await sleep(200);
  expect(sandboxOf(await scanDocument(lab), pod.name)).toMatchObject({ zombies: { count: 0 }, findings: [] });
  await pod.remove();
});

test('A pause without a handler for dead children is named before and after the first zombie', async () => {
  const pod = await runPod({ pidMode: 'pod', pauseImage: PAUSE_IMAGES.noReap });
  expect(await onlyFinding(pod)).toMatchObject({
    id: 'pause-not-reaping',
    severity: 'warning',
    evidence: { zombies: 0 },
  });
  await pod.exec('app', ['zoo', 'orphans', '5', '--', 'exit', '0']);
  expect(await onlyFinding(pod)).toMatchObject({
    id: 'pause-not-reaping',
    evidence: { zombies: 5, pausePid: pod.pausePid },
  });
  expect(sandboxOf(await scanDocument(lab), pod.name).pause?.reaps).toBe('no');
  await pod.remove();
});

test('100 zombies under a pause that cannot reap are critical', async () => {
  const pod = await runPod({ pidMode: 'pod', pauseImage: PAUSE_IMAGES.noReap });
  await pod.exec('app', ['zoo', 'orphans', '100', '--', 'exit', '0']);
  expect(await onlyFinding(pod)).toMatchObject({ id: 'pause-not-reaping', severity: 'critical' });
  await pod.remove();
});

test('The same pause in a pod that does not share its PID namespace is no trouble of the pod', async () => {
  const pod = await runPod({ pauseImage: PAUSE_IMAGES.noReap });
  const { findings, pause } = sandboxOf(await scanDocument(lab), pod.name);
  expect(findings.map(({ id, subject }) => [id, subject.kind])).toEqual([['pause-image-too-old', 'image']]);
  expect(pause?.reaps).toBe('no');
  await pod.remove();
});

test('A pause image of the frozen registry is told once, as an image', async () => {
  const pod = await runPod({ pauseImage: PAUSE_IMAGES.oldRegistry });
  const { findings } = sandboxOf(await scanDocument(lab), pod.name);
  expect(findings).toMatchObject([
    { id: 'pause-image-legacy-registry', severity: 'warning', subject: { kind: 'image' } },
  ]);
  await pod.remove();
});

test('An app that never waits as PID 1: the remedy is an init', async () => {
  const pod = await runPod({ containers: [{ name: 'app', command: ['zoo', 'leak-init', '4'] }] });
  const finding = await onlyFinding(pod);
  expect(finding).toMatchObject({
    id: 'zombies-container-init',
    severity: 'info',
    subject: { kind: 'container', container: 'app' },
    evidence: { zombies: 4, parentPid: pod.container('app').pid, parentNsPid: 1, parentKind: 'container-init' },
  });
  expect(finding?.remedy).toMatch(/init .*shareProcessNamespace/);
  await pod.remove();
});

test('Young zombies that fill a PID limit are a fact yet, and the limit is near', async () => {
  const pod = await runPod({});
  pod.setPidsLimit(30);
  await pod.addContainer({ name: 'leaker', command: ['zoo', 'leak-init', '25'] });
  const { findings, pids } = sandboxOf(await scanDocument(lab), pod.name);
  expect(findings.filter(({ id }) => !OF_IMAGES.has(id))).toMatchObject([
    { id: 'pid-limit-near', severity: 'warning', evidence: { tasks: 28, limit: 30, zombies: 25 } },
    { id: 'zombies-container-init', severity: 'info' },
  ]);
  expect(pids).toMatchObject({ limit: 30, limitFrom: 'pod' });
  await pod.remove();
});

test('An app that never waits below PID 1: an init is said not to help', async () => {
  const pod = await runPod({ containers: [{ name: 'app', command: ['zoo', 'leak-below', '4', '--', 'reaper'] }] });
  const finding = await onlyFinding(pod);
  expect(finding).toMatchObject({ id: 'zombies-app-parent', evidence: { zombies: 4, parentKind: 'process' } });
  expect(finding?.evidence['parentPid']).not.toBe(pod.container('app').pid);
  expect(finding?.remedy).toMatch(/Neither an init nor/);
  await pod.remove();
});

test('The dead that a tracer keeps are the tracer’s: nobody else is blamed, and nothing is left when it ends', async () => {
  const pod = await runPod({ containers: [{ name: 'app', command: ['zoo', 'child', 'sleep', '--', 'reaper'] }] });
  const app = pod.container('app').pid;
  const child = listProcesses().find(({ ppid }) => ppid === app)?.pid ?? 0;
  const tracer = spawn(lab.programs.zoo, ['trace', String(child)], { stdio: 'ignore' });
  const other = spawn(lab.programs.zoo, ['trace', String(app)], { stdio: 'ignore' });
  await expect.poll(() => [child, app].map(tracerOf)).toEqual([tracer.pid, other.pid]);
  process.kill(child, 'SIGKILL');
  const traced = sandboxOf(await scanDocument(lab), pod.name);
  expect(traced).toMatchObject({ findings: [], zombies: { count: 1 } });
  expect(traced.zombies.items).toMatchObject([{ parent: { pid: tracer.pid, comm: 'zoo', kind: 'host' } }]);
  // While it keeps a member of the namespace, PID 1 of that could not end.
  tracer.kill('SIGKILL');
  await expect.poll(() => existsSync(`/proc/${child}`)).toBe(false);
  process.kill(app, 'SIGKILL');
  expect(await onlyFinding(pod)).toMatchObject({
    id: 'container-init-zombie',
    evidence: { parentPid: other.pid, parentComm: 'zoo' },
  });
  other.kill('SIGKILL');
  await expect.poll(async () => findingIds(await scanDocument(lab), pod.name), { timeout: 20_000 }).toEqual([]);
  await pod.remove();
});

/** Who traces a process (proc_pid_status(5)). */
function tracerOf(pid: number): number {
  return Number(/^TracerPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

test('A dead leader with a live thread is no zombie, and its container hangs', async () => {
  const pod = await runPod({ containers: [{ name: 'app', command: ['zoo', 'dead-leader'] }] });
  await sleep(300);
  expect(await onlyFinding(pod)).toMatchObject({
    id: 'container-init-zombie',
    severity: 'critical',
    evidence: { liveThreads: 1 },
  });
  expect(sandboxOf(await scanDocument(lab), pod.name).zombies.count).toBe(0);
  process.kill(pod.container('app').pid, 'SIGKILL');
  await sleep(500);
  expect(findingIds(await scanDocument(lab), pod.name)).toEqual([]);
  await pod.remove();
});

test('A dead leader below PID 1 is neither zombie nor finding', async () => {
  const pod = await runPod({ containers: [{ name: 'app', command: ['zoo', 'dead-leader-below', '--', 'reaper'] }] });
  expect(sandboxOf(await scanDocument(lab), pod.name)).toMatchObject({ zombies: { count: 0 }, findings: [] });
  await pod.remove();
});

test('A frozen shim leaves pause and app as zombies: both are told, with the shim that holds them', async () => {
  const pod = await runPod({});
  const shim = Number(/^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pod.pausePid}/status`, 'utf8'))?.[1]);
  await freeze(shim);
  process.kill(pod.pausePid, 'SIGKILL');
  process.kill(pod.container('app').pid, 'SIGKILL');
  const { findings, zombies } = sandboxOf(await scanDocument(lab), pod.name);
  expect(findings.map(({ id }) => id).toSorted()).toEqual([
    'container-init-zombie',
    'pause-zombie',
    'shim-stuck',
    'zombies-runtime',
  ]);
  expect(findings.find(({ id }) => id === 'pause-zombie')?.evidence).toMatchObject({
    parentPid: shim,
    parentState: 'T',
  });
  expect(zombies.items.map(({ parent }) => parent?.kind)).toEqual(['runtime', 'runtime']);
  process.kill(shim, 'SIGCONT');
  await sleep(1500);
  expect(findingIds(await scanDocument(lab), pod.name)).toEqual([]);
  await pod.remove();
});

test('The pause image removed under live pods: no new pod can start', async () => {
  const image = 'registry.example/pause:3.9';
  await lab.addPauseImage(image, 'reaps');
  const pod = await runPod({ pauseImage: image });
  await lab.cri.removeImage(image);
  const { nodeFindings } = await scanDocument(lab);
  expect(aboveInfo(nodeFindings)).toMatchObject([{ id: 'pause-image-missing', severity: 'critical' }]);
  await lab.addPauseImage(image, 'reaps');
  expect(aboveInfo((await scanDocument(lab)).nodeFindings)).toEqual([]);
  await pod.remove();
});

test('A pause that is killed is noticed within 1.5 s, long before the next audit is due', async () => {
  const pod = await runPod({});
  const watching = await startAgent(lab, '--audit.interval', '1h', '--settle', '1s');
  await sleep(1500);
  process.kill(pod.pausePid, 'SIGKILL');
  const killedMs = performance.now();
  const seen = await watching.until((document) => findingIds(document, pod.name).length > 0, 3000);
  expect(performance.now() - killedMs).toBeLessThan(1500);
  expect(findingIds(seen, pod.name)).toEqual(['pause-dead-containers-running']);
  expect(await watching.text('/metrics')).toMatch(/^pausewatch_pause_deaths_total\{reason="unknown"\} 1$/m);
  await watching.stop();
  await pod.remove();
});

test('A finding is new first, confirmed by the next audit, in the metrics only then, and gone after two clean ones', async () => {
  const pod = await runPod({});
  await agent.until((document) => document.sandboxes.some(({ name }) => name === pod.name));
  process.kill(pod.pausePid, 'SIGSTOP');
  await agent.until((document) => findingIds(document, pod.name).includes('pause-stopped'));
  await agent.until((document) => sandboxOf(document, pod.name).findings.some(({ confirmed }) => confirmed));
  const series = `pausewatch_pod_finding{namespace="faults",pod="${pod.name}",finding="pause-stopped",level="warning"} 1`;
  expect(await agent.text('/metrics')).toContain(series);
  process.kill(pod.pausePid, 'SIGCONT');
  await agent.until((document) => findingIds(document, pod.name).length === 0);
  expect(await agent.text('/metrics')).not.toContain(series);
  await pod.remove();
});

test('After all that the node is clean', async () => {
  expect(aboveInfo(allFindings(await scanDocument(lab)))).toEqual([]);
  const { code, stdout } = await scan(lab);
  expect({ code, healthy: stdout.includes('0 of 0 pods fine') }).toEqual({ code: 0, healthy: true });
});
