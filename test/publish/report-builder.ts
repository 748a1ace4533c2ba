/** Builds reports for tests: sound defaults, and only what a test is about named. */
import { createHash } from 'node:crypto';
import { FINDING_IDS, type Finding, type FindingId, type Severity, type Subject } from '../../src/core/finding.ts';
import { parseImageRef } from '../../src/core/image-ref.ts';
import { NAMESPACE_KINDS } from '../../src/core/model.ts';
import type { AuditReport, ContainerView, PauseView, SandboxView, Zombie } from '../../src/core/report.ts';

/** Monday, 23 November 2026, 04:54:12 UTC. */
export const NOW_MS = Date.UTC(2026, 10, 23, 4, 54, 12);
export const ENDPOINT = 'unix:///run/containerd/containerd.sock';
const HOUR_MS = 3_600_000;

/** A whole id from a few digits. */
export function sandboxId(digits: string): string {
  return digits.padEnd(64, '0');
}

/** A pause process in good health. */
export function pauseView(overrides: Partial<PauseView> = {}): PauseView {
  return {
    pid: 4711,
    startedAtMs: NOW_MS - HOUR_MS,
    state: 'S',
    exe: '/pause',
    exeSha256: 'ab'.repeat(32),
    comm: 'pause',
    uid: 65_535,
    oomScoreAdj: -998,
    reaps: 'yes',
    cpuSeconds: 0.02,
    rssBytes: 4096,
    ...overrides,
  };
}

/** A running container. */
export function containerView(name: string, overrides: Partial<ContainerView> = {}): ContainerView {
  return {
    id: `c-${name}`.padEnd(64, '0'),
    name,
    attempt: 0,
    state: 'running',
    pid: 4800,
    image: 'docker.io/library/app:1',
    zombies: 0,
    init: { comm: name, reaps: 'unknown' },
    ...overrides,
  };
}

/** A zombie under PID 1 of a container. */
export function zombie(pid: number, overrides: Partial<Zombie> = {}): Zombie {
  return {
    pid,
    nsPid: pid - 4000,
    comm: 'curl',
    firstSeenMs: NOW_MS - HOUR_MS,
    atLeast: false,
    container: 'app',
    parent: { pid: 4800, nsPid: 1, comm: 'node', kind: 'container-init' },
    ...overrides,
  };
}

/** A ready, healthy sandbox with one container. */
export function sandboxView(namespace: string, name: string, overrides: Partial<SandboxView> = {}): SandboxView {
  const image = parseImageRef('registry.k8s.io/pause:3.9');
  const view = { inode: 4_026_532_001, heldByPause: true, sharedBy: ['app'] };
  const [net, ipc, uts, pid, mnt, cgroup, user] = NAMESPACE_KINDS.map(() => view);
  if (!(net && ipc && uts && pid && mnt && cgroup && user)) throw new Error('seven kinds of namespaces');
  return {
    id: createHash('sha256').update(`${namespace}/${name}`).digest('hex'),
    namespace,
    name,
    uid: `uid-of-${name}`,
    attempt: 0,
    state: 'ready',
    createdAtMs: NOW_MS - HOUR_MS,
    runtimeHandler: '',
    runtimeEndpoint: ENDPOINT,
    pidMode: 'container',
    isolation: 'shared-kernel',
    hasUserNamespace: false,
    isStatic: false,
    image: { ...image, imageId: 'sha256:e6f181' },
    pauseHealth: 'alive',
    pause: pauseView(),
    noPauseReason: undefined,
    namespaces: { net, ipc, uts, pid, mnt, cgroup, user },
    containers: [containerView('app')],
    zombies: { count: 0, perHour: 0, items: [] },
    pids: {
      current: 12,
      limit: undefined,
      limitFrom: 'none',
      utilization: 0,
      zombieShare: 0,
      exhaustedInSeconds: undefined,
    },
    pidsLimitHits: 0,
    findings: [],
    unjudged: [],
    unknown: [],
    ...overrides,
  };
}

/** A confirmed finding, one hour old. */
export function finding(
  id: FindingId,
  severity: Severity,
  subject: Subject,
  overrides: Partial<Finding> = {},
): Finding {
  const evidence = {};
  return { id, severity, confirmed: true, sinceMs: NOW_MS - HOUR_MS, atLeast: false, subject, evidence, ...overrides };
}

/** A report whose findings are those of its sandboxes, by cause, and those of the node given on top. */
export function report(overrides: Partial<AuditReport> = {}, ofNode: readonly Finding[] = []): AuditReport {
  const sandboxes = overrides.sandboxes ?? [];
  const findings = [...new Set([...ofNode, ...sandboxes.flatMap((sandbox) => sandbox.findings)])];
  return {
    node: 'worker-7',
    takenAtMs: NOW_MS,
    complete: true,
    runtimes: [
      { endpoint: ENDPOINT, name: 'containerd', version: '1.6.20', flavour: 'containerd', up: true, conditions: [] },
    ],
    sources: [
      { source: 'runtime', endpoint: ENDPOINT, up: true, answeredAtMs: NOW_MS, faults: [] },
      { source: 'procfs', endpoint: undefined, up: true, answeredAtMs: NOW_MS, faults: [] },
      { source: 'cgroupfs', endpoint: undefined, up: true, answeredAtMs: NOW_MS, faults: [] },
    ],
    pauseImages: [],
    sandboxes,
    unclaimed: { zombies: [], shims: [], processes: [] },
    findings: findings.sort((a, b) => FINDING_IDS.indexOf(a.id) - FINDING_IDS.indexOf(b.id)),
    unjudged: { denied: 0, timeout: 0, vanished: 0, silent: 0, unsupported: 0, malformed: 0 },
    nodeView: {
      zombies: { pod: 0, runtime: 0, host: 0, unattributed: 0 },
      pids: 640,
      pidsLimit: 32_768,
      kubepodsPids: 300,
      kubepodsPidsLimit: undefined,
    },
    newSandboxes: 0,
    pauseDeaths: [],
    ...overrides,
  };
}
