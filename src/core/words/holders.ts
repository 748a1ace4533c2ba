/** Words for ending what holds the dead of a pod from outside: who it is decides whether it may be ended. */
import type { HolderKind } from '../evidence/worded.ts';
import type { Evidence } from '../finding.ts';
import { factsOf } from './facts.ts';
import { haltOf } from './halted.ts';

/** A process outside of the pod. */
interface Holder {
  readonly comm: string;
  readonly pid: string;
}

/** What PID 1 of the node is asked to do: the node ends with it. */
export const ASK_NODE_INIT =
  'Never end PID 1 of the node: the node ends with it. Ask it to look again (kill -CHLD 1). What stays after that goes only when the node is restarted (drain it first); where the node is a container (kind, dind), run it with an init';

/** How a daemon of the runtime is restarted, and what that does to the pods of the node. */
export function restartDaemon({ comm, pid }: Holder): string {
  return comm === 'dockerd'
    ? `Restart dockerd (PID ${pid}) by its service; without live-restore all containers of the node restart with it, so drain the node first`
    : `Restart ${comm} (PID ${pid}) by its service (systemctl status ${pid} names it): pods go on running`;
}

/** How a process gives up the zombies it holds. */
export function releaseFrom(kind: HolderKind, holder: Holder): string {
  const { comm, pid } = holder;
  switch (kind) {
    case 'init':
      return `${ASK_NODE_INIT}.`;
    case 'daemon':
      return `${restartDaemon(holder)}, and its zombies go to PID 1 of the node, which collects them.`;
    case 'shim':
      return `End ${comm} (PID ${pid}), which ends what is left of its pod too: kill -KILL ${pid}. The zombie then goes to PID 1 of the node, which collects it.`;
    case 'other':
      return `End ${comm} (PID ${pid}) or mend it: with it the zombie goes.`;
    default:
      return kind satisfies never;
  }
}

/** Who has not collected a dead first process: its parent, or who traces it. */
export function collectorOf(evidence: Evidence): string {
  const name = factsOf(evidence).process('parent');
  return evidence['parentTraces'] === true ? `the process that traces it, ${name},` : `its parent ${name}`;
}

/** What a tracer is asked for. */
export function letGo(pid: string): string {
  return `End the tracer or let it detach: kill ${pid}.`;
}

/** What to do about a dead first process that its parent does not collect: continue that, or see who it is. */
export function collectFrom(evidence: Evidence): string {
  const pid = String(evidence['parentPid']);
  if (evidence['parentPid'] === 1) {
    return `Its shim is gone, and PID 1 of the node, which inherited it, does not collect it. ${ASK_NODE_INIT}. Delete the pod, so that it is made anew.`;
  }
  if (evidence['parentTraces'] === true) return `${letGo(pid)} Its parent collects it then.`;
  const halt = haltOf(evidence, 'parent');
  if (halt !== undefined)
    return `${halt.resume} If it does not recover, delete the pod and end that shim: kill -KILL ${pid}.`;
  return evidence['parentPid'] === null
    ? 'See who its parent is (ps -o ppid= -p PID): that process has to collect it, or end. Delete the pod.'
    : `See what the parent waits for: cat /proc/${pid}/stack. If it does not recover, delete the pod and end that shim: kill -KILL ${pid}.`;
}
