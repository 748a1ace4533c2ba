/** Parses the small files that hold a number or two: pids.current, pids.max, pids.events, btime, sysctls, links. */

/** A whole number alone in a file (pids.current, kernel.threads-max); undefined for anything else, the empty file included. */
export function parseCount(text: string): number | undefined {
  const digits = /^(\d+)\s*$/.exec(text)?.[1];
  return digits === undefined ? undefined : safeNumber(digits);
}

/** pids.max of cgroup v1 and v2: "max" is no limit, 0 is a literal zero; undefined for anything else. */
export function parsePidsMax(text: string): number | 'max' | undefined {
  return text.trim() === 'max' ? 'max' : parseCount(text);
}

/** "max" of pids.events: how often a fork was refused; undefined when there is no such line. */
export function parsePidsEvents(text: string): number | undefined {
  const digits = /^max (\d+)$/m.exec(text)?.[1];
  return digits === undefined ? undefined : safeNumber(digits);
}

/** btime of /proc/stat (proc_stat(5)) in milliseconds since the epoch; undefined without such a line. */
export function parseBootTimeMs(text: string): number | undefined {
  const digits = /^btime (\d+)$/m.exec(text)?.[1];
  const seconds = digits === undefined ? undefined : safeNumber(digits);
  return seconds === undefined ? undefined : seconds * 1000;
}

/** Inode of a namespace from the target of /proc/PID/ns/KIND, "pid:[4026531836]" (namespaces(7)). */
export function parseNamespaceLink(target: string): number | undefined {
  const digits = /^[a-z_]+:\[(\d+)\]$/.exec(target)?.[1];
  return digits === undefined ? undefined : safeNumber(digits);
}

/** /proc/PID/oom_score_adj (proc_pid_oom_score_adj(5)), -1000 to 1000; undefined for anything else. */
export function parseOomScoreAdj(text: string): number | undefined {
  const score = /^(-?\d{1,4})\s*$/.exec(text)?.[1];
  return score === undefined || Math.abs(Number(score)) > 1000 ? undefined : Number(score);
}

/** Major and minor number of kernel.osrelease ("6.1.0-9-amd64"); undefined when it does not begin with two numbers. */
export function parseKernelRelease(text: string): { readonly major: number; readonly minor: number } | undefined {
  const match = /^(\d{1,4})\.(\d{1,4})(?!\d)/.exec(text);
  return match === null ? undefined : { major: Number(match[1]), minor: Number(match[2]) };
}

function safeNumber(digits: string): number | undefined {
  const value = Number(digits);
  return Number.isSafeInteger(value) ? value : undefined;
}
