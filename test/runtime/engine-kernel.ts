/**
 * The kernel below the recorded Docker Engine. Its recording holds none: the one that cri-dockerd's holds of the same pods, made
 * on the same machine by the same dockerd forty seconds earlier, is put under the ids and PIDs that the Engine tells.
 */
import { readEngineRecording } from './engine-server.ts';
import { type RecordedKernel, type RecordedProcess, readRecording } from './recording.ts';

/** From the pods of cri-dockerd's recording to those of the Engine's, in clock ticks. */
const LATER_TICKS = 4000;
/** Where starttime stands in a stat line behind the session (proc_pid_stat(5)). */
const START_AT = 15;

/** Reads both recordings. */
export function readEngineKernel(): RecordedKernel {
  const { processes, pidsController, arranged } = readRecording('cri-dockerd-0.4.3');
  const { arranged: wanted, answers } = readEngineRecording();
  const ids = new Map<string, string>();
  for (const [kind, { sandbox, container }] of wanted) {
    const lent = arranged.get(kind);
    if (lent !== undefined) ids.set(lent.sandbox, sandbox);
    if (lent?.container !== undefined && container !== undefined) ids.set(lent.container, container);
  }
  const pids = new Map<number, number>();
  for (const [lent, id] of ids) {
    const theirs = processes.filter((it) => isOf(it, lent));
    const first = theirs.find(({ cmdline }) => cmdline === undefined);
    const { State } = answers.inspect(id) as { readonly State: { readonly Pid: number } };
    for (const { pid } of theirs) pids.set(pid, pid + State.Pid - (first?.pid ?? 0));
  }
  const move = (text: string): string => [...ids].reduce((moved, [lent, id]) => moved.replaceAll(lent, id), text);
  return {
    processes: processes.filter(({ pid }) => pids.has(pid)).map((it) => moveProcess(it, pids, move)),
    pidsController: Object.fromEntries(
      Object.entries(pidsController).flatMap(([path, files]) => (move(path) === path ? [] : [[move(path), files]])),
    ),
  };
}

/** In its cgroup, or its shim. */
function isOf({ cgroup, cmdline = '' }: RecordedProcess, id: string): boolean {
  return cgroup.includes(id) || cmdline.includes(id);
}

function moveProcess(
  process: RecordedProcess,
  pids: ReadonlyMap<number, number>,
  move: (text: string) => string,
): RecordedProcess {
  const { pid, stat, status, cgroup, cmdline } = process;
  const to = (before: string): string => String(pids.get(Number(before)) ?? before);
  const [, name = '', ppid = '', group = '', session = '', rest = ''] =
    /^\d+ (\(.*\) \S) (\d+) (\d+) (\d+) (.*\n)$/s.exec(stat) ?? [];
  const later = rest.split(' ').map((field, at) => (at === START_AT ? String(Number(field) + LATER_TICKS) : field));
  return {
    ...process,
    pid: pids.get(pid) ?? pid,
    stat: [to(String(pid)), name, to(ppid), to(group), to(session), ...later].join(' '),
    status: status.replaceAll(/^(Pid|PPid|NSpid):\t(\d+)/gm, (_, key: string, its: string) => `${key}:\t${to(its)}`),
    cgroup: move(cgroup),
    ...(cmdline !== undefined && { cmdline: move(cmdline) }),
  };
}
