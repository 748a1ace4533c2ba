/** Finds out which PID namespace a single container asked for: debug containers differ from their pod. */
import type { NamespaceMode } from '../../core/model.ts';
import { asFields, type Fields } from '../json-fields.ts';

/** By the numbers of NamespaceMode in CRI. */
const MODES: readonly NamespaceMode[] = ['pod', 'container', 'node', 'target'];

/**
 * The mode in the verbose info of a container; undefined when it does not tell. containerd repeats the request (numbers,
 * 0 left out). CRI-O gives the finished runtimeSpec only: there the namespace is new without a path, and the node's
 * without an entry; a path may be the pod's or another container's.
 */
export function decodeOwnPidMode(info: Fields): NamespaceMode | undefined {
  const options = objectAt(info, ['config', 'linux', 'security_context', 'namespace_options']);
  if (options !== undefined) {
    const mode = options['pid'] ?? 0;
    return typeof mode === 'number' ? MODES[mode] : undefined;
  }
  const namespaces = objectAt(info, ['runtimeSpec', 'linux'])?.['namespaces'];
  if (!Array.isArray(namespaces)) return undefined;
  const pid = namespaces.map(asFields).find((namespace) => namespace?.['type'] === 'pid');
  if (pid === undefined) return 'node';
  return pid['path'] === undefined ? 'container' : undefined;
}

function objectAt(fields: Fields, path: readonly string[]): Fields | undefined {
  let at: unknown = fields;
  for (const name of path) at = asFields(at)?.[name];
  return asFields(at);
}
