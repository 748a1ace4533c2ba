/** A node as busy as one gets: pods with an app of seventeen processes, a tenth of them with zombies. */
import type { NodeSnapshot } from '../../src/core/model.ts';
import { inContainer, node, pod, process, zombies } from './snapshot-builder.ts';

const PROCESSES_EACH = 17;

/** Makes a snapshot with so many pods, and twenty times as many processes. */
export function busyNode(sandboxes: number): NodeSnapshot {
  const pods = Array.from({ length: sandboxes }, (_, i) => {
    const base = 100 * (i + 1);
    const ofApp = Array.from({ length: PROCESSES_EACH }, (_none, k) =>
      process(base + 30 + k, { ...inContainer(base), ppid: base + 10, unprobed: true }),
    );
    const dead = i % 10 === 0 ? zombies(5, base + 60, base + 10, inContainer(base)) : [];
    return pod(`pod-${i}`, { base, more: [...ofApp, ...dead] });
  });
  return node({ pods });
}
