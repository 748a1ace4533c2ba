/** The DaemonSet as it ships: its pod runs on a real containerd with exactly its rights, and sees every pod right. */
import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AgentPod, startAgentPod } from '../deploy/agent-pod.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import type { LabPod } from '../lab/pod.ts';
import { findingIds, type SandboxesDocument, type SandboxJson, sandboxOf } from './document.ts';
import { scanDocument } from './program.ts';

/** Bit of CAP_SYS_PTRACE (capabilities(7)). */
const SYS_PTRACE = 1n << 19n;

let lab: Lab;
let stopped: LabPod;

beforeAll(async () => {
  lab = await startLab();
  await lab.runPod({ name: 'sound', pidMode: 'pod', containers: [{ name: 'app', command: ['zoo', 'reaper'] }] });
  await lab.runPod({
    name: 'leaking',
    network: 'cni',
    containers: [{ name: 'app', command: ['zoo', 'leak-init', '12'] }],
  });
  await lab.runPod({ name: 'of-the-node', pidMode: 'node', containers: [{ name: 'app', command: ['zoo', 'reaper'] }] });
  stopped = await lab.runPod({
    name: 'stopped',
    pidMode: 'pod',
    containers: [{ name: 'app', command: ['zoo', 'reaper'] }],
  });
  process.kill(stopped.pausePid, 'SIGSTOP');
});

afterAll(() => lab?.close());

