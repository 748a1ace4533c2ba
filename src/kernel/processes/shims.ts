/** Recognises the shims and conmons among the processes, and reads whom they serve, once in the life of each. */
import { idsInPath } from '../../core/cgroup-path.ts';
import type { Process, Shim } from '../../core/model.ts';
import { isDeadState } from '../../core/process-life.ts';
import { parseConmonFlags, parseShimFlags } from '../parse/shim-flags.ts';

import type { BytesReader } from '../reading/bytes-reader.ts';

/** comm of containerd-shim, containerd-shim-runc-v2, …: the kernel keeps 15 characters. */
const KIND_BY_COMM: ReadonlyMap<string, Shim['kind']> = new Map([
  ['containerd-shim', 'shim'],
  ['conmon', 'conmon'],
]);

/** Remembers the shims of the last look. */
export interface ShimReader {
  /** The shims among `processes`: whatever runs in a container is none, whatever it is called. */
  read(processes: readonly Process[]): readonly Shim[];
}

/** Makes a reader of the procfs at `root` that knows none yet. */
export function createShimReader({
  root,
  reader,
}: {
  readonly root: string;
  readonly reader: BytesReader;
}): ShimReader {
  let known = new Map<number, { readonly startTicks: number; readonly shim: Shim }>();
  return {
    read(processes) {
      const next: typeof known = new Map();
      for (const process of processes) {
        const kind = KIND_BY_COMM.get(process.comm);
        if (kind === undefined || isDeadState(process.state) || isInContainer(process)) continue;
        const { pid, startTicks } = process;
        const before = known.get(pid);
        const shim = before?.startTicks === startTicks ? before.shim : readShim(root, reader, pid, kind);
        if (shim !== undefined) next.set(pid, { startTicks, shim });
      }
      known = next;
      return [...next.values()].map(({ shim }) => shim);
    },
  };
}

function isInContainer({ cgroup }: Process): boolean {
  return cgroup !== undefined && idsInPath(cgroup).length > 0;
}

/** One that ends meanwhile is none any more; one whose command line is closed to us tells nothing and is left out. */
function readShim(root: string, reader: BytesReader, pid: number, kind: Shim['kind']): Shim | undefined {
  try {
    const text = reader.readText(`${root}/${pid}/cmdline`);
    return { pid, kind, ...(kind === 'shim' ? parseShimFlags(text) : parseConmonFlags(text)) };
  } catch {
    return undefined;
  }
}
