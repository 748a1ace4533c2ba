/** Says which containers of a pod a person does not see who entered the PID namespace of its pause. */
import { basename } from 'node:path';
import type { SandboxView } from '../core/report.ts';

/** Programs whose output is a list of processes: who runs one would take what is missing for not being there. */
const LISTING: ReadonlySet<string> = new Set(['ps', 'top', 'htop', 'pgrep', 'pidof', 'pstree']);

/** True for a command whose result depends on which processes can be seen. */
export function listsProcesses([program = '']: readonly string[]): boolean {
  return LISTING.has(basename(program));
}

/** One or two lines for a person; none where pause holds the PID namespace of every container, or where there is no pause. */
export function describeUnseen({ pause, containers, namespaces: { pid } }: SandboxView): readonly string[] {
  if (pause === undefined || pid.inode === undefined) return [];
  const running = containers.filter(({ state }) => state === 'running').map(({ name }) => name);
  const unseen = running.filter((name) => !pid.sharedBy.includes(name));
  const [first] = unseen;
  if (first === undefined) return [];
  const seen = listNames(['pause', ...running.filter((name) => pid.sharedBy.includes(name))]);
  const own = unseen.length === 1 ? 'has a PID namespace of its own' : 'have PID namespaces of their own';
  return [
    `ps here shows ${seen} only: ${listNames(unseen)} ${own}`,
    `--mount ${first} enters that of ${first} and starts in its root directory`,
  ];
}

function listNames(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
