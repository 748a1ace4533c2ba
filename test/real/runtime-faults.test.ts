/** What happens when the runtime hangs, dies, comes back, or does not let us in: a fault that says so, the rest stands. */
import { chmodSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lab, startLab } from '../lab/lab.ts';
import type { LabPod } from '../lab/pod.ts';
import { aboveInfo, allFindings, findingIds, type SandboxesDocument, sandboxOf } from './document.ts';
import { copyForEveryone, PROGRAM, type RunningAgent, run, scan, startAgent } from './program.ts';

let lab: Lab;
let agent: RunningAgent;
let pod: LabPod;
let leaking: LabPod;

beforeAll(async () => {
  lab = await startLab();
  pod = await lab.runPod({ name: 'plain', containers: [{ name: 'app', command: ['zoo', 'reaper'] }] });
  leaking = await lab.runPod({ name: 'leaking', containers: [{ name: 'app', command: ['zoo', 'leak-init', '2'] }] });
  agent = await startAgent(lab, '--audit.interval', '2s', '--settle', '1s');
  await agent.until(isWhole);
});

afterAll(async () => {
  await agent?.stop();
  await lab?.close();
});

function isWhole({ complete, nodeFindings }: SandboxesDocument): boolean {
  return complete && aboveInfo(nodeFindings).length === 0;
}

function runtimeIsDown({ sources }: SandboxesDocument): boolean {
  return sources.some(({ source, up }) => source === 'runtime' && !up);
}

/** The pods of the last answer are still there, judged against the kernel. */
function expectPodsKept(document: SandboxesDocument): void {
  expect(sandboxOf(document, 'plain').pause).toMatchObject({ pid: pod.pausePid, state: 'S' });
  expect(sandboxOf(document, 'leaking').zombies.count).toBe(2);
  expect(findingIds(document, 'leaking')).toEqual(['zombies-container-init']);
  expect(aboveInfo(document.nodeFindings).map(({ id, severity }) => [id, severity])).toEqual([
    ['runtime-unreachable', 'critical'],
  ]);
  expect(document.complete).toBe(false);
}

async function expectAgentServes(): Promise<void> {
  expect(await agent.status('/healthz')).toBe(200);
  expect(await agent.status('/readyz')).toBe(200);
  expect(await agent.text('/metrics')).toMatch(/^pausewatch_source_up\{source="runtime",.*\} 0$/m);
}

test('A runtime that hangs: pods stay, a pause that dies meanwhile is still noticed', async () => {
  await lab.containerd.freeze();
  const down = await agent.until(runtimeIsDown, 20_000);
  expectPodsKept(down);
  expect(down.sources[0]?.faults.map(({ code }) => code)).toContain('timeout');
  await expectAgentServes();
  process.kill(pod.pausePid, 'SIGSTOP');
  await agent.until((document) => findingIds(document, 'plain').includes('pause-stopped'), 20_000);
  process.kill(pod.pausePid, 'SIGCONT');
  lab.containerd.unfreeze();
  await agent.until((document) => isWhole(document) && findingIds(document, 'plain').length === 0, 20_000);
});

test('A runtime that is killed: pods stay; when it is back the agent recovers by itself', async () => {
  await lab.containerd.kill();
  const down = await agent.until(runtimeIsDown);
  expectPodsKept(down);
  expect(down.sources[0]?.faults[0]?.message).toMatch(/nobody listens|no answer/);
  await expectAgentServes();
  await lab.containerd.start();
  await agent.until(isWhole);
});

test('A runtime that is stopped cleanly takes its socket along; a new one is found under the same path', async () => {
  await lab.containerd.stop();
  const down = await agent.until(runtimeIsDown);
  expectPodsKept(down);
  await lab.containerd.start();
  await agent.until(isWhole);
});

test('scan says that it could not look, and what to do, and exits with 2', async () => {
  const { code, stdout, stderr } = await scan({ endpoint: 'unix:///nowhere/containerd.sock' });
  expect(code).toBe(2);
  expect(stdout).toContain('runtime-unreachable');
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain('there is no such socket');
  expect(stderr).not.toMatch(/\bat .*\.js:\d+/);
});

test('A socket that may not be used is told as such', async () => {
  chmodSync(lab.directory.socket, 0o600);
  chmodSync(lab.directory.path, 0o755);
  // Without capabilities and as another user, the way a badly deployed agent would run.
  const args = ['--reuid=65534', '--regid=65534', '--clear-groups', '--bounding-set=-all', process.execPath];
  const program = [...args, copyForEveryone(PROGRAM), 'scan', '--settle', '200ms', '--runtime-endpoint', lab.endpoint];
  const { code, stdout, stderr } = await run('setpriv', program);
  expect(code).toBe(2);
  expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(/not permitted .*EACCES.* run as root/);
  expect(stderr).not.toMatch(/\bat .*\.js:\d+/);
});

test('Pods that come and go between two calls cost nobody else anything', async () => {
  let churning = true;
  const churn = (async () => {
    for (let i = 0; churning; i++) {
      const short = await lab.runPod({ name: `short-${i}`, containers: [{ name: 'app', command: ['zoo', 'reaper'] }] });
      await short.remove();
    }
  })();
  try {
    for (let i = 0; i < 10; i++) {
      const document = await agent.document();
      expect(sandboxOf(document, 'leaking').zombies.count).toBe(2);
      const alarming = aboveInfo(allFindings(document));
      expect(alarming).toEqual([]);
      await sleep(500);
    }
  } finally {
    churning = false;
    await churn;
  }
  await agent.until(isWhole);
});

test('Two agents on one runtime do not disturb each other, nor the runtime', async () => {
  const other = await startAgent(lab, '--settle', '1s');
  const settled = (document: SandboxesDocument): boolean => isWhole(document) && document.sandboxes.length === 2;
  const [a, b] = [await agent.until(settled), await other.until(settled)];
  expect(a.sandboxes.map(({ id }) => id)).toEqual(b.sandboxes.map(({ id }) => id));
  expect(await other.stop()).toBe(0);
  expect(leaking.containers).toHaveLength(1);
});
