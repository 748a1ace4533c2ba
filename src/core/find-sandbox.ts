/** Finds the sandbox a person means: by namespace/name, by name alone, or by the beginning of its id. */

/** What a sandbox is told by. */
export interface Named {
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  readonly state: 'ready' | 'notready';
  readonly createdAtMs: number;
}

/**
 * The sandboxes that fit: one, none, or the candidates to choose from. A name that fits wins over an id that begins
 * alike. Of several sandboxes of one pod the newest ready one is meant, and each is its own candidate when none is ready.
 */
export function findSandbox<S extends Named>(word: string, sandboxes: readonly S[]): readonly S[] {
  const slash = word.indexOf('/');
  const [namespace, name] = slash < 0 ? [undefined, word] : [word.slice(0, slash), word.slice(slash + 1)];
  const named = sandboxes.filter((it) => it.name === name && (namespace ?? it.namespace) === it.namespace);
  if (named.length > 0) return oneOfPod(named);
  const fitting = word === '' ? [] : sandboxes.filter(({ id }) => id.startsWith(word));
  const whole = fitting.filter(({ id }) => id === word);
  return whole.length > 0 ? whole.slice(0, 1) : fitting;
}

/** Pods that may have been meant by a word that fits none, likeliest first: the same name elsewhere, then similar ones. */
export function findSimilar<P extends Pick<Named, 'namespace' | 'name'>>(
  word: string,
  pods: readonly P[],
): readonly P[] {
  const asked = word.toLowerCase();
  const name = asked.slice(asked.lastIndexOf('/') + 1);
  const distance = (pod: P): number => {
    const its = pod.name.toLowerCase();
    if (its === name) return 0;
    if (name !== '' && its.startsWith(name)) return 1;
    if (name !== '' && its.includes(name)) return 2;
    if (asked !== '' && `${pod.namespace}/${its}`.includes(asked)) return 3;
    return name.startsWith(its) ? 4 : Number.POSITIVE_INFINITY;
  };
  const ofPod = new Map(pods.map((pod) => [`${pod.namespace}/${pod.name}`, pod]));
  return [...ofPod.values()].filter((pod) => distance(pod) < 5).toSorted((a, b) => distance(a) - distance(b));
}

/** Names offered in place of a pod that is not there. */
const MAX_NAMES = 5;

/** The likeliest of those, as "namespace/name, namespace/name"; empty when nothing is similar. */
export function similarNames(word: string, pods: readonly Pick<Named, 'namespace' | 'name'>[]): string {
  const similar = findSimilar(word, pods).slice(0, MAX_NAMES);
  return similar.map(({ namespace, name }) => `${namespace}/${name}`).join(', ');
}

function oneOfPod<S extends Named>(named: readonly S[]): readonly S[] {
  const [first] = named;
  if (!named.every(({ namespace }) => namespace === first?.namespace)) return named;
  const newest = named.toSorted((a, b) => b.createdAtMs - a.createdAtMs).find(({ state }) => state === 'ready');
  return newest === undefined ? named : [newest];
}
