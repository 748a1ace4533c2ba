/** The node as a whole: its sources, its zombies by holder, its tasks against its limits. */
import { groupBy } from './group-by.ts';
import type { NodeSnapshot } from './model.ts';
import type { HeldBy, NodeView, SourceView } from './report.ts';
import type { Scene } from './scene.ts';

/** Every source that was asked in this look, with its faults. */
export function viewSources({ runtimes, kernel, faults, takenAtMs }: NodeSnapshot): SourceView[] {
  const bySource = groupBy(faults, ({ source, endpoint }) => `${source} ${endpoint ?? ''}`);
  const faultsOf = (key: string): SourceView['faults'] => bySource.get(key) ?? [];
  const ofRuntimes = runtimes.map(
    ({ endpoint, up, answeredAtMs }): SourceView => ({
      source: 'runtime',
      endpoint,
      up,
      answeredAtMs,
      faults: faultsOf(`runtime ${endpoint}`),
    }),
  );
  const nowhere = faultsOf('runtime ');
  if (nowhere.length > 0 || runtimes.length === 0) {
    ofRuntimes.push({ source: 'runtime', endpoint: undefined, up: false, answeredAtMs: undefined, faults: nowhere });
  }
  const ofKernel = (['procfs', 'cgroupfs'] as const).map((source): SourceView => {
    const up = source === 'procfs' ? kernel.procfsUp : kernel.cgroupfsUp;
    const answeredAtMs = up ? takenAtMs : undefined;
    return { source, endpoint: undefined, up, answeredAtMs, faults: faultsOf(`${source} `) };
  });
  return [...ofRuntimes, ...ofKernel];
}

/** Sums over the node. */
export function viewNode({ snapshot, census, nodePids }: Scene): NodeView {
  const { kernel } = snapshot;
  const limits = [kernel.pidMax, kernel.threadsMax].filter((limit) => limit !== undefined);
  const [kubepods] = nodePids.kubepods;
  const zombies: Record<HeldBy, number> = { pod: 0, runtime: 0, host: 0, unattributed: 0 };
  for (const { heldBy } of census.confirmed ?? []) zombies[heldBy]++;
  return {
    zombies: census.confirmed && zombies,
    pids: nodePids.tasks,
    pidsLimit: limits.length === 2 ? Math.min(...limits) : undefined,
    kubepodsPids: kubepods?.current,
    kubepodsPidsLimit: kubepods?.limit,
  };
}
