/** Who a process outside of a pod is to the node: whether it may be ended, is restarted by its service, or must stay. */
import type { HolderKind } from '../evidence/worded.ts';
import type { Process } from '../model.ts';
import type { Scene } from '../scene.ts';

/** comm of the daemons of container runtimes. `docker-containe` is cut by the kernel and may be a shim as well. */
const DAEMON_COMM = /^(containerd|dockerd|docker-containe|crio|cri-dockerd)$/;

/** comm of what stands between a daemon and its containers, for those whose command line could not be read. */
const SHIM_COMM = /^(containerd-shim|conmon)/;

/** Who a process that holds the dead of a pod is. Inside another pod it is a program like any other, whatever its name. */
export function holderKindOf(scene: Scene, process: Process): HolderKind {
  const { pid, comm } = process;
  if (pid === 1) return 'init';
  if (scene.attribution.ownerOf(process) !== undefined) return 'other';
  if (scene.snapshot.kernel.shims?.some((shim) => shim.pid === pid) === true) return 'shim';
  if (DAEMON_COMM.test(comm)) return 'daemon';
  return SHIM_COMM.test(comm) || startedContainers(scene, pid) ? 'shim' : 'other';
}

/** The parent of a pause or of a container's first process is a shim, whatever it is called. */
function startedContainers({ pods }: Scene, pid: number): boolean {
  return pods.some(({ pause, containers }) =>
    [pause, ...containers.map(({ init }) => init)].some((it) => it.kind === 'found' && it.process.ppid === pid),
  );
}
