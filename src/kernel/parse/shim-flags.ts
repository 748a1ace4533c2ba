/** Takes the known flags out of the command line of a shim or conmon; whatever else it says is dropped at once. */
import type { Shim } from '../../core/model.ts';

/** What the flags tell. */
export type ShimFlags = Pick<Shim, 'namespace' | 'id' | 'address'>;

/** Names that CRI-O and dockershim give to what belongs to a pod; Podman's conmon has others. */
const POD_NAME = /^k8s_/;

/** Flags of a containerd shim: `-namespace k8s.io -id <id> -address <socket>`. `text` is /proc/PID/cmdline. */
export function parseShimFlags(text: string): ShimFlags {
  const words = text.split('\0');
  return {
    namespace: valueOf(words, ['namespace']),
    id: valueOf(words, ['id']),
    address: valueOf(words, ['address']),
  };
}

/** Flags of a conmon: `-c <container id> -n k8s_…`; no id unless its name is that of a pod's container. */
export function parseConmonFlags(text: string): ShimFlags {
  const words = text.split('\0');
  const isOfPod = POD_NAME.test(valueOf(words, ['n', 'name']) ?? '');
  return { namespace: undefined, id: isOfPod ? valueOf(words, ['c', 'cid']) : undefined, address: undefined };
}

/** Value of a flag in any form: "-id x", "--id x", "-id=x". */
function valueOf(words: readonly string[], names: readonly string[]): string | undefined {
  for (const [i, word] of words.entries()) {
    const match = /^--?([a-z]+)(?:=(.*))?$/.exec(word);
    if (match?.[1] === undefined || !names.includes(match[1])) continue;
    const value = match[2] ?? words[i + 1];
    return value === undefined || value === '' ? undefined : value;
  }
  return undefined;
}
