/** A node with very many pods, of which a share is in trouble. */
import type { AuditReport } from '../../src/core/report.ts';
import { finding, report, sandboxView } from './report-builder.ts';

/** Makes a report of `count` pods; `share` of them, 0 to 1, have a finding each. */
export function crowdedNode(count: number, share: number): AuditReport {
  const sandboxes = Array.from({ length: count }, (_, index) => {
    const namespace = `team-${index % 17}-production`;
    const name = `service-${index % 90}-deployment-7d9c6b5f4-${(index * 7919).toString(36).padStart(5, 'x')}`;
    const current = 10 + (index % 1000);
    const subject = { kind: 'process', namespace, pod: name, container: 'app', pid: 3 } as const;
    const evidence = { zombies: 12, names: ['sh'], parentComm: 'node', parentPid: 55 };
    const findings =
      index < count * share
        ? [finding('zombies-app-parent', index % 2 === 0 ? 'warning' : 'info', subject, { evidence })]
        : [];
    const pids = { current, limit: 1024, limitFrom: 'pod', utilization: current / 1024, zombieShare: 0 } as const;
    return sandboxView(namespace, name, { pids, findings });
  });
  return report({ sandboxes });
}
