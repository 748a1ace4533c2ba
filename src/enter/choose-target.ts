/** Decides whose namespaces a person enters, or why none: pause's, or a container's where there is no pause by design. */

import type { NodeSnapshot, Process } from '../core/model.ts';
import { isDeadState } from '../core/process-life.ts';
import type { ContainerView, PauseHealth, Reaps, SandboxView } from '../core/report.ts';

/** A process whose namespaces are to be joined. */
export interface Holder {
  readonly pid: number;
  /** With pid the identity of the process, in clock ticks since boot. */
  readonly startTicks: number;
  /** "pause" or "container app". */
  readonly who: string;
}

/** Where to go. */
export interface Target {
  /** Of net, ipc and uts. */
  readonly holder: Holder;
  /** Of the PID namespace. */
  readonly pidHolder: Holder;
  /** Whether PID 1 of the PID namespace collects what is left behind there. */
  readonly reaps: Reaps;
  /** PID of the container whose files are wanted, in its own PID namespace. */
  readonly rootPid: number | undefined;
}

/** A target, or one sentence that says why there is none and what to do. */
export type Choice = { readonly target: Target } | { readonly refusal: string };

/** Chooses for one sandbox; `mount` names the container whose files are wanted. */
export function chooseTarget(view: SandboxView, snapshot: NodeSnapshot, mount: string | undefined): Choice {
  const processes = new Map(snapshot.kernel.processes.map((process) => [process.pid, process]));
  const wanted = mount === undefined ? undefined : view.containers.findLast(({ name }) => name === mount);
  if (mount !== undefined && wanted === undefined) return { refusal: noContainer(view, mount) };
  const of = (container: ContainerView): Process | undefined => liveProcess(container, processes);
  const inside = wanted === undefined ? undefined : of(wanted);
  if (wanted !== undefined && inside === undefined) {
    return {
      refusal: `container ${wanted.name} has no running process (${wanted.state}); its files are not mounted anywhere.`,
    };
  }
  const holder = chooseHolder(view, processes, wanted);
  if ('refusal' in holder) return holder;
  const pidOwner = wanted ?? holder.container;
  const pidHolder =
    wanted === undefined || inside === undefined ? holder.holder : holderOf(inside, containerName(wanted));
  const rootPid = inside?.probe?.nsPids.at(-1);
  if (inside !== undefined && rootPid === undefined) {
    return { refusal: `the PID of container ${wanted?.name} in its own PID namespace could not be read.` };
  }
  return { target: { holder: holder.holder, pidHolder, reaps: reapsThere(view, pidOwner), rootPid } };
}

interface Held {
  readonly holder: Holder;
  /** Undefined for pause. */
  readonly container: ContainerView | undefined;
}

function chooseHolder(
  view: SandboxView,
  processes: ReadonlyMap<number, Process>,
  wanted: ContainerView | undefined,
): Held | { readonly refusal: string } {
  const pause = view.pauseHealth === 'alive' ? processes.get(view.pause?.pid ?? 0) : undefined;
  if (pause !== undefined) return { holder: holderOf(pause, 'pause'), container: undefined };
  if (view.pauseHealth !== 'none') return { refusal: refusalOf(view.pauseHealth, view) };
  for (const container of wanted === undefined ? view.containers : [wanted]) {
    const process = liveProcess(container, processes);
    if (process !== undefined) return { holder: holderOf(process, containerName(container)), container };
  }
  return { refusal: `there is no pause by design (${view.noPauseReason ?? 'not told'}) and no container runs here.` };
}

/** The first process of a container; undefined when it is not there, dead, or not known to be the container's. */
function liveProcess(container: ContainerView, processes: ReadonlyMap<number, Process>): Process | undefined {
  if (container.state !== 'running' || container.init === undefined || container.pid === undefined) return undefined;
  const process = processes.get(container.pid);
  return process === undefined || isDeadState(process.state) ? undefined : process;
}

function holderOf({ pid, startTicks }: Process, who: string): Holder {
  return { pid, startTicks, who };
}

function containerName({ name }: ContainerView): string {
  return `container ${name}`;
}

/** In a shared PID namespace pause is PID 1, elsewhere the first process of the container. */
function reapsThere({ namespaces, pause }: SandboxView, owner: ContainerView | undefined): Reaps {
  const shares = owner === undefined || (pause !== undefined && namespaces.pid.sharedBy.includes(owner.name));
  return (shares ? pause?.reaps : owner.init?.reaps) ?? 'unknown';
}

function noContainer({ containers }: SandboxView, mount: string): string {
  const names = containers.filter(({ state }) => state === 'running').map(({ name }) => name);
  return `there is no container ${mount}; ${names.length === 0 ? 'none runs' : `there are ${names.join(', ')}`}.`;
}

function refusalOf(health: Exclude<PauseHealth, 'none'>, { pause }: SandboxView): string {
  switch (health) {
    case 'dead':
      return 'its pause is gone, and its namespaces are no longer those the runtime knows; delete the pod.';
    case 'dying':
      return 'its pause was killed and is about to end: nobody can enter its namespaces any more; delete the pod.';
    case 'zombie':
      return 'its pause is a zombie: it holds no namespaces any more; delete the pod.';
    case 'stopped':
      return `its pause is stopped, so nothing would reap what ends there; continue it first: kill -CONT ${pause?.pid}.`;
    case 'mismatch':
      return 'the PID the runtime names belongs to another process: entering it would lead somewhere else.';
    case 'unknown':
    case 'alive':
      return 'its pause could not be looked at, so nobody can tell whose namespaces these are.';
    default:
      return health satisfies never;
  }
}
