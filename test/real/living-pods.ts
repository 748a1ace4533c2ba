/** Pods without a runtime: real pauses and apps in real PID namespaces, for whatever runtime says they are its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Programs } from '../lab/programs.ts';
import { poll } from '../program/program.ts';
import type { LivingPod } from '../runtime/contract/stand-in.ts';
import { childrenOf } from './unshared-pod.ts';

/** Zombies under the PID 1 of `own`. */
export const OWN_ZOMBIES = 3;
/** Zombies under an ordinary process of `shared`. */
export const SHARED_ZOMBIES = 2;

/** Two pods; the caller ends them. */
export interface LivingPods {
  /** Pause and app have a PID namespace each; the app is PID 1 of its own and never waits. */
  readonly own: LivingPod;
  /** The app is in the PID namespace of pause, and a child of it never waits. */
  readonly shared: LivingPod;
  end(): void;
}

/** Starts both pods. */
export async function startLivingPods({ pause, zoo }: Programs): Promise<LivingPods> {
  const started: ChildProcess[] = [];
  const end = (): void => {
    for (const { pid, exitCode, signalCode } of started.splice(0)) {
      // Whose program was killed has ended by itself.
      if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, 'SIGKILL');
    }
  };
  /** The PID of the program that unshare(1) or nsenter(1) starts as its child. */
  const start = async (command: string, args: readonly string[], name: string): Promise<number> => {
    const child = spawn(command, [...args], { detached: true, stdio: 'ignore' });
    started.push(child);
    return await poll(
      () => childrenOf(child.pid)[0],
      () => `${name} did not start`,
    );
  };
  const unshared = (program: readonly string[], name: string) =>
    start('unshare', ['--pid', '--fork', '--kill-child', ...program], name);
  try {
    const own = {
      arrangedAs: 'own',
      pausePid: await unshared([pause], 'the pause of own'),
      appPid: await unshared([zoo, 'leak-init', String(OWN_ZOMBIES)], 'the app of own'),
    };
    const pausePid = await unshared([pause], 'the pause of shared');
    const leak = [zoo, 'leak-below', String(SHARED_ZOMBIES), '--', 'reaper'];
    const appPid = await start('nsenter', ['--target', String(pausePid), '--pid', ...leak], 'the app of shared');
    return { own, shared: { arrangedAs: 'shared', pausePid, appPid }, end };
  } catch (error) {
    end();
    throw error;
  }
}
