/** The readers against the kernel this test runs on. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Process } from '../../src/core/model.ts';
import { createCgroupfs } from '../../src/kernel/cgroups/cgroupfs.ts';
import { findPidsHierarchy } from '../../src/kernel/cgroups/pids-hierarchy.ts';
import { createProcfs } from '../../src/kernel/processes/procfs.ts';
import { createBytesReader } from '../../src/kernel/reading/bytes-reader.ts';

/** A sleep that adopted a dead child by exec, and will never collect it. */
function spawnParentOfZombie(): number {
  const parent = spawn('sh', ['-c', 'sleep 0.05 & exec sleep 30'], { stdio: 'ignore' });
  onTestFinished(() => {
    parent.kill('SIGKILL');
  });
  if (parent.pid === undefined) throw new Error('sh could not be started');
  return parent.pid;
}

async function waitForProcess(
  look: () => Promise<readonly Process[]>,
  fits: (process: Process) => boolean,
): Promise<Process> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const found = (await look()).find(fits);
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('the process did not appear');
}

describe('the procfs of this machine', () => {
  test('shows this process as it knows itself', async () => {
    const procfs = createProcfs({ root: '/proc' });
    const sweep = await procfs.sweep();
    expect(sweep.up).toBe(true);
    const self = sweep.processes.find(({ pid }) => pid === process.pid);
    expect(self).toMatchObject({ ppid: process.ppid });
    expect(self?.cgroup?.startsWith('/')).toBe(true);
    const startedAtMs = (sweep.bootTimeMs ?? 0) + (self?.startTicks ?? 0) * 10;
    expect(Math.abs(startedAtMs - (Date.now() - process.uptime() * 1000))).toBeLessThan(5000);

    const probe = (await procfs.probe(self === undefined ? [] : [self], { pausePids: new Set() })).get(process.pid);
    expect(probe).toMatchObject({ exe: process.execPath, uid: process.getuid?.(), unknown: {} });
    expect(probe?.nsPids.at(-1)).toBe(process.pid);
  });

  test('shows a real zombie with its parent, and of it what the kernel keeps', async () => {
    const parentPid = spawnParentOfZombie();
    const procfs = createProcfs({ root: '/proc' });
    const zombie = await waitForProcess(
      async () => (await procfs.sweep()).processes,
      ({ ppid, state }) => ppid === parentPid && state === 'Z',
    );
    expect(zombie).toMatchObject({ comm: 'sleep', threads: 1 });
    expect(procfs.readState(zombie.pid)).toEqual({ value: { startTicks: zombie.startTicks, state: 'Z' } });
    const probe = (await procfs.probe([zombie], { pausePids: new Set([zombie.pid]) })).get(zombie.pid);
    expect(probe?.nsPids.length).toBeGreaterThan(0);
    expect(probe?.namespaces.pid).toBeGreaterThan(0);
    expect(probe?.unknown).toMatchObject({ exe: 'unsupported', exeSha256: 'unsupported', rssBytes: 'unsupported' });
  });
});

describe('a file of this kernel that is no list comes whole with one read, longer than a page and than the buffer', () => {
  /** A program that says when it is set up. */
  async function start(...command: readonly string[]): Promise<number> {
    const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'ignore'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    return child.pid ?? 0;
  }
  const STAY = "process.stdout.write('set up'); setInterval(() => undefined, 1000);";

  test('a command line', async () => {
    const pid = await start('-e', STAY, 'x'.repeat(100_000), 'y'.repeat(100_000), 'end');
    const text = createBytesReader().readText(`/proc/${pid}/cmdline`);
    expect(text === readFileSync(`/proc/${pid}/cmdline`, 'latin1')).toBe(true);
    expect(text.endsWith('y\0end\0')).toBe(true);
  });

  test.skipIf(process.getuid?.() !== 0)('the status of a process with 65,536 groups', async () => {
    const groups = 'process.setgroups(Array.from({ length: 65_536 }, (_, at) => 4_000_000_000 + at));';
    const text = createBytesReader().readText(`/proc/${await start('-e', groups + STAY)}/status`);
    expect(/^Groups:\t(.*)$/m.exec(text)?.[1]?.trim().split(' ')).toHaveLength(65_536);
    expect(text).toMatch(/\nnonvoluntary_ctxt_switches:\t\d+\n$/);
  });

  test.each(['stat', 'self/cgroup'])('%s', (file) => {
    const text = createBytesReader().readText(`/proc/${file}`);
    expect(text.split('\n').length).toBe(readFileSync(`/proc/${file}`, 'latin1').split('\n').length);
  });
});

describe('the cgroupfs of this machine', () => {
  const base = findPidsHierarchy('/sys/fs/cgroup', createBytesReader())?.base;

  test.skipIf(base === undefined || !isWritable(base))('shows a cgroup that this test made', async () => {
    const id = 'e'.repeat(60) + process.pid.toString(16).padStart(4, '0').slice(-4);
    mkdirSync(`${base}/${id}`);
    onTestFinished(() => rmdirSync(`${base}/${id}`));
    const look = await createCgroupfs({ root: '/sys/fs/cgroup' }).read([id]);
    expect(look).toMatchObject({ up: true, faults: [], cgroupOf: { [id]: `/${id}` } });
    expect(look.cgroups[`/${id}`]).toMatchObject({ current: 0, limit: undefined, limitHits: 0 });
  });
});

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
