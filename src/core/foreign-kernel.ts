/** Tells pods that do not run under the node's own kernel (Kata, gVisor): what is known of pause does not hold there. */
import type { PodScene } from './scene.ts';

/** Handlers by habit carry the name of the program behind them. */
const HANDLER = /(^|[._-])(kata|runsc|gvisor|firecracker|cloud-hypervisor|clh|qemu|dragonball)([._-]|$)/i;

/** Programs that stand where pause would. */
const PROGRAM =
  /\/(runsc|runsc-sandbox|qemu-[\w-]+|cloud-hypervisor|firecracker|kata-[\w-]+|containerd-shim-kata[\w-]*)$/;

/** Whether a machine or a kernel in user space stands between this pod and the node. */
export function runsForeignKernel({ sandbox, pause }: Pick<PodScene, 'sandbox' | 'pause'>): boolean {
  if (sandbox.pause.kind === 'none' && sandbox.pause.reason === 'vm-runtime') return true;
  const exe = pause.kind === 'found' ? pause.process.probe?.exe : undefined;
  return HANDLER.test(sandbox.runtimeHandler) || (exe !== undefined && PROGRAM.test(exe));
}
