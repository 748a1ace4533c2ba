/** Knows the namespaces of the node itself: those of its PID 1, or those every kernel starts with. */
import { NAMESPACE_KINDS, type NamespaceInodes, type NodeSnapshot } from './model.ts';

/** Inodes of the kernel's first namespaces (PROC_IPC_INIT_INO and its like, fixed since Linux 3.8); of net there is none. */
export const FIRST_NAMESPACES = {
  ipc: 4_026_531_839,
  uts: 4_026_531_838,
  user: 4_026_531_837,
  pid: 4_026_531_836,
  cgroup: 4_026_531_835,
} as const satisfies Partial<NamespaceInodes>;

/** Of PID 1; where that is closed to us, the kernel's first ones, which are the node's unless it is a container. */
export function nodeNamespaces({ kernel }: NodeSnapshot): Partial<NamespaceInodes> {
  const seen = kernel.processes.find(({ pid }) => pid === 1)?.probe?.namespaces;
  const first: Partial<NamespaceInodes> = FIRST_NAMESPACES;
  return Object.fromEntries(NAMESPACE_KINDS.map((kind) => [kind, seen?.[kind] ?? first[kind]]));
}
