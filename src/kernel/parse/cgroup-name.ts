/** Decides whether the name of a cgroup directory is that of a container, in every form runtimes give it. */

/** Finds which of the wanted ids a directory name stands for; a lower rank is a better fit. */
export type NameMatcher = (name: string) => readonly NameMatch[];

/** One id that a directory name stands for. */
interface NameMatch {
  readonly id: string;
  /** 0 for the id alone, 1 for a well-known form around it, 2 for any other. */
  readonly rank: number;
}

const WHOLE_ID = /(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/g;
const WELL_KNOWN = ['cri-containerd-', 'docker-', 'crio-'];

/**
 * Makes a matcher for a set of ids. Besides the well-known forms anything that contains the id counts ("crio-<id>",
 * "kubepods-pod1.slice:cri-containerd:<id>"), but never conmon: that is the monitor beside the container.
 */
export function createNameMatcher(ids: ReadonlySet<string>): NameMatcher {
  const oddIds = [...ids].filter((id) => !/^[0-9a-f]{64}$/.test(id));
  return (name) => {
    if (name.includes('conmon')) return [];
    const found = (name.length < 64 ? [] : (name.match(WHOLE_ID) ?? [])).filter((id) => ids.has(id));
    const odd = oddIds.filter((id) => containsWord(name, id));
    return [...found, ...odd].map((id) => ({ id, rank: rankOf(name, id) }));
  };
}

function rankOf(name: string, id: string): number {
  if (name === id) return 0;
  return WELL_KNOWN.some((prefix) => name === `${prefix}${id}.scope`) ? 1 : 2;
}

function containsWord(name: string, word: string): boolean {
  const at = word === '' ? -1 : name.indexOf(word);
  if (at < 0) return false;
  const isWordPart = /[0-9A-Za-z]/;
  return !isWordPart.test(name.charAt(at - 1)) && !isWordPart.test(name.charAt(at + word.length));
}
