/** A full node of healthy pods: nothing is raised, whatever comes and goes, and the agent keeps to the limits it ships with. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startAgentPod } from '../deploy/agent-pod.ts';
import { cgroupMounts } from '../lab/cgroup-trees.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { listProcesses } from '../lab/process-table.ts';
import { aboveInfo, allFindings } from './document.ts';
import { startAgent } from './program.ts';

const PODS = 100;
/** With pauses and shells 6,500 processes. */
const PROCESSES_PER_POD = 61;
const AUDITS = 10;
const PASSING_APART_MS = 5000;

let lab: Lab;

beforeAll(async () => {
  lab = await startLab();
  const pidModes = ['container', 'pod', 'container', 'node'] as const;
  await Promise.all(
    Array.from({ length: PODS }, (_, i) =>
      lab.runPod({
        name: `healthy-${i}`,
        pidMode: pidModes[i % pidModes.length] ?? 'container',
        network: i % 10 === 0 ? 'cni' : 'host',
        containers: [
          { name: 'app', command: ['zoo', 'crowd', String(PROCESSES_PER_POD), '--', 'reaper'] },
          // A shell over short-lived children: one scan in a hundred meets one between exit and wait.
          { name: 'busy', command: ['sh', '-c', `while :; do sleep ${i % 10 === 0 ? 2 : 60}; done`] },
        ],
      }),
    ),
  );
});

afterAll(() => lab?.close());

test(`${PODS} healthy pods with ${2 * PODS} containers: no finding above info in ${AUDITS} audits with churn`, async () => {
  const agent = await startAgent(lab, '--audit.interval', '5s', '--settle', '1s');
  let churning = true;
  const churn = (async () => {
    for (let i = 0; churning; i++) {
      const pod = await lab.runPod({ name: `passing-${i}`, containers: [{ name: 'app', command: ['zoo', 'reaper'] }] });
      await pod.remove();
      await sleep(PASSING_APART_MS);
    }
  })();
  const seen: string[] = [];
  const alarms: string[] = [];
  while (seen.length < AUDITS) {
    const document = await agent.until(({ takenAt }) => takenAt !== seen.at(-1), 60_000, 500);
    seen.push(document.takenAt);
    const healthy = document.sandboxes.filter(({ name }) => name.startsWith('healthy-'));
    expect(healthy).toHaveLength(PODS);
    alarms.push(...aboveInfo(allFindings(document)).map(({ id, summary }) => `${id}: ${summary}`));
  }
  churning = false;
  await churn;
  expect(alarms).toEqual([]);
  // On a busy machine the last audit may just be older than three intervals: then the agent tells nothing of pods.
  await expect
    .poll(() => agent.text('/metrics'), { timeout: 60_000 })
    .toMatch(/^pausewatch_sandboxes\{state="ready"\} 10[01]$/m);
  await agent.stop();
}, 300_000);

test('the DaemonSet watches them within the requests and limits of its manifest', async () => {
  const agent = await startAgentPod(lab, { kustomization: 'deploy/kustomize/base', name: 'pausewatch-busy' });
  await agent.untilReady(60_000);
  const { pid } = agent.container;
  const audits = async () =>
    Number(/^pausewatch_audits_total (\d+)$/m.exec((await agent.getInside('/metrics')).body)?.[1]);
  const [first, ticksBefore, startMs] = [await audits(), cpuTicks(pid), performance.now()];
  // Each question starts a program beside the agent; few of them leave the measurement alone.
  while ((await audits()) < first + 3) await sleep(5000);
  const seconds = (performance.now() - startMs) / 1000;
  const [{ resources }] = agent.manifest.spec.template.spec.containers;
  const peakMiB = Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
  const cpuMilli = ((cpuTicks(pid) - ticksBefore) * 10) / seconds;
  const processes = listProcesses().length;
  console.log(
    `${processes} processes: peak ${peakMiB.toFixed(0)} MiB, ${cpuMilli.toFixed(1)} millicores over ${seconds.toFixed(0)} s`,
  );
  expect(processes).toBeGreaterThan(PODS * PROCESSES_PER_POD);
  expect(oomKills(agent.pod.cgroup)).toBe(0);
  expect(peakMiB).toBeLessThan(Number.parseInt(resources.requests.memory, 10));
  // The limit and not the request: CPU time grows with whatever else is on the machine.
  expect(cpuMilli).toBeLessThan(Number.parseInt(resources.limits.cpu, 10));
  const document = await agent.until(({ sandboxes }) => sandboxes.length > PODS);
  expect(aboveInfo(allFindings(document))).toEqual([]);
}, 240_000);

/** User and system time of a process, in hundredths of a second (proc_pid_stat(5) fields 14 and 15). */
function cpuTicks(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

/** Kills for want of memory in the cgroups of a pod. */
function oomKills(cgroup: string): number {
  const mount = cgroupMounts().find(({ version, controllers }) =>
    version === 2 ? cgroupMounts().length === 1 : controllers.includes('memory'),
  );
  if (mount === undefined) throw new Error('no memory controller is mounted');
  const file = mount.version === 2 ? 'memory.events' : 'memory.oom_control';
  return Number(/^oom_kill (\d+)$/m.exec(readFileSync(join(mount.path, cgroup, file), 'utf8'))?.[1]);
}
