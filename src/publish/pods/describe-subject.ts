/** Names what a finding is about. */
import type { Subject } from '../../core/finding.ts';

/** What a finding is about, for people: a pod, an image, a runtime or the node. */
export function describeSubject({ kind, namespace, pod, image, runtimeEndpoint }: Subject): string {
  if (pod !== undefined) return namespace === undefined ? pod : `${namespace}/${pod}`;
  if (kind === 'image' && image !== undefined) return `image ${image}`;
  return runtimeEndpoint === undefined ? 'node' : `runtime ${runtimeEndpoint}`;
}
