/** Joins the sandboxes of one pod: decides which of them stands for it and what is summed over all of them. */
import { type Finding, SEVERITIES } from '../../core/finding.ts';
import type { AuditReport, PidsView, SandboxView } from '../../core/report.ts';
import { visible } from '../text/clean-text.ts';

/** One pod, made of all sandboxes that carry its namespace and name. */
export interface PodView {
  /** Cleaned: two pods never share both names. */
  readonly namespace: string;
  readonly name: string;
  /** Every sandbox once. */
  readonly sandboxes: readonly SandboxView[];
  /** The one that holds the pod up: the newest ready, else the newest with a running container; undefined when finished. */
  readonly shown: SandboxView | undefined;
  /** Findings about its sandboxes, worst first. Those about the image it shares with other pods are not the pod's. */
  readonly findings: readonly Finding[];
  /** Sum over its sandboxes; undefined when one that is not finished does not know. */
  readonly zombies: number | undefined;
  readonly pids: number | undefined;
  /** Of the sandbox with the highest utilization. */
  readonly tightest: PidsView | undefined;
}

/** Longest label value: beyond any name of Kubernetes and any sensible image reference. */
const MAX_LABEL_LENGTH = 512;

/** A label value: visible, valid Unicode, bounded. */
export function labelValue(text: string | undefined): string {
  return text === undefined ? '' : visible(text.slice(0, MAX_LABEL_LENGTH));
}

/** The pods of a report, by namespace and name. */
export function listPods(report: AuditReport): readonly PodView[] {
  const groups = new Map<string, SandboxView[]>();
  for (const sandbox of listSandboxes(report)) {
    const key = podKey(labelValue(sandbox.namespace), labelValue(sandbox.name));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [sandbox]);
    else group.push(sandbox);
  }
  const keys = [...groups.keys()].sort();
  return keys.map((key) => joinSandboxes(groups.get(key) ?? []));
}

/** One string per pod; NUL cannot be in a cleaned name. */
export function podKey(namespace: string, name: string): string {
  return `${namespace}\0${name}`;
}

/** The sandboxes of a report, each id once, whoever wrote the report. */
export function listSandboxes(report: AuditReport): readonly SandboxView[] {
  const byId = new Map<string, SandboxView>();
  for (const sandbox of report.sandboxes) {
    if (!byId.has(sandbox.id)) byId.set(sandbox.id, sandbox);
  }
  return [...byId.values()];
}

/** True for a sandbox that is over: not ready and nothing runs in it. */
export function isFinished(sandbox: SandboxView): boolean {
  return sandbox.state !== 'ready' && !sandbox.containers.some((container) => container.state === 'running');
}

/** True for findings about a pod, false for those about the node or an image of it. */
export function isAboutPod({ subject }: Finding): boolean {
  if (subject.kind === 'process' || subject.kind === 'shim') return subject.sandboxId !== undefined;
  return subject.kind !== 'node' && subject.kind !== 'image';
}

function joinSandboxes(sandboxes: readonly SandboxView[]): PodView {
  const newestFirst = [...sandboxes].sort((a, b) => b.createdAtMs - a.createdAtMs || b.attempt - a.attempt);
  const going = newestFirst.filter((sandbox) => !isFinished(sandbox));
  const findings = newestFirst.flatMap((sandbox) => sandbox.findings).filter(isAboutPod);
  const first = newestFirst[0];
  return {
    namespace: labelValue(first?.namespace),
    name: labelValue(first?.name),
    sandboxes: newestFirst,
    shown: going.find((sandbox) => sandbox.state === 'ready') ?? going[0],
    findings: findings.sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity)),
    zombies: sumKnown(newestFirst, (sandbox) => sandbox.zombies.count),
    pids: sumKnown(newestFirst, (sandbox) => sandbox.pids.current),
    tightest: tightestOf(newestFirst),
  };
}

/** A finished sandbox has no cgroup any more: it may not know; the others must. */
function sumKnown(
  sandboxes: readonly SandboxView[],
  fact: (sandbox: SandboxView) => number | undefined,
): number | undefined {
  let sum: number | undefined;
  for (const sandbox of sandboxes) {
    const value = fact(sandbox);
    if (value !== undefined) sum = (sum ?? 0) + value;
    else if (!isFinished(sandbox)) return undefined;
  }
  return sum;
}

function tightestOf(sandboxes: readonly SandboxView[]): PidsView | undefined {
  let tightest: PidsView | undefined;
  for (const { pids } of sandboxes) {
    if (pids.utilization !== undefined && pids.utilization >= (tightest?.utilization ?? 0)) tightest = pids;
  }
  return tightest;
}
