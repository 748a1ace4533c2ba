/** Finds the container runtime of a node: the first well-known socket behind which one really answers. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { SourceFault } from '../core/model.ts';
import { probeCri } from './cri/runtime.ts';

/** Where runtimes listen, below /run, in the order in which they are tried. */
const WELL_KNOWN_SOCKETS = [
  'containerd/containerd.sock',
  'k3s/containerd/containerd.sock',
  'crio/crio.sock',
  'cri-dockerd.sock',
] as const;

/** How long a socket may take to answer, in milliseconds. */
const PROBE_MS = 2000;

/** The endpoint that answered, or one fault that says what was tried. */
export type Detection = { readonly endpoint: string } | { readonly fault: SourceFault };

/** Tries every well-known socket below `runDirectory` (`/run`) in turn. */
export async function detectEndpoint(runDirectory: string): Promise<Detection> {
  const tried: string[] = [];
  let denied = false;
  for (const socket of WELL_KNOWN_SOCKETS) {
    const path = join(runDirectory, socket);
    if (!existsSync(path)) continue;
    const fault = await probeCri(`unix://${path}`, PROBE_MS);
    if (fault === undefined) return { endpoint: `unix://${path}` };
    denied ||= fault.code === 'denied';
    tried.push(fault.message);
  }
  const where = `${WELL_KNOWN_SOCKETS.length} well-known sockets below ${runDirectory}`;
  const message =
    tried.length === 0 ? `None of the ${where} exists.` : `None of the ${where} answers. ${tried.join(' ')}`;
  const code = denied ? 'denied' : 'silent';
  return { fault: { source: 'runtime', endpoint: undefined, code, subject: 'detection', message, count: 1 } };
}
