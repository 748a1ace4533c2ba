// What a lab could leave behind on the machine, as comparable lines of text.
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { cgroupMounts } from './cgroup-trees.ts';
import { listCniResults } from './cni-results.ts';
import { LAB_PREFIX, listForeignLabs } from './lab-directory.ts';
import { listProcesses, readCgroups, readCommandLine, type TableEntry } from './process-table.ts';

/** Lists of what is there, sorted; equal before and after when a lab left nothing. */
export interface Traces {
  /** containerd, dockerd, shims, runc, pause and lab programs: `pid comm startTicks`. */
  readonly processes: readonly string[];
  /** Cgroups of labs in every hierarchy. */
  readonly cgroups: readonly string[];
  /** Mount points of labs and of network namespaces. */
  readonly mounts: readonly string[];
  /** Named network namespaces. */
  readonly networkNamespaces: readonly string[];
  /** Network interfaces, whoever made them. */
  readonly links: readonly string[];
  /** Lab directories, what lies in containerd's usual places, and what libcni remembers of labs. */
  readonly files: readonly string[];
  /** Kernel settings a network plugin might have turned. */
  readonly settings: readonly string[];
}

/**
 * Looks at the whole machine. Left out is what belongs to labs of other living processes, which may
 * come and go in between, and the dead that only the machine's own PID 1 has yet to reap.
 */
export function takeTraces(): Traces {
  for (;;) {
    const foreign = listForeignLabs();
    const traces = tracesBut(foreign);
    // One that came or went meanwhile may have been taken for a trace.
    if (listForeignLabs().join(' ') === foreign.join(' ')) return traces;
  }
}

function tracesBut(foreign: readonly string[]): Traces {
  const lacksForeign = (text: string): boolean => !foreign.some((name) => text.includes(name));
  return {
    processes: listProcesses()
      .filter((entry) => isLabProcess(entry, lacksForeign))
      .map(describe)
      .toSorted(),
    cgroups: cgroupMounts()
      .flatMap(({ path }) => listPaths(path, LAB_PREFIX))
      .filter(lacksForeign)
      .toSorted(),
    mounts: mountPoints()
      .filter((point) => /\/(pwlab-|netns\/)/.test(point))
      .filter(lacksForeign)
      .toSorted(),
    networkNamespaces: ['/run/netns', '/var/run/netns'].flatMap((dir) => listPaths(dir, '')).toSorted(),
    links: listPaths('/sys/class/net', '')
      .filter((link) => lacksForeign(link) && lacksForeign(masterOf(link)))
      .toSorted(),
    files: [
      ...listPaths('/tmp', LAB_PREFIX).filter(lacksForeign),
      ...['/run', '/opt', '/var/lib'].flatMap((dir) => listPaths(dir, 'containerd')),
      ...listPaths('/run/containerd/s', ''),
      ...listCniResults().flatMap(({ path, lab }) => (lab !== undefined && lacksForeign(lab) ? [path] : [])),
      // Made by the first lab, kept until the last one ends.
      ...(foreign.length > 0 ? [] : listPaths('/var/lib/cni', '.made-by')),
    ].toSorted(),
    settings: ['ipv4/ip_forward', 'ipv6/conf/all/forwarding'].map((name) => `${name} ${readSetting(name)}`),
  };
}

function isLabProcess(entry: TableEntry, lacksForeign: (text: string) => boolean): boolean {
  const cgroups = readCgroups(entry.pid);
  const known = /^(containerd|dockerd|runc|ctr$|pause$|zoo$)/.test(entry.comm) || cgroups.includes(`/${LAB_PREFIX}`);
  if (!known || (entry.state === 'Z' && entry.ppid === 1)) return false;
  return lacksForeign(cgroups) && lacksForeign(readCommandLine(entry.pid));
}

function describe(entry: TableEntry): string {
  return `${entry.pid} ${entry.comm} ${entry.startTicks}`;
}

function mountPoints(): string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '');
}

/** Full paths of what in a directory begins so; none if there is no such directory. */
function listPaths(dir: string, prefix: string): string[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir)
    .filter((name) => name.startsWith(prefix))
    .map((name) => join(dir, name));
}

/** Name of the bridge an interface is in; empty for none. */
function masterOf(link: string): string {
  try {
    return basename(readlinkSync(join(link, 'master')));
  } catch {
    return '';
  }
}

function readSetting(name: string): string {
  try {
    return readFileSync(`/proc/sys/net/${name}`, 'utf8').trim();
  } catch {
    return 'absent';
  }
}
