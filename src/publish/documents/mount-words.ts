/** Words for mounts; page and terminal say the same. */
import type { MountFacts } from '../../core/pod-look.ts';

/** File systems in which the kernel shows itself, or that hold no more than devices and queues. */
const OF_THE_KERNEL: ReadonlySet<string> = new Set([
  'proc',
  'sysfs',
  'cgroup',
  'cgroup2',
  'devpts',
  'mqueue',
  'securityfs',
  'debugfs',
  'tracefs',
  'bpf',
  'pstore',
  'efivarfs',
  'configfs',
  'fusectl',
  'hugetlbfs',
  'binfmt_misc',
]);

/** Where these belong; elsewhere somebody wanted them to be, as a pod does that mounts the node's /proc. */
const PLACE_OF_THE_KERNEL = /^\/(?:proc|sys|dev)(?:\/|$)/;
/** An empty tmpfs hides what is below /proc and /sys, and a container's /dev is one; /dev/shm holds data. */
const PLACE_OF_MASKS = /^\/(?:dev$|(?:proc|sys)(?:\/|$))/;

/** A volume as the kubelet lays it out below its directory: plugin and name, for a part of one the name only. */
const VOLUME = /\/pods\/[^/]+\/volumes\/[^/~]+~([^/]+)\/([^/]+)/;
const PART_OF_VOLUME = /\/pods\/[^/]+\/volume-subpaths\/([^/]+)\//;

/** Mounts that tell containers apart, and those that every container has; each in their order. */
export function foldMounts(list: readonly MountFacts[]): {
  readonly telling: readonly MountFacts[];
  readonly usual: readonly MountFacts[];
} {
  return { telling: list.filter((it) => !isUsual(it)), usual: list.filter(isUsual) };
}

/** True for what a runtime mounts into every container. */
function isUsual({ type, point }: MountFacts): boolean {
  return (
    (OF_THE_KERNEL.has(type) && PLACE_OF_THE_KERNEL.test(point)) || (type === 'tmpfs' && PLACE_OF_MASKS.test(point))
  );
}

/** "volume cache (empty-dir)" for what the kubelet mounts as a volume; undefined for anything else. */
export function describeVolume({ root }: MountFacts): string | undefined {
  const [, plugin, name] = VOLUME.exec(root) ?? [];
  if (plugin !== undefined && name !== undefined) return `volume ${name} (${plugin})`;
  const part = PART_OF_VOLUME.exec(root)?.[1];
  return part === undefined ? undefined : `part of volume ${part}`;
}

/** "/dev/vda", "/dev/vda at /srv/data": a file system, and which directory of it. */
export function describeSource({ source, root }: MountFacts): string {
  return root === '/' ? source : `${source} at ${root}`;
}
