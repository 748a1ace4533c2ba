/** Parses /proc/PID/cgroup (cgroups(7)) and decides which of its lines says where a process belongs. */

const CONTAINER_ID = /(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/;
const DELETED = ' (deleted)';

/**
 * The cgroup path of a process: of the lines that name a 64-digit id the deepest, else the pids controller's, else
 * that of cgroup v2. A zombie on v1 keeps the id only in its v2 line (L4). The path is relative to the reader's
 * cgroup namespace, so it may begin with "/.."; undefined when no line fits.
 */
export function parseCgroup(text: string): string | undefined {
  let named: string | undefined;
  let pids: string | undefined;
  let unified: string | undefined;
  for (const line of text.split('\n')) {
    const first = line.indexOf(':');
    const second = line.indexOf(':', first + 1);
    if (first < 1 || second < 0 || line[second + 1] !== '/') continue;
    const controllers = line.slice(first + 1, second);
    const path = withoutDeleted(line.slice(second + 1));
    if (CONTAINER_ID.test(path) && depthOf(path) > depthOf(named)) named = path;
    if (controllers === '') unified ??= path;
    else if (controllers.split(',').includes('pids')) pids ??= path;
  }
  return named ?? pids ?? unified;
}

function withoutDeleted(path: string): string {
  return path.endsWith(DELETED) ? path.slice(0, -DELETED.length) : path;
}

function depthOf(path: string | undefined): number {
  return path === undefined ? 0 : path.split('/').length;
}
