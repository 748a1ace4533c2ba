/** Takes out of GET /containers/<id>/json what is looked at; environment, arguments, mounts and the rest are dropped. */
import type { Known, NamespaceMode, PauseEnd, PauseRef } from '../../core/model.ts';
import { asFields, type Fields, fieldsIn, textIn, wholeIn } from '../json-fields.ts';

/** What is looked at of one container. */
export interface Inspected {
  /** Docker's word: "running", "exited". */
  readonly status: string;
  readonly pid: Known<number>;
  /** Of a container that ran and runs no more. */
  readonly end: PauseEnd | undefined;
  /** As asked for: "cfe-pause:5.9.4". */
  readonly imageRef: string | undefined;
  /** "", "host", "container:<id>". */
  readonly pidMode: string;
  readonly networkMode: string;
  readonly ipcMode: string;
  /** "runc", or the name of another runtime of the daemon. */
  readonly runtime: string;
  readonly problem: string | undefined;
  readonly isPassing: boolean;
}

/** Throws nothing: what makes no sense is named in `problem`. */
export function decodeInspect(answer: unknown): Inspected {
  const fields = asFields(answer) ?? {};
  const state = asFields(fields['State']);
  const host = fieldsIn(fields, 'HostConfig');
  const status = state && textIn(state, 'Status');
  return {
    status: status ?? '',
    pid: state === undefined ? { unknown: 'malformed' } : decodePid(state),
    end: state === undefined ? undefined : decodeEnd(state),
    imageRef: textIn(fieldsIn(fields, 'Config'), 'Image'),
    pidMode: textIn(host, 'PidMode') ?? '',
    networkMode: textIn(host, 'NetworkMode') ?? '',
    ipcMode: textIn(host, 'IpcMode') ?? '',
    runtime: textIn(host, 'Runtime') ?? '',
    problem: status === undefined ? 'no state in it' : undefined,
    isPassing: status === 'running' && state !== undefined && wholeIn(state, 'Pid') === 0,
  };
}

function decodePid(state: Fields): Known<number> {
  const pid = wholeIn(state, 'Pid');
  return pid !== undefined && pid > 0 ? { value: pid } : { unknown: pid === 0 ? 'silent' : 'malformed' };
}

/** Containers that never started have no end; their FinishedAt is the year 1. */
function decodeEnd(state: Fields): PauseEnd | undefined {
  const status = textIn(state, 'Status');
  const exitCode = wholeIn(state, 'ExitCode');
  const hasEnded = status === 'exited' || status === 'dead';
  if (!hasEnded || exitCode === undefined || (textIn(state, 'FinishedAt') ?? '').startsWith('0001-')) return undefined;
  return { exitCode, oomKilled: state['OOMKilled'] === true };
}

/** The pause of a sandbox. */
export function pauseOf({ status, pid }: Inspected): PauseRef {
  if (status === 'exited' || status === 'dead') return { kind: 'none', reason: 'exited' };
  if (status === 'created') return { kind: 'none', reason: 'not-reported' };
  return 'value' in pid ? { kind: 'pid', pid: pid.value } : { kind: 'unknown', reason: pid.unknown };
}

/**
 * PID mode of a pod: the sandbox knows only whether it is the node's; that it is shared stands with the app containers,
 * which then join the sandbox's. Undefined while there is none to tell.
 */
export function pidModeOf(
  sandboxId: string,
  sandbox: Inspected,
  apps: readonly Inspected[],
): NamespaceMode | undefined {
  if (sandbox.pidMode === 'host') return 'node';
  const modes = apps.map(({ pidMode }) => pidMode);
  if (modes.includes(`container:${sandboxId}`)) return 'pod';
  if (modes.includes('host')) return 'node';
  return modes.length === 0 ? undefined : 'container';
}

/** PID mode of one app: its own, its pod's, the node's or that of another container. */
export function ownPidModeOf(sandboxId: string, { pidMode }: Inspected): NamespaceMode {
  if (pidMode === 'host') return 'node';
  if (!pidMode.startsWith('container:')) return 'container';
  return pidMode === `container:${sandboxId}` ? 'pod' : 'target';
}

/** Mode of a namespace the sandbox itself is made with. */
export function hostOrPod(mode: string): NamespaceMode {
  return mode === 'host' ? 'node' : 'pod';
}
