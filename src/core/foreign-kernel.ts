/** Tells pods that do not run under the node's own kernel (Kata, gVisor): what is known of pause does not hold there. */
import { programPath } from './program-path.ts';
import type { PodScene } from './scene.ts';

/** Programs that stand where pause would: a handler may have any name. */
const PROGRAM =
  /\/(runsc|runsc-sandbox|qemu-[\w-]+|cloud-hypervisor|firecracker|kata-[\w-]+|containerd-shim-kata[\w-]*)$/;

/** Whether a machine or a kernel in user space stands between this pod and the node. */
export function runsForeignKernel({ sandbox, pause }: Pick<PodScene, 'sandbox' | 'pause'>): boolean {
  if (sandbox.isolation !== 'shared-kernel') return true;
  const exe = pause.kind === 'found' ? pause.process.probe?.exe : undefined;
  return exe !== undefined && PROGRAM.test(programPath(exe));
}
