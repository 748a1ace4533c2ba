/** Reads what the path of a cgroup tells: ids of containers, and the place of a pod below the kubelet's own cgroup. */
import type { KernelSnapshot } from './model.ts';

/** Where in the kubelet's tree a process is. */
export interface PodPlace {
  /** Path of the kubelet's cgroup for pods, as the process sees it, without a leading "/..". */
  readonly root: string;
  /** UID of the pod; undefined when the path does not name it. */
  readonly uid: string | undefined;
  /** First id of a container or sandbox in it. */
  readonly id: string;
}

/** "kubepods", "kubepods.slice"; below a cgroup root of the kubelet's own (kind) "kubelet-kubepods.slice". */
const KUBEPODS = /(?:^|\/)(?:[^/]+-)?kubepods(?:\.slice)?(?=\/|$)/;
/** "pod<uid>" of the cgroupfs driver. */
const POD_DIRECTORY = /^pod(.+)$/;
/** "kubepods-burstable-pod<uid>.slice" of the systemd driver, which writes "_" for "-". */
const POD_SLICE = /-pod([0-9A-Za-z_]+)\.slice/;

/** The kubelet's cgroup for pods that a path is in or is; undefined outside of one. */
export function kubepodsRoot(path: string | undefined): string | undefined {
  const match = path === undefined ? undefined : KUBEPODS.exec(path);
  return match ? path?.slice(0, match.index + match[0].length) : undefined;
}

/** Whole ids in a path, from the root down. conmon's own scope names the id that it serves, and is not that id's. */
export function idsInPath(path: string): string[] {
  return path.split('/').flatMap(idsInPart);
}

function idsInPart(part: string): string[] {
  return part.includes('conmon') ? [] : (part.match(/(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/g) ?? []);
}

/** The place of a process in the kubelet's tree; undefined for whatever is not in a container or sandbox there. */
export function podPlaceOf(path: string | undefined): PodPlace | undefined {
  const own = path?.replace(/^(\/\.\.)+/, '');
  const root = kubepodsRoot(own);
  // What lies inside another container is that one's: a kubelet inside a container has a tree of its own.
  if (root === undefined || idsInPath(root).length > 0) return undefined;
  const below = own?.slice(root.length + 1).split('/') ?? [];
  const id = below.flatMap(idsInPart)[0];
  return id === undefined ? undefined : { root, uid: uidIn(below), id };
}

function uidIn(parts: readonly string[]): string | undefined {
  for (const part of parts) {
    const plain = POD_DIRECTORY.exec(part)?.[1];
    if (plain !== undefined) return plain;
    const slice = POD_SLICE.exec(part)?.[1];
    if (slice !== undefined) return slice.replaceAll('_', '-');
  }
  return undefined;
}

/**
 * The known id that a process with this path is charged to. Whoever may make cgroups in a container may name one after
 * another container, so an id counts only where its own cgroup is, and of several the outermost, with what is nested
 * in it of the same sandbox. Where cgroups could not be located the outermost known id counts.
 */
export function chargedId(
  path: string,
  sandboxOf: (id: string) => string | undefined,
  cgroupOf: KernelSnapshot['cgroupOf'],
): string | undefined {
  const known = idsAlong(path).filter(({ id }) => sandboxOf(id) !== undefined);
  const real = known.filter(({ id, prefix }) => isAt(cgroupOf[id], prefix));
  const outermost = real[0] ?? known[0];
  if (outermost === undefined) return undefined;
  const sandbox = sandboxOf(outermost.id);
  return (real.findLast(({ id }) => sandboxOf(id) === sandbox) ?? outermost).id;
}

function idsAlong(path: string): { readonly id: string; readonly prefix: string }[] {
  const found: { readonly id: string; readonly prefix: string }[] = [];
  let prefix = '';
  for (const part of path.split('/').slice(1)) {
    prefix += `/${part}`;
    for (const id of idsInPart(part)) found.push({ id, prefix });
  }
  return found;
}

/** Paths in /proc are relative to the reader's cgroup namespace: either may be the end of the other. */
function isAt(located: string | undefined, prefix: string): boolean {
  if (located === undefined) return false;
  const seen = prefix.replace(/^(\/\.\.)+/, '');
  return located === seen || located.endsWith(seen) || seen.endsWith(located);
}
