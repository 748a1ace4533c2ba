/** Wires the sources of one node together, as the configuration says. */
import { hostname } from 'node:os';
import { type Capture, createCapture } from './capture.ts';
import type { Config } from './config/parse.ts';
import { createCgroupfs } from './kernel/cgroupfs.ts';
import { createProcfs, type Procfs } from './kernel/procfs.ts';
import { createCriRuntime } from './runtime/cri/runtime.ts';
import { detectEndpoint } from './runtime/detect.ts';

/** What is read of a node. */
export interface NodeSources {
  readonly name: string;
  readonly procfs: Procfs;
  readonly capture: Capture;
}

/** Opens the sources; nothing is read or asked yet. */
export function openNode(config: Config): NodeSources {
  const name = config.nodeName ?? hostname();
  const procfs = createProcfs({ root: config.procfs, pidMax: config.pidMax });
  const capture = createCapture({
    node: name,
    endpoints: config.runtimeEndpoints,
    createRuntime: (endpoint) => createCriRuntime(endpoint),
    detectEndpoint: () => detectEndpoint(config.run),
    procfs,
    cgroupfs: createCgroupfs({ root: config.cgroupfs }),
  });
  return { name, procfs, capture };
}
