/** Says of each namespace of a sandbox whose it is and who is in it, in the words that page and terminal share. */
import { NAMESPACE_KINDS, type NamespaceKind } from '../../core/model.ts';
import type { SandboxDocument } from './pod-document.ts';

/** `shared`: the sandbox's own; `own`: another one; `node`: the node's; `unknown`: could not be read. */
export type Membership = 'shared' | 'own' | 'node' | 'unknown';

/** One kind of namespace, with the membership of pause and each running container. */
export interface NamespaceRow {
  readonly kind: NamespaceKind;
  /** Of the sandbox; null when not readable. */
  readonly inode: number | null;
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
    const judge = (own: number | null | undefined, isListed: boolean): Membership => {
      const it = own ?? (isListed ? inode : null);
      if (it === null) return 'unknown';
      if (it === node) return 'node';
      return it === inode ? 'shared' : 'own';
    };
    return {
      kind,
      inode,
      isNode: inode !== null && inode === node,
      pause: sandbox.pause === null ? 'unknown' : judge(inode, view?.heldByPause === true),
      containers: running.map(({ name, pid }) => {
        const own = pid === null ? null : processOf(pid)?.namespaces?.[kind];
        return { name, membership: judge(own, view?.sharedBy.includes(name) === true) };
      }),
    };
  });
}

/** Where the node's own cannot be read, the runtime's word: a sandbox on the host network is in the node's. */
function toldNodeInode({ networkMode, namespaces }: SandboxDocument, kind: NamespaceKind): number | undefined {
  return kind === 'net' && networkMode === 'node' ? (namespaces['net']?.inode ?? undefined) : undefined;
}

/** Whose PID namespace the pod's processes live in, in one sentence. */
export function pidNamespaceWords(sandbox: SandboxDocument): string {
  const row = namespaceRows(sandbox).find(({ kind }) => kind === 'pid');
  const memberships = row?.containers.map(({ membership }) => membership) ?? [];
  if (memberships.length > 0 && memberships.every((it) => it === 'node')) {
    return "The node's PID namespace (hostPID): its processes see the whole node, and PID 1 of the node adopts orphans.";
  }
  if (memberships.includes('shared')) {
    return memberships.every((it) => it === 'shared')
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
