/** Recognises runtimes that do not run a pod's processes under the node's own kernel. */
import type { Isolation } from '../core/model.ts';

/** Machines: Kata (also behind a hypervisor's name) and Firecracker. */
const VM = /(^|[._-])(kata|firecracker|aws\.firecracker|cloud-hypervisor|clh|qemu|dragonball)([._-]|$)/i;

/** gVisor's shim and its usual handlers. */
const USER_SPACE_KERNEL = /(^|[._-])(runsc|gvisor)([._-]|$)/i;

/**
 * By the shim that runs the pod ("io.containerd.kata.v2") where the runtime tells it, since a handler may have any name;
 * else by the handler's name, which by habit is that of the program behind it ("kata-qemu", "runsc", "gvisor").
 */
export function isolationOf(runtimeType: string | undefined, handler: string): Isolation {
  const name = runtimeType === undefined || runtimeType === '' ? handler : runtimeType;
  if (VM.test(name)) return 'vm';
  return USER_SPACE_KERNEL.test(name) ? 'user-space-kernel' : 'shared-kernel';
}
