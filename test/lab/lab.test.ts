// Proves that the lab makes what it claims to make, by the kernel's word, and that it leaves nothing behind.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cgroupMounts } from './cgroup-trees.ts';
import { isClaimed } from './claim.ts';
import { type Lab, PAUSE_IMAGES, startLab } from './lab.ts';
import type { LabPod } from './pod.ts';
import { labObstacle } from './preflight.ts';
import { freeze, listProcesses, readProcess, type TableEntry } from './process-table.ts';
import { takeTraces } from './traces.ts';

const HANDLES_INT_TERM_CHLD = '0000000000014002';
const HANDLES_INT_TERM = '0000000000004002';

const obstacle = labObstacle();

function namespaceOf(pid: number, kind: string): string {
  return readlinkSync(`/proc/${pid}/ns/${kind}`);
}

function statusField(pid: number, field: string): string {
  const line = readFileSync(`/proc/${pid}/status`, 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${field}:`));
  return line?.slice(field.length + 1).trim() ?? '';
}

function childrenOf(pid: number): TableEntry[] {
  return listProcesses().filter((entry) => entry.ppid === pid);
}

/** Waits until `look` gives something true, and returns it. */
async function eventually<T>(look: () => T, what: string): Promise<NonNullable<T>> {
  for (let i = 0; i < 250; i++) {
    const seen = look();
    if (seen !== null && seen !== undefined && seen !== false) return seen;
    await sleep(20);
  }
  throw new Error(`never happened: ${what}`);
}

async function zombiesUnder(pid: number, count: number): Promise<TableEntry[]> {
  return eventually(() => {
    const zombies = childrenOf(pid).filter((entry) => entry.state === 'Z');
    return zombies.length === count ? zombies : undefined;
  }, `${count} zombies under ${pid}`);
}

function app(pod: LabPod): number {
  return pod.container('app').pid;
}

describe.skipIf(obstacle !== undefined)('the lab', { timeout: 120_000 }, () => {
  const before = takeTraces();
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab({ progress: (line) => process.stderr.write(`lab: ${line}\n`) });
  }, 600_000);
  afterAll(() => lab.close(), 60_000);

  function podWith(name: string, command: readonly string[], more: object = {}): Promise<LabPod> {
    return lab.runPod({ name, containers: [{ name: 'app', command }], ...more });
  }

  it('gives pods the PID namespaces of their mode', async () => {
    const [shared, own, host] = await Promise.all([
      podWith('pid-pod', ['zoo', 'sleep'], { pidMode: 'pod' }),
      podWith('pid-container', ['zoo', 'sleep'], { pidMode: 'container' }),
      podWith('pid-node', ['zoo', 'sleep'], { pidMode: 'node' }),
    ]);

    expect(namespaceOf(app(shared), 'pid')).toBe(namespaceOf(shared.pausePid, 'pid'));
    expect(namespaceOf(shared.pausePid, 'pid')).not.toBe(namespaceOf(process.pid, 'pid'));
    expect(namespaceOf(app(own), 'pid')).not.toBe(namespaceOf(own.pausePid, 'pid'));
    expect(statusField(app(own), 'NSpid').split('\t')).toEqual([String(app(own)), '1']);
    expect(namespaceOf(host.pausePid, 'pid')).toBe(namespaceOf(process.pid, 'pid'));
    expect(namespaceOf(app(host), 'pid')).toBe(namespaceOf(process.pid, 'pid'));
  });

  it('gives pods the network of the host or one of their own', async () => {
    const [host, cni] = await Promise.all([
      podWith('net-host', ['zoo', 'sleep']),
      podWith('net-cni', ['zoo', 'sleep'], { network: 'cni' }),
    ]);

    expect(namespaceOf(host.pausePid, 'net')).toBe(namespaceOf(process.pid, 'net'));
    expect(namespaceOf(cni.pausePid, 'net')).not.toBe(namespaceOf(process.pid, 'net'));
    expect(namespaceOf(app(cni), 'net')).toBe(namespaceOf(cni.pausePid, 'net'));
    expect(readFileSync(`/proc/${cni.pausePid}/net/fib_trie`, 'utf8')).toContain('10.222.0.');
  });

  it('puts pods below its own cgroup, named as the kubelet would', async () => {
    const pod = await podWith('cgroup', ['zoo', 'sleep'], { qos: 'burstable' });

    const line = readFileSync(`/proc/${app(pod)}/cgroup`, 'utf8')
      .split('\n')
      .find((entry) => /(pids|^0:)/.test(entry));
    expect(line).toContain(`${lab.cgroupParent}/kubepods/burstable/pod${pod.uid}/${pod.container('app').id}`);
  });

  it('has pauses that handle what upstream handles', async () => {
    const reaping = await lab.runPod({ name: 'pause-reaps' });
    const notReaping = await lab.runPod({ name: 'pause-no-reap', pauseImage: PAUSE_IMAGES.noReap });
    await lab.addPauseImage('example.test/own/pause:42', 'reaps');
    const own = await lab.runPod({ name: 'pause-own', pauseImage: 'example.test/own/pause:42' });

    expect(statusField(reaping.pausePid, 'SigCgt')).toBe(HANDLES_INT_TERM_CHLD);
    expect(statusField(notReaping.pausePid, 'SigCgt')).toBe(HANDLES_INT_TERM);
    expect(statusField(own.pausePid, 'SigCgt')).toBe(HANDLES_INT_TERM_CHLD);
    expect(statusField(own.pausePid, 'Uid')).toBe('65535\t65535\t65535\t65535');
    const ids = (await lab.cri.listImages()).map((image) => image.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBe(5);
  });

  it('leaks under the process that is said to leak', async () => {
    const [init, below, orphans, renamed] = await Promise.all([
      podWith('leak-init', ['zoo', 'leak-init', '3']),
      podWith('leak-below', ['zoo', 'leak-below', '4']),
      podWith('leak-orphans', ['zoo', 'child', 'orphans', '5', '--', 'sleep']),
      podWith('leak-renamed', ['zoo', 'rename', '2920282000780a', '--', 'leak-init', '1']),
    ]);

    await zombiesUnder(app(init), 3);
    const parent = await eventually(() => childrenOf(app(below))[0], 'a child that leaks');
    await zombiesUnder(parent.pid, 4);
    expect(parent.state).not.toBe('Z');
    await zombiesUnder(app(orphans), 5);
    const [odd] = await zombiesUnder(app(renamed), 1);
    expect(odd?.comm).toBe(') ( ');
  });

  it('leaves orphans of a shared namespace to pause: one reaps, the other does not', async () => {
    const command = ['zoo', 'orphans', '5'];
    const reaping = await podWith('orphans-reaped', command, { pidMode: 'pod' });
    const notReaping = await podWith('orphans-kept', command, { pidMode: 'pod', pauseImage: PAUSE_IMAGES.noReap });

    await zombiesUnder(notReaping.pausePid, 5);
    await zombiesUnder(reaping.pausePid, 0);
    expect(childrenOf(reaping.pausePid)).toEqual([]);
  });

  it('makes dead leaders, crowds, threads and nested namespaces', async () => {
    const [dead, deadBelow, crowd, threads, nested] = await Promise.all([
      podWith('dead-leader', ['zoo', 'dead-leader']),
      podWith('dead-leader-below', ['zoo', 'dead-leader-below']),
      podWith('crowd', ['zoo', 'crowd', '50']),
      podWith('threads', ['zoo', 'threads', '20']),
      podWith('nested', ['zoo', 'nested', 'nested', 'leak-init', '2']),
    ]);

    await eventually(() => readProcess(app(dead))?.state === 'Z', 'a dead leader');
    expect(readProcess(app(dead))?.threads).toBe(2);
    const below = await eventually(() => childrenOf(app(deadBelow)).find((entry) => entry.state === 'Z'), 'one below');
    expect(below.threads).toBe(2);
    await eventually(() => childrenOf(app(crowd)).length === 50, 'a crowd of 50');
    await eventually(() => readProcess(app(threads))?.threads === 21, '21 threads');
    const inner = await eventually(() => childrenOf(childrenOf(app(nested))[0]?.pid ?? 0)[0], 'the inner init');
    await zombiesUnder(inner.pid, 2);
    expect(statusField(inner.pid, 'NSpid').split('\t')).toHaveLength(4);
    // A shim never learns of such an end by itself.
    process.kill(app(dead), 'SIGKILL');
  });

  it('runs commands in containers, limits PIDs, and adds and removes', async () => {
    const pod = await podWith('exec', ['zoo', 'sleep']);

    expect(await pod.exec('app', ['sh', '-c', 'echo out; echo err >&2; exit 3'])).toEqual({
      exitCode: 3,
      stdout: 'out\n',
      stderr: 'err\n',
    });
    await expect(pod.exec('app', ['sleep', '60'], 1)).rejects.toThrow(/deadline|timeout/i);
    const added = await pod.addContainer({
      name: 'debugger',
      command: ['zoo', 'sleep'],
      pidTarget: pod.container('app').id,
    });
    expect(namespaceOf(added.pid, 'pid')).toBe(namespaceOf(app(pod), 'pid'));
    // Room for the threads of the program that starts the command.
    pod.setPidsLimit(25);
    const crowd = 'for i in $(seq 40); do sleep 1 & done; wait';
    expect((await pod.exec('app', ['sh', '-c', crowd])).stderr).toMatch(/fork/);
    await pod.remove();
    expect(existsSync(`/proc/${pod.pausePid}/exe`)).toBe(false);
    for (const mount of cgroupMounts()) expect(existsSync(join(mount.path, pod.cgroup))).toBe(false);
  });

  it('restarts, kills and freezes containerd under living pods', async () => {
    const pod = await podWith('survivor', ['zoo', 'sleep']);

    await lab.containerd.kill();
    expect(readProcess(pod.pausePid)?.state).toBe('S');
    await lab.containerd.start();
    expect(await lab.cri.sandboxPid(pod.sandboxId)).toBe(pod.pausePid);
    await lab.containerd.freeze();
    try {
      await expect(lab.cri.version(300)).rejects.toThrow(/DEADLINE_EXCEEDED/);
    } finally {
      lab.containerd.unfreeze();
    }
    expect((await lab.cri.version(5000)).name).toBe('containerd');
  });

  it('leaves no trace, whatever state it is closed in', async () => {
    const pod = await podWith('stopped', ['zoo', 'leak-below', '2'], { network: 'cni' });
    const shim = readProcess(pod.pausePid)?.ppid ?? 0;
    await freeze(shim);
    process.kill(pod.pausePid, 'SIGKILL');
    const frozen = await podWith('frozen', ['zoo', 'sleep']);
    const freezer = cgroupMounts().find((mount) => mount.controllers.includes('freezer'));
    if (freezer !== undefined) writeFileSync(join(freezer.path, frozen.cgroup, 'freezer.state'), 'FROZEN');
    await lab.containerd.freeze();
    await lab.close();

    expect(takeTraces()).toEqual(before);
  });
});

describe.skipIf(obstacle !== undefined)('a lab whose process ends', { timeout: 120_000 }, () => {
  const front = join(import.meta.dirname, 'lab.ts');

  /** Starts a process with a lab and one pod in it; gives the process once the pod runs. */
  async function labInChild(ending: string) {
    const script = `
      import { startLab } from ${JSON.stringify(front)};
      const lab = await startLab();
      await lab.runPod({ name: 'p', network: 'cni', containers: [{ name: 'app', command: ['zoo', 'leak-init', '2'] }] });
      process.stdout.write(lab.directory.path + '\\n');
      ${ending}`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const path = await new Promise<string>((resolve, reject) => {
      child.once('exit', () => reject(new Error('the process ended before its pod ran')));
      child.stdout.setEncoding('utf8');
      child.stdout.once('data', (text: string) => resolve(text.trim()));
    });
    return { child, ended, path };
  }

  it.each(['SIGTERM', 'SIGINT'] as const)('cleans up on %s', async (name) => {
    const before = takeTraces();
    const { child, ended } = await labInChild('setInterval(() => {}, 1000);');
    child.kill(name);
    await ended;

    expect(child.signalCode).toBe(name);
    expect(takeTraces()).toEqual(before);
  });

  it('cleans up on an uncaught exception', async () => {
    const before = takeTraces();
    const { child, ended } = await labInChild('throw new Error("on purpose");');
    await ended;

    expect(child.exitCode).toBe(1);
    expect(takeTraces()).toEqual(before);
  });

  it('is swept away by the next lab when it was killed outright', async () => {
    const before = takeTraces();
    const { child, ended, path } = await labInChild('setInterval(() => {}, 1000);');
    expect(isClaimed(basename(path))).toBe(true);
    child.kill('SIGKILL');
    await ended;
    expect(isClaimed(basename(path))).toBe(false);
    expect(readdirSync(path)).toContain('containerd.sock');

    await (await startLab()).close();

    expect(takeTraces()).toEqual(before);
  });
});