function status(pid: number, field: string): string {
  return new RegExp(`^${field}:\\s*(.*)$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '';
}

/** What must be the same whoever looks. */
function truthOf({ pidMode, state, image, pause, zombies, findings }: SandboxJson) {
  return {
    pidMode,
    state,
    image: image?.ref,
    pause: pause && { pid: pause.pid, state: pause.state, reaps: pause.reaps },
    zombies: zombies.count,
    culprits: zombies.items.map(({ pid, parent }) => [pid, parent?.pid, parent?.kind]),
    findings: findings.map(({ id, severity }) => `${id} ${severity}`).toSorted(),
  };
}

const PODS = ['sound', 'leaking', 'of-the-node', 'stopped'];

async function hostsView(): Promise<SandboxesDocument> {
  return scanDocument(lab);
}

function settled(document: SandboxesDocument): boolean {
  return PODS.every((name) => document.sandboxes.some((it) => it.name === name && it.zombies.count !== null));
}

describe('With SYS_PTRACE, as the base has it', () => {
  let agent: AgentPod;

  beforeAll(async () => {
    agent = await startAgentPod(lab, { kustomization: 'deploy/kustomize/base', name: 'pausewatch-base' });
    await agent.untilReady();
  });

  test('it runs with one capability, no new privileges, a seccomp filter and nothing it could write to', () => {
    const { pid } = agent.container;
    expect(BigInt(`0x${status(pid, 'CapEff')}`)).toBe(SYS_PTRACE);
    expect(BigInt(`0x${status(pid, 'CapBnd')}`)).toBe(SYS_PTRACE);
    expect([status(pid, 'NoNewPrivs'), status(pid, 'Seccomp')]).toEqual(['1', '2']);
    const mounts = readFileSync(`/proc/${pid}/mountinfo`, 'utf8')
      .split('\n')
      .map((line) => line.split(' '));
    const optionsOf = (path: string) => mounts.find((fields) => fields[4] === path)?.[5] ?? 'not mounted';
    for (const path of ['/', '/host/proc', '/host/sys/fs/cgroup', '/host/run/containerd']) {
      expect([path, optionsOf(path)]).toEqual([path, expect.stringMatching(/^ro\b/)]);
    }
  });

  test('it has a PID and a network namespace of its own', () => {
    expect(status(agent.container.pid, 'NSpid').split(/\s+/)).toHaveLength(status(1, 'NSpid').split(/\s+/).length + 1);
    const network = (pid: number | string) => readFileSync(`/proc/${pid}/net/dev`, 'utf8').includes('eth0');
    expect(network(agent.container.pid)).toBe(true);
    expect(agent.manifest.spec.template.spec.hostNetwork).toBeUndefined();
  });

  test('the probes of the manifest succeed from outside, and details are for loopback alone', async () => {
    const [{ livenessProbe, readinessProbe }] = agent.manifest.spec.template.spec.containers;
    expect((await agent.getFromOutside(livenessProbe.httpGet.path)).status).toBe(200);
    expect((await agent.getFromOutside(readinessProbe.httpGet.path)).status).toBe(200);
    expect((await agent.getFromOutside('/metrics')).body).toContain('pausewatch_build_info{');
    expect((await agent.getFromOutside('/sandboxes')).status).toBe(403);
    expect((await agent.getInside('/sandboxes')).status).toBe(200);
  });

  test('it sees every pod as the host does', async () => {
    const inside = await agent.until(settled);
    const outside = await hostsView();
    for (const name of PODS) expect(truthOf(sandboxOf(inside, name))).toEqual(truthOf(sandboxOf(outside, name)));
    expect(sandboxOf(inside, 'sound').namespaces).toEqual(sandboxOf(outside, 'sound').namespaces);
    expect(sandboxOf(inside, 'sound').pause?.exe).toBe(sandboxOf(outside, 'sound').pause?.exe);
    expect(findingIds(inside, 'stopped')).toContain('pause-stopped');
    expect(findingIds(inside, 'leaking')).toContain('zombies-container-init');
    expect(sandboxOf(inside, 'sound').findings).toEqual([]);
    expect(sandboxOf(inside, 'pausewatch-base').findings).toEqual([]);
  });

  test("it tells the node's PID limit only where the kernel shows it to a container", async () => {
    await agent.until(settled);
    const metrics = (await agent.getInside('/metrics')).body;
    const shown = /^pausewatch_node_pids_limit /m.test(metrics);
    // Since Linux 6.14 pid_max belongs to the PID namespace of who reads it.
    const [major = 0, minor = 0] = release().split('.').map(Number);
    expect(shown).toBe(major < 6 || (major === 6 && minor < 14));
    expect(metrics).toMatch(/^pausewatch_node_pids \d+$/m);
  });

  test('it survives a restart of containerd: alive all the time, and sees it again through the same mount', async () => {
    const { pid } = agent.container;
    await lab.containerd.stop();
    await agent.until(({ sources }) => sources.some(({ source, up }) => source === 'runtime' && !up), 60_000);
    expect((await agent.getFromOutside('/healthz')).status).toBe(200);
    expect((await agent.getFromOutside('/readyz')).status).toBe(200);
    const away = (await agent.getInside('/metrics')).body;
    expect(away).toMatch(/^pausewatch_source_up\{source="runtime",[^}]*\} 0$/m);
    await lab.containerd.start();
    const back = await agent.until(({ sources }) => sources.every(({ up }) => up), 60_000);
    expect(findingIds(back, 'stopped')).toContain('pause-stopped');
    expect(status(pid, 'Pid')).toBe(String(pid));
  }, 150_000);
});

test("With --node.pid-max it knows the node's limit", async () => {
  const agent = await startAgentPod(lab, {
    kustomization: 'deploy/kustomize/base',
    name: 'pausewatch-told',
    extraArgs: ['--node.pid-max=32768'],
  });
  await agent.untilReady();
  expect((await agent.getInside('/metrics')).body).toMatch(/^pausewatch_node_pids_limit [1-9]\d*$/m);
});

describe('Without SYS_PTRACE', () => {
  let agent: AgentPod;

  beforeAll(async () => {
    agent = await startAgentPod(lab, { kustomization: 'deploy/kustomize/overlays/no-ptrace', name: 'pausewatch-bare' });
    await agent.untilReady();
  });

  test('it has no capability at all', () => {
    expect(BigInt(`0x${status(agent.container.pid, 'CapEff')}`)).toBe(0n);
    expect(BigInt(`0x${status(agent.container.pid, 'CapBnd')}`)).toBe(0n);
  });

  test('it says that namespaces and programs are denied, and is right about the rest', async () => {
    const inside = await agent.until(settled);
    const outside = await hostsView();
    for (const name of PODS) {
      expect(truthOf(sandboxOf(inside, name))).toEqual(truthOf(sandboxOf(outside, name)));
    }
    const sound = sandboxOf(inside, 'sound');
    expect(sound.pause?.exe).toBeNull();
    expect(sound.unknown).toContainEqual({ field: 'pause.exe', reason: 'denied' });
    expect(sound.namespaces['net']?.inode).toBeNull();
  });
});
