/** Says of each namespace of a sandbox whose it is and who is in it, in the words that page and terminal share. */
import { NAMESPACE_KINDS, type NamespaceKind } from '../../core/model.ts';
import type { SandboxDocument } from './pod-document.ts';

/**
 * Whose namespace a process is in. `pod`: the pod's, which pause holds; `own`: one of its container alone; `node`: the
 * node's; `none`: there is no such process; `unknown`: could not be read.
 */
export type Membership = 'pod' | 'own' | 'node' | 'none' | 'unknown';

/** One word for each, for a cell of a table; MEMBERSHIP_LEGEND tells what they mean. */
export const MEMBERSHIP_WORDS: Readonly<Record<Membership, string>> = {
  pod: "pod's",
  own: 'own',
  node: "node's",
  none: '-',
  unknown: '?',
};

/** For below such a table. */
export const MEMBERSHIP_LEGEND = "pod's: that of pause; node's: the host's; own: the container's.";

/** One kind of namespace, with the membership of pause and each running container. */
export interface NamespaceRow {
  readonly kind: NamespaceKind;
  /** Of the pod; `none` when no process holds one for the pod, null when not readable. */
  readonly inode: number | 'none' | null;
  readonly isNode: boolean;
  readonly pause: Membership;
  /** In the order of the document's running containers. */
  readonly containers: readonly { readonly name: string; readonly membership: Membership }[];
}

/** A row per kind. */
export function namespaceRows(sandbox: SandboxDocument): readonly NamespaceRow[] {
  const running = sandbox.containers.filter(({ state }) => state === 'running');
  const processOf = (pid: number | null) => sandbox.processes.find((it) => it.pid === pid);
  return NAMESPACE_KINDS.map((kind) => {
    const view = sandbox.namespaces[kind];
    const inode = view?.inode ?? null;
    const node = sandbox.nodeNamespaces[kind] ?? toldNodeInode(sandbox, kind);
    const isNode = inode !== null && inode === node;
    const isPods = isNode || isOfPod(sandbox, kind);
    const judge = (own: number | null | undefined, isListed: boolean): Membership => {
      const it = own ?? (isListed ? inode : null);
      if (it === null) return 'unknown';
      if (it === node) return 'node';
      return it === inode && isPods ? 'pod' : 'own';
    };
    return {
      kind,
      inode: isPods ? inode : 'none',
      isNode,
      pause: hasPause(sandbox) ? judge(inode, view?.heldByPause === true) : missingPause(sandbox),
      containers: running.map(({ name, pid }) => {
        const own = pid === null ? null : processOf(pid)?.namespaces?.[kind];
        return { name, membership: judge(own, view?.sharedBy.includes(name) === true) };
      }),
    };
  });
}

/** A zombie holds no namespaces any more: what is known of them then comes from the containers. */
function hasPause({ pause, namespaces }: SandboxDocument): boolean {
  return pause !== null && !NAMESPACE_KINDS.some((kind) => namespaces[kind]?.heldByPause === false);
}

/** Whether there may be a pause that only could not be found. */
function missingPause({ pauseHealth }: SandboxDocument): Membership {
  return pauseHealth === 'unknown' ? 'unknown' : 'none';
}

/**
 * Whether the inode of a sandbox is the pod's at all. Without a pause it was taken from the containers: that of a single
 * container says nothing of the pod where each has its own.
 */
function isOfPod(sandbox: SandboxDocument, kind: NamespaceKind): boolean {
  if (hasPause(sandbox)) return true;
  switch (kind) {
    case 'mnt':
    case 'cgroup':
      return false;
    case 'pid':
      return sandbox.pidMode === 'pod' || (sandbox.pidMode === null && countIn(sandbox, 'pid') > 1);
    default:
      return true;
  }
}

function countIn({ namespaces }: SandboxDocument, kind: NamespaceKind): number {
  return namespaces[kind]?.sharedBy.length ?? 0;
}

/** Where the node's own cannot be read, the runtime's word: a sandbox on the host network is in the node's. */
function toldNodeInode({ networkMode, namespaces }: SandboxDocument, kind: NamespaceKind): number | undefined {
  return kind === 'net' && networkMode === 'node' ? (namespaces['net']?.inode ?? undefined) : undefined;
}

/** Whose PID namespace the pod's processes live in, in one sentence or two. */
export function pidNamespaceWords(sandbox: SandboxDocument): string {
  const row = namespaceRows(sandbox).find(({ kind }) => kind === 'pid');
  const memberships = row?.containers.map(({ membership }) => membership) ?? [];
  if (memberships.length > 0 && memberships.every((it) => it === 'node')) {
    return "The node's PID namespace (hostPID): its processes see the whole node, and PID 1 of the node adopts orphans.";
  }
  if (sandbox.pauseHealth === 'dead') return afterPause(sandbox);
  if (sandbox.pauseHealth !== 'none' && memberships.includes('pod')) {
    return memberships.every((it) => it === 'pod')
      ? 'One PID namespace for the whole pod (shareProcessNamespace): pause is PID 1 and must reap every orphan.'
      : 'Some containers share the PID namespace of pause, which must reap their orphans; others have their own.';
  }
  if (memberships.length > 0 && memberships.every((it) => it === 'own')) {
    return 'A PID namespace per container: the first process of each is its PID 1 and must reap its orphans.';
  }
  switch (sandbox.pidMode) {
    case 'pod':
      return 'One PID namespace for the whole pod, by the word of the runtime.';
    case 'node':
      return "The node's PID namespace, by the word of the runtime.";
    case 'container':
      return 'A PID namespace per container, by the word of the runtime.';
    default:
      return 'Whose PID namespace it is could not be told.';
  }
}

/** What the death of pause means for the PID namespaces: its own ended with it, and with that everything in it. */
function afterPause({ pidMode, containers }: SandboxDocument): string {
  if (pidMode === 'pod') {
    return 'Pause is gone. It was PID 1 of the PID namespace of the whole pod, which has ended with it.';
  }
  const names = containers.filter(({ state }) => state === 'running').map(({ name }) => name);
  if (pidMode === 'node') return "Pause is gone. The pod is in the node's PID namespace, which does not mind.";
  if (pidMode !== 'container') return 'Pause is gone. Whose PID namespace it was could not be told.';
  const why = names.length === 0 ? '' : `, which is why ${listNames(names)} still run${names.length === 1 ? 's' : ''}`;
  return `Pause is gone. Each container had a PID namespace of its own${why}.`;
}

function listNames(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
