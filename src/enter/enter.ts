/** Finds a pod, makes sure that it is what it seems, and runs a shell or a command in its namespaces. */
import { readFileSync } from 'node:fs';
import { auditNode } from '../core/audit.ts';
import { findSandbox, similarNames } from '../core/find-sandbox.ts';
import { EMPTY_MEMORY } from '../core/memory.ts';
import type { NodeSnapshot } from '../core/model.ts';
import { DEFAULT_POLICY } from '../core/policy.ts';
import type { SandboxView } from '../core/report.ts';
import { listSandboxes } from '../publish/pods/pods.ts';
import { openNode } from '../sources/node.ts';
import { chooseTarget, type Target } from './choose-target.ts';
import type { EnterRequest } from './command-line.ts';
import { type HeldNamespaces, holdNamespaces } from './namespaces.ts';
import { findTools, runInside } from './run-inside.ts';
import { describeUnseen, listsProcesses } from './unseen-containers.ts';

/** A pod cannot be entered; the message says why and what to do. */
export class EnterError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'EnterError';
  }
}

/** Candidates named when a word fits several pods. */
const MAX_CANDIDATES = 20;
/** Bit of CAP_SYS_ADMIN in the masks of proc_pid_status(5) (capabilities(7)). */
const CAP_SYS_ADMIN = 1n << 21n;

/** Enters and runs; resolves with the exit code of what ran. `say` tells a person. Rejects with an EnterError. */
export async function enter(
  request: EnterRequest,
  environment: NodeJS.ProcessEnv,
  say: (message: string) => void,
): Promise<number> {
  demandRights();
  const tools = orThrow(findTools(environment['PATH'] ?? ''));
  const places = { procfs: '/proc', cgroupfs: '/sys/fs/cgroup', nodeName: undefined, pidMax: undefined };
  const { capture, procfs } = openNode({ ...places, run: request.run, runtimeEndpoints: request.runtimeEndpoints });
  const snapshot = await capture.look().finally(() => capture.close());
  const view = pick(request.pod, snapshot);
  const pod = `${view.namespace}/${view.name}`;
  const choice = chooseTarget(view, snapshot, request.mount);
  if ('refusal' in choice) throw new EnterError(`cannot enter ${pod}: ${choice.refusal}`);
  const namespaces = holdNamespaces(choice.target, procfs);
  if ('refusal' in namespaces) throw new EnterError(`cannot enter ${pod}: ${namespaces.refusal}`);
  try {
    if (namespaces.entered.size === 0) {
      throw new EnterError(`${pod} has no namespaces of its own: net, ipc, uts and pid are the host's, where you are.`);
    }
    for (const line of describe(view, choice.target, namespaces, request)) say(line);
    const shell = [environment['SHELL'] || '/bin/sh'];
    const command = request.command.length === 0 ? shell : request.command;
    return await runInside({ tools, namespaces, ...inRoot(command, choice.target, environment) });
  } finally {
    namespaces.close();
  }
}

/** /proc/<pid>/root leads through the container's own mounts; a shell, unlike chdir(2), remembers how it got there. */
function inRoot(command: readonly string[], { rootPid }: Target, environment: NodeJS.ProcessEnv) {
  if (rootPid === undefined) return { command, environment };
  const script = 'cd "$CONTAINER_ROOT" && exec "$@"';
  const root = `/proc/${rootPid}/root`;
  return {
    command: ['/bin/sh', '-c', script, 'sh', ...command],
    environment: { ...environment, CONTAINER_ROOT: root },
  };
}

/** A command in a script is told only what it must know; a person at a shell everything. */
function describe(
  view: SandboxView,
  target: Target,
  { entered, hostsOwn }: HeldNamespaces,
  { command, mount }: EnterRequest,
): string[] {
  const { holder, pidHolder, reaps, rootPid } = target;
  const isShell = command.length === 0;
  const lines: string[] = [];
  if (isShell) {
    const kinds = [...entered.keys()].join(', ');
    lines.push(`in ${view.namespace}/${view.name}: ${kinds} of ${holder.who} (PID ${holder.pid})`);
  }
  if (isShell && entered.has('pid') && pidHolder !== holder) {
    lines.push(`the PID namespace is that of ${pidHolder.who} (PID ${pidHolder.pid})`);
  }
  if (hostsOwn.length > 0) lines.push(`${hostsOwn.join(', ')}: the host's own, by the will of the pod`);
  if (isShell && rootPid !== undefined) lines.push('the files of the container are in $CONTAINER_ROOT');
  if (entered.has('pid') && mount === undefined && (isShell || listsProcesses(command))) {
    lines.push(...describeUnseen(view));
  }
  if (entered.has('pid') && (isShell || reaps === 'no')) lines.push(REAPS[reaps]);
  return lines;
}

/** Each fits a line of 80 columns. */
const REAPS = {
  yes: 'what you leave running is reaped by PID 1 when it ends',
  no: 'PID 1 does not reap: what you leave running stays a zombie',
  unknown: 'whether PID 1 reaps what you leave running is not known',
} as const;

function pick(word: string, snapshot: NodeSnapshot): SandboxView {
  const { report } = auditNode(snapshot, EMPTY_MEMORY, DEFAULT_POLICY);
  if (!report.runtimes.some(({ up }) => up)) {
    throw new EnterError(`no container runtime answered: ${snapshot.faults.map(({ message }) => message).join(' ')}`);
  }
  const fitting = findSandbox(word, listSandboxes(report));
  const [first, second] = fitting;
  if (first === undefined) {
    const names = similarNames(word, listSandboxes(report));
    const hint = names === '' ? '' : ` Did you mean ${names}?`;
    throw new EnterError(`there is no pod ${word} on this node, by name or sandbox id.${hint}`);
  }
  if (second === undefined) return first;
  const names = fitting
    .slice(0, MAX_CANDIDATES)
    .map(({ namespace, name, id, state }) => `${namespace}/${name} (${id.slice(0, 13)}, ${state})`);
  throw new EnterError(`${word} may be any of ${fitting.length}: ${names.join(', ')}`);
}

function demandRights(): void {
  if (process.getuid?.() !== 0) throw new EnterError('entering namespaces needs root: run it with sudo.');
  const mask = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  if (mask !== undefined && (BigInt(`0x${mask}`) & CAP_SYS_ADMIN) !== 0n) return;
  throw new EnterError(
    'entering namespaces needs CAP_SYS_ADMIN, which this root lacks: run it on the host, not in a container.',
  );
}

function orThrow<T extends object>(found: T | { readonly refusal: string }): T {
  if ('refusal' in found) throw new EnterError(found.refusal);
  return found;
}
