/** One pod in depth as a document: the JSON for scripts, and what page and terminal are rendered from. */

import type { DeepSandbox } from '../../core/deepen.ts';
import { type FaultCode, type Known, NAMESPACE_KINDS, type NamespaceKind } from '../../core/model.ts';
import type { PodProcess } from '../../core/pod-depth.ts';
import type { MountsLook, NetworkLook, PodLook } from '../../core/pod-look.ts';
import type { AuditReport } from '../../core/report.ts';
import { timeJson } from './finding-json.ts';
import { JSON_SCHEMA_VERSION } from './json.ts';
import { type PodCommand, podCommands } from './pod-commands.ts';
import { sandboxJson } from './sandbox-json.ts';

/** One process of the tree. */
export interface ProcessDocument {
  readonly pid: number;
  /** PID in its innermost PID namespace; null when not known. */
  readonly nsPid: number | null;
  readonly ppid: number;
  readonly comm: string;
  readonly state: string;
  readonly threads: number;
  readonly level: number;
  readonly container: string | null;
  readonly role: PodProcess['role'];
  readonly isNamespaceInit: boolean;
  readonly reaps: PodProcess['reaps'];
  readonly zombies: number;
  readonly isZombie: boolean;
  readonly alikeOmitted: number;
  /** Inodes; null where the audit does not read them, or could not. */
  readonly namespaces: Readonly<Record<NamespaceKind, number | null>> | null;
}

/** Something that was asked for: there, or the reason why not. */
type Looked<T> = { readonly found: T; readonly unknown: null } | { readonly found: null; readonly unknown: FaultCode };

/** One sandbox in depth: what /sandboxes shows of it, and more. */
export interface SandboxDocument extends Readonly<ReturnType<typeof sandboxJson>> {
  readonly processes: readonly ProcessDocument[];
  readonly processesOmitted: number;
  /** Whose namespaces these are by the runtime's word; null when it does not tell. */
  readonly networkMode: string | null;
  readonly ipcMode: string | null;
  /** The node's own namespaces, for comparison. */
  readonly nodeNamespaces: Readonly<Partial<Record<NamespaceKind, number>>>;
  /** null unless asked for. */
  readonly network: Looked<NetworkLook> | null;
  readonly mounts:
    | readonly {
        readonly container: string | null;
        readonly pid: number;
        readonly mounts: Looked<Extract<MountsLook['mounts'], { value: unknown }>['value']>;
      }[]
    | null;
  readonly history: readonly {
    readonly id: string;
    readonly severity: string;
    readonly container: string | null;
    readonly since: string | null;
    readonly atLeast: boolean;
    readonly lastHeldAt: string | null;
    readonly isPresent: boolean;
  }[];
  readonly commands: readonly PodCommand[];
}

/** A pod: its sandboxes, newest first. */
export interface PodDocument {
  readonly schemaVersion: number;
  readonly node: string;
  readonly takenAt: string | null;
  readonly complete: boolean;
  readonly namespace: string;
  readonly name: string;
  readonly sandboxes: readonly SandboxDocument[];
}

/** Builds the document of one pod; `sandboxes` newest first. */
export function podDocument(report: AuditReport, sandboxes: readonly DeepSandbox[], runbookBase: string): PodDocument {
  const first = sandboxes[0]?.view;
  return {
    schemaVersion: JSON_SCHEMA_VERSION,
    node: report.node,
    takenAt: timeJson(report.takenAtMs),
    complete: report.complete,
    namespace: first?.namespace ?? '',
    name: first?.name ?? '',
    sandboxes: sandboxes.map((it) => sandboxDocument(it, report.node, runbookBase)),
  };
}

function sandboxDocument({ view, depth, look }: DeepSandbox, node: string, runbookBase: string): SandboxDocument {
  return {
    ...sandboxJson(view, runbookBase),
    processes: depth.processes.map((process) => processDocument(process, look)),
    processesOmitted: depth.omitted,
    networkMode: depth.networkMode ?? null,
    ipcMode: depth.ipcMode ?? null,
    nodeNamespaces: definedOf(depth.nodeNamespaces),
    network: look?.network === undefined ? null : looked(look.network),
    mounts:
      look?.mounts?.map(({ container, pid, mounts }) => ({
        container: container ?? null,
        pid,
        mounts: looked(mounts),
      })) ?? null,
    history: depth.history.map(({ id, severity, container, sinceMs, atLeast, lastHeldMs, isPresent }) => ({
      id,
      severity,
      container: container ?? null,
      since: timeJson(sinceMs),
      atLeast,
      lastHeldAt: timeJson(lastHeldMs),
      isPresent,
    })),
    commands: podCommands(view, node),
  };
}

function processDocument(process: PodProcess, look: PodLook | undefined): ProcessDocument {
  const { pid, ppid, comm, state, threads, level, container, role, reaps, zombies, isZombie, alikeOmitted } = process;
  const nsPids = look?.inner.get(pid)?.nsPids ?? process.nsPids;
  const { namespaces } = process;
  return {
    pid,
    nsPid: nsPids.at(-1) ?? null,
    ppid,
    comm,
    state,
    threads,
    level,
    container: container ?? null,
    role,
    isNamespaceInit: process.isNamespaceInit || (nsPids.length > 1 && nsPids.at(-1) === 1),
    reaps,
    zombies,
    isZombie,
    alikeOmitted,
    namespaces:
      namespaces === undefined
        ? null
        : (Object.fromEntries(NAMESPACE_KINDS.map((kind) => [kind, namespaces[kind] ?? null])) as Record<
            NamespaceKind,
            number | null
          >),
  };
}

function looked<T>(fact: Known<T>): Looked<T> {
  return 'value' in fact ? { found: fact.value, unknown: null } : { found: null, unknown: fact.unknown };
}

function definedOf(inodes: Readonly<Partial<Record<NamespaceKind, number | undefined>>>) {
  return Object.fromEntries(Object.entries(inodes).filter(([, inode]) => inode !== undefined)) as Partial<
    Record<NamespaceKind, number>
  >;
}
