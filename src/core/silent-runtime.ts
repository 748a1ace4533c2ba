/** What still holds of a runtime's last answer while the runtime itself is silent. */
import type { RuntimeSnapshot } from './model.ts';

/**
 * The snapshot without the pods that ended meanwhile: no cgroup is left of the sandbox, and none of its containers. A sandbox
 * whose pause died has lost its own while its containers run on, and is the one that must not be lost sight of.
 * `cgroupOf` are paths by id of sandbox or container; undefined where cgroups could not be read, and nothing is dropped then.
 */
export function dropEnded(
  runtime: RuntimeSnapshot,
  cgroupOf: Readonly<Record<string, string>> | undefined,
): RuntimeSnapshot {
  if (runtime.up || cgroupOf === undefined) return runtime;
  const going = new Set<string>();
  for (const { id } of runtime.sandboxes) if (cgroupOf[id] !== undefined) going.add(id);
  for (const { id, sandboxId } of runtime.containers) if (cgroupOf[id] !== undefined) going.add(sandboxId);
  return {
    ...runtime,
    sandboxes: runtime.sandboxes.filter(({ id }) => going.has(id)),
    containers: runtime.containers.filter(({ sandboxId }) => going.has(sandboxId)),
  };
}
