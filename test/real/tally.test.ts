/** The tally on real pods: every kind of dead task, by container, as the kernel counts them and as a sweep finds them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Process } from '../../src/core/model.ts';
import { createCgroupfs } from '../../src/kernel/cgroups/cgroupfs.ts';
import { createKernelLooks, type KernelLook } from '../../src/kernel/kernel-looks.ts';
import { createProcfs } from '../../src/kernel/processes/procfs.ts';
import type { Named } from '../../src/kernel/tally.ts';
import { countSweeps } from '../kernel/count-sweeps.ts';
import { type Lab, PAUSE_IMAGES, startLab } from '../lab/lab.ts';
import type { LabPod } from '../lab/pod.ts';
import type { PodSpec } from '../lab/pod-spec.ts';
import { labObstacle } from '../lab/preflight.ts';

/** What runs, and how many unreaped tasks the container `app` then has. */
const CASES: readonly {
  readonly pod: Omit<PodSpec, 'containers'>;
  readonly command: readonly string[];
  readonly dead: number;
}[] = [
  { pod: { name: 'quiet' }, command: ['zoo', 'sleep'], dead: 0 },
  { pod: { name: 'leak-init' }, command: ['zoo', 'leak-init', '3'], dead: 3 },
  { pod: { name: 'leak-below' }, command: ['zoo', 'leak-below', '4'], dead: 4 },
  { pod: { name: 'dead-leader-below' }, command: ['zoo', 'dead-leader-below'], dead: 1 },
  { pod: { name: 'threads' }, command: ['zoo', 'threads', '20'], dead: 0 },
  { pod: { name: 'nested' }, command: ['zoo', 'nested', 'nested', 'leak-init', '2'], dead: 2 },
  // More tasks than a page of the list holds.
  { pod: { name: 'crowd' }, command: ['zoo', 'child', 'crowd', '1500', '--', 'leak-init', '1'], dead: 1 },
  { pod: { name: 'host-pid', pidMode: 'node' }, command: ['zoo', 'leak-below', '5'], dead: 5 },
  {
    pod: { name: 'orphans-of-pause', pidMode: 'pod', pauseImage: PAUSE_IMAGES.noReap },
    command: ['zoo', 'orphans', '6', '--', 'sleep'],
    dead: 6,
  },
];

const obstacle = labObstacle();

describe.skipIf(obstacle !== undefined)('the tally on real pods', { timeout: 120_000 }, () => {
  let lab: Lab;
  let pods: LabPod[];
  const cgroupfs = createCgroupfs({ root: '/sys/fs/cgroup' });
  const { procfs, sweeps } = countSweeps(createProcfs({ root: '/proc' }));
  const looks = createKernelLooks({ procfs, cgroupfs });
  const reference = createProcfs({ root: '/proc' });

  beforeAll(async () => {
    lab = await startLab();
    const specs = CASES.map(({ command, pod }) => ({ ...pod, containers: [{ name: 'app', command }] }));
    pods = await Promise.all(specs.map((spec) => lab.runPod(spec)));
    await sleep(1500);
  }, 600_000);
  afterAll(() => lab.close(), 60_000);

  function named(): Named {
    const ids = pods.flatMap(({ sandboxId, containers }) => [sandboxId, ...containers.map(({ id }) => id)]);
    const ofPods = pods.flatMap(({ sandboxId, containers }) => containers.map(({ id }) => [id, sandboxId] as const));
    const sandboxes = pods.map(({ sandboxId }) => [sandboxId, sandboxId] as const);
    const pids = pods.flatMap(({ pausePid, containers }) => [pausePid, ...containers.map(({ pid }) => pid)]);
    return { sandboxOf: new Map([...sandboxes, ...ofPods]), running: new Set(ids), pids: new Set(pids) };
  }

  /** The dead that descend from a pod's pause or first process. */
  function deadIn(pod: LabPod, processes: readonly Process[]): string[] {
    const byPid = new Map(processes.map((process) => [process.pid, process]));
    const roots = new Set([pod.pausePid, ...pod.containers.map(({ pid }) => pid)]);
    const descends = (process: Process | undefined): boolean =>
      process !== undefined && (roots.has(process.pid) || descends(byPid.get(process.ppid)));
    const dead = processes.filter((process) => process.state === 'Z' && descends(process));
    return dead.map(({ pid, startTicks, threads, ppid }) => `${pid}@${startTicks} ${threads} under ${ppid}`).sort();
  }

  async function expectEqualToSweep({ sweep }: KernelLook): Promise<void> {
    const { processes } = await reference.sweep();
    for (const pod of pods) {
      expect(deadIn(pod, sweep.processes), pod.name).toEqual(deadIn(pod, processes));
    }
  }

  it('counts in each container what a sweep finds dead there', async () => {
    const look = await looks.look(named());
    await looks.look(named());
    await expectEqualToSweep(look);
    for (const [i, { dead }] of CASES.entries()) {
      const pod = pods[i];
      if (pod === undefined) throw new Error('a pod is missing');
      const { name } = pod;
      const unreaped = look.cgroups.unreaped.get(look.cgroups.cgroupOf[pod.container('app').id] ?? '');
      expect({ name, unreaped }).toEqual({ name, unreaped: dead });
      expect({ name, found: deadIn(pod, look.sweep.processes).length }).toEqual({ name, found: dead });
    }
  });

  it('finds new dead in the very look after they died, and sweeps for nothing else', async () => {
    const rounds: boolean[] = [];
    for (const leak of [0, 0, 3, 0, 2, 0, 0, 0, 1]) {
      if (leak > 0) {
        await Promise.all(
          pods
            .filter(({ name }) => ['quiet', 'host-pid', 'threads'].includes(name))
            .map((pod) => pod.exec('app', ['zoo', 'orphans', String(leak), '--', 'exit', '0'])),
        );
        await sleep(300);
      }
      const before = sweeps();
      const look = await looks.look(named());
      rounds.push(sweeps() > before);
      await expectEqualToSweep(look);
    }
    // Every fourth look sweeps, and each of the three that something had died before.
    expect(rounds).toEqual([false, false, true, false, true, false, false, false, true]);
    const quiet = pods.find(({ name }) => name === 'quiet');
    const { sweep } = await looks.look(named());
    expect(quiet === undefined ? 0 : deadIn(quiet, sweep.processes).length).toBe(6);
  });
});
