/** What hangs, made for real: a pause that cannot end, that is frozen, a stopped shim, a thread that no signal reaches. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cgroupMounts } from '../lab/cgroup-trees.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import type { LabPod } from '../lab/pod.ts';
import { freeze, readProcess } from '../lab/process-table.ts';
import { findingIds, ownFindings, sandboxOf } from './document.ts';
import { idsIn, judgeLater, oneFinding } from './moved-clock.ts';
import { scanDocument } from './program.ts';

const APP = { name: 'app', command: ['zoo', 'reaper'] };

let lab: Lab;

beforeAll(async () => {
  lab = await startLab();
});

afterAll(() => lab?.close());

/** Waits for a condition; what it waits for is seconds away at most. */
async function until(what: string, holds: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + 10_000;
  while (!holds()) {
    if (performance.now() > deadlineMs) throw new Error(`in vain: ${what}`);
    await sleep(20);
  }
}

function wchanOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/wchan`, 'utf8');
  } catch {
    return 'gone';
  }
}

/** A process of the node that holds a zombie in the PID namespace of `pid`. */
async function holdZombieIn(pid: number): Promise<ChildProcess> {
  const holder = spawn(lab.programs.zoo, ['hold-in', String(pid)], { stdio: 'ignore' });
  await until('a zombie under the holder', () => {
    const children = readFileSync(`/proc/${holder.pid}/task/${holder.pid}/children`, 'utf8').trim();
    return children !== '' && readProcess(Number(children))?.state === 'Z';
  });
  return holder;
}

/** Whether the kernel has done it: the order takes a moment. */
function isFrozen(pod: LabPod, version: 1 | 2): boolean {
  if (version === 1) return wchanOf(pod.pausePid) === '__refrigerator';
  const mount = cgroupMounts().find((it) => it.version === 2);
  const events = join(mount?.path ?? '', pod.cgroup, pod.sandboxId, 'cgroup.events');
  return /^frozen 1$/m.test(readFileSync(events, 'utf8'));
}

/** Freezes or thaws a cgroup of the pod with cgroup v1 or v2; false where that is not mounted here. */
function setFrozen(pod: LabPod, id: string, version: 1 | 2, frozen: boolean): boolean {
  const mount = cgroupMounts().find(
    (it) => it.version === version && (version === 2 || it.controllers.includes('freezer')),
  );
  if (mount === undefined) return false;
  const directory = join(mount.path, pod.cgroup, id);
  if (!existsSync(directory)) return false;
  if (version === 1) writeFileSync(join(directory, 'freezer.state'), frozen ? 'FROZEN' : 'THAWED');
  else writeFileSync(join(directory, 'cgroup.freeze'), frozen ? '1' : '0');
  return true;
}

test('A pause that was killed while somebody outside holds a zombie of its pod: the holder is named, and frees it', async () => {
  const pod = await lab.runPod({ name: 'dying', pidMode: 'pod', containers: [APP] });
  const holder = await holdZombieIn(pod.pausePid);
  expect(findingIds(await scanDocument(lab), 'dying')).toEqual([]);
  process.kill(pod.pausePid, 'SIGKILL');
  await until('pause waits for the zombie', () => wchanOf(pod.pausePid) === 'zap_pid_ns_processes');
  const sandbox = sandboxOf(await scanDocument(lab), 'dying');
  const finding = sandbox.findings.find(({ id }) => id === 'pause-dying');
  expect(finding).toMatchObject({
    severity: 'critical',
    evidence: { pausePid: pod.pausePid, zombies: 1, holderPid: holder.pid, holderComm: 'zoo' },
  });
  expect(finding?.remedy).toContain(`End zoo (PID ${holder.pid})`);
  expect(finding?.remedy).not.toMatch(/kill -KILL/);
  holder.kill('SIGKILL');
  await until('pause has ended', () => wchanOf(pod.pausePid) === 'gone');
  expect(findingIds(await scanDocument(lab), 'dying')).not.toContain('pause-dying');
  await pod.remove();
});

test.each([1, 2] as const)(
  'A pause frozen with its cgroup by cgroup v%i is told as frozen, and fine when thawed',
  async (version) => {
    const pod = await lab.runPod({ name: `frozen-${version}`, pidMode: 'pod', containers: [APP] });
    const isPossible = setFrozen(pod, pod.sandboxId, version, true);
    // One of the two is mounted on any Linux; this test says which it saw.
    expect(isPossible || cgroupMounts().every((it) => it.version !== version)).toBe(true);
    if (isPossible) {
      await until('pause is frozen', () => isFrozen(pod, version));
      const { findings, pause } = sandboxOf(await scanDocument(lab), pod.name);
      expect(pause?.state).toBe(version === 1 ? 'D' : 'S');
      expect(findings).toMatchObject([{ id: 'pause-stopped', severity: 'critical', evidence: { frozen: true } }]);
      expect(findings[0]?.remedy).toMatch(/Thaw .*cgroup\.freeze/);
      setFrozen(pod, pod.sandboxId, version, false);
      await until('pause runs again', () => !isFrozen(pod, version));
      expect(findingIds(await scanDocument(lab), pod.name)).toEqual([]);
    }
    await pod.remove();
  },
);

test('A thread that no signal reaches keeps a dead leader: thread and wait channel are named', async () => {
  const pod = await lab.runPod({ name: 'leader', containers: [{ name: 'app', command: ['zoo', 'dead-leader'] }] });
  const { id, pid } = pod.container('app');
  await until('the leader has ended', () => readProcess(pid)?.state === 'Z');
  const asleep = sandboxOf(await scanDocument(lab), 'leader').findings;
  expect(asleep).toMatchObject([{ id: 'container-init-zombie', evidence: { stuckThread: null, threadStates: ['S'] } }]);
  expect(asleep[0]?.remedy).toContain(`kill -KILL ${pid}`);
  if (setFrozen(pod, id, 1, true)) {
    await sleep(200);
    const [stuck] = sandboxOf(await scanDocument(lab), 'leader').findings;
    expect(stuck).toMatchObject({ evidence: { stuckIn: '__refrigerator', threadStates: ['D'] } });
    expect(stuck?.remedy).toContain(`/proc/${pid}/task/${String(stuck?.evidence['stuckThread'])}/stack`);
    setFrozen(pod, id, 1, false);
  }
  process.kill(pid, 'SIGKILL');
  await until('the process is gone', () => readProcess(pid) === undefined);
  expect(findingIds(await scanDocument(lab), 'leader')).toEqual([]);
  await pod.remove();
});

test('A stopped shim is told before anything of its pod has died, and fine when it continues', async () => {
  const pod = await lab.runPod({ name: 'shim', containers: [APP] });
  const shim = readProcess(pod.pausePid)?.ppid ?? 0;
  await freeze(shim);
  const { findings } = sandboxOf(await scanDocument(lab), 'shim');
  expect(findings).toMatchObject([
    { id: 'shim-stuck', severity: 'warning', subject: { kind: 'shim' }, evidence: { pid: shim, reason: 'stopped' } },
  ]);
  expect(findings[0]?.remedy).toContain(`kill -CONT ${shim}`);
  process.kill(shim, 'SIGCONT');
  expect(findingIds(await scanDocument(lab), 'shim')).toEqual([]);
  await pod.remove();
});

test('Zombies that a stopped shim leaves lying keep it stuck after it was told, and its container RUNNING on paper', async () => {
  const pod = await lab.runPod({ name: 'paper', containers: [APP] });
  const shim = readProcess(pod.pausePid)?.ppid ?? 0;
  await freeze(shim);
  process.kill(pod.container('app').pid, 'SIGKILL');
  const { later } = await judgeLater(lab, 120_000);
  expect(idsIn(later, 'paper')).toEqual(['container-init-zombie', 'shim-stuck', 'zombies-runtime']);
  expect(oneFinding(later, 'shim-stuck').evidence).toMatchObject({ zombies: 1 });
  process.kill(shim, 'SIGCONT');
  await until('the app is collected', () => readProcess(pod.container('app').pid) === undefined);
  expect(idsIn((await judgeLater(lab, 120_000)).later, 'paper')).toEqual([]);
  await pod.remove();
});

test('After all that the node is clean', async () => {
  expect(ownFindings(await scanDocument(lab))).toEqual([]);
});
