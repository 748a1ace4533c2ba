/** A pod as CRI-O leaves it when it has dropped the infra container: pinned namespaces, and containers that live in them. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { poll } from '../program/program.ts';

/** Real processes in namespaces of their own, without a pause and without a runtime. */
export interface UnsharedPod {
  /** Name of the host in its UTS namespace. */
  readonly hostName: string;
  /** First processes of its containers, each PID 1 of a PID namespace and with a mount namespace of its own. */
  readonly inits: readonly number[];
  end(): void;
}

/** Starts as many containers as there are programs, each a line of shell; the caller ends them. */
export async function unsharePod(hostName: string, programs: readonly string[]): Promise<UnsharedPod> {
  const containers = programs.map((_, at) => `unshare --pid --fork --kill-child --mount-proc sh -c "$${at + 2}" &`);
  const script = `hostname "$1"; ${containers.join(' ')} wait`;
  const args = ['--net', '--ipc', '--uts', 'sh', '-c', script, 'pod', hostName, ...programs];
  const child = spawn('unshare', args, { detached: true, stdio: 'ignore' });
  const end = (): void => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  };
  try {
    const inits = await poll(
      () => {
        const found = childrenOf(child.pid).flatMap(childrenOf).filter(isNamespaceInit);
        return found.length === programs.length ? found : undefined;
      },
      () => 'the containers did not start',
    );
    return { hostName, inits, end };
  } catch (error) {
    end();
    throw error;
  }
}

/** Children of a process, oldest first. */
export function childrenOf(pid: number | undefined): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** True once it runs its own program: unshare(1) that has forked is still itself for a moment. */
function isNamespaceInit(pid: number): boolean {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return /^NSpid:.*\t1$/m.test(status) && !status.startsWith('Name:\tunshare');
}
