/** Wires the sources of one node together, as the configuration says. */
import { hostname } from 'node:os';
import type { Config } from '../config/parse.ts';
import { DEFAULT_POLICY, type Policy, policyForSettle } from '../core/policy.ts';
import { createCgroupfs } from '../kernel/cgroups/cgroupfs.ts';
import { createProcfs, type Procfs } from '../kernel/processes/procfs.ts';
import { detectEndpoint } from '../runtime/detect.ts';
import { openRuntime } from '../runtime/open-runtime.ts';
import { type Capture, createCapture } from './capture.ts';
import { keepHeapSmall } from './heap.ts';

/** What is read of a node. */
export interface NodeSources {
  readonly name: string;
  readonly procfs: Procfs;
  readonly capture: Capture;
}

/** Where the sources of a node are. */
export type NodePlaces = Pick<Config, 'nodeName' | 'procfs' | 'pidMax' | 'cgroupfs' | 'run' | 'runtimeEndpoints'>;

/** Opens the sources; nothing is read or asked yet. */
export function openNode(config: NodePlaces): NodeSources {
  keepHeapSmall();
  const name = config.nodeName ?? hostname();
  const procfs = createProcfs({ root: config.procfs, pidMax: config.pidMax });
  const capture = createCapture({
    node: name,
    endpoints: config.runtimeEndpoints,
    createRuntime: openRuntime,
    detectEndpoint: () => detectEndpoint(config.run),
    procfs,
    cgroupfs: createCgroupfs({ root: config.cgroupfs }),
  });
  return { name, procfs, capture };
}

/** What this node is judged by. */
export function policyOf({ policy, settleMs }: Config): Policy {
  return policyForSettle(policy ?? DEFAULT_POLICY, settleMs);
}
