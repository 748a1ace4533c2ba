/** Finds the container runtime of a node: among the well-known sockets one behind which pods are, or at least an answer. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { SourceFault } from '../core/model.ts';
import { probeCri } from './cri/runtime.ts';
import { probeDocker } from './docker/runtime.ts';
import type { Probe } from './probe.ts';

type Prober = (endpoint: string, timeoutMs: number) => Promise<Probe>;

/**
 * Where runtimes listen, below /run, the preferred first: CRI before Docker's own protocol, which tells less. k3s and
 * RKE2 share a place. Left out are sockets that hold no pods: podman's, and the host containers of Bottlerocket.
 */
const WELL_KNOWN_SOCKETS: readonly (readonly [string, Prober])[] = [
  ['containerd/containerd.sock', probeCri],
  ['k3s/containerd/containerd.sock', probeCri],
  ['crio/crio.sock', probeCri],
  ['cri-dockerd.sock', probeCri],
  ['docker.sock', probeDocker],
];

/** How long a socket may take to answer, in milliseconds. */
const PROBE_MS = 2000;

/** The endpoint that answered, or one fault that says what was tried. */
export type Detection = { readonly endpoint: string } | { readonly fault: SourceFault };

/**
 * Asks at every well-known socket below `runDirectory` (`/run`) that exists. Of those that answer the first that has
 * pods is taken, for a Docker node has a containerd beside it that may answer, too; else the first.
 */
export async function detectEndpoint(runDirectory: string): Promise<Detection> {
  const asked = WELL_KNOWN_SOCKETS.map(([socket, probe]) => ({ path: join(runDirectory, socket), probe }))
    .filter(({ path }) => existsSync(path))
    .map(async ({ path, probe }) => ({ endpoint: `unix://${path}`, result: await probe(`unix://${path}`, PROBE_MS) }));
  const answers = await Promise.all(asked);
  const alive = answers.flatMap(({ endpoint, result }) =>
    result.fault === undefined ? [{ endpoint, sandboxes: result.sandboxes }] : [],
  );
  const chosen = alive.find(({ sandboxes }) => sandboxes > 0) ?? alive[0];
  if (chosen !== undefined) return { endpoint: chosen.endpoint };
  return {
    fault: noneAnswers(
      runDirectory,
      answers.flatMap(({ result }) => result.fault ?? []),
    ),
  };
}

function noneAnswers(runDirectory: string, faults: readonly SourceFault[]): SourceFault {
  const where = `${WELL_KNOWN_SOCKETS.length} well-known sockets below ${runDirectory}`;
  const tried = faults.map(({ message }) => message).join(' ');
  const names = WELL_KNOWN_SOCKETS.map(([socket]) => socket).join(', ');
  const message =
    faults.length === 0 ? `None of the ${where} exists: ${names}.` : `None of the ${where} answers. ${tried}`;
  const code = faults.some((fault) => fault.code === 'denied') ? 'denied' : 'silent';
  return { source: 'runtime', endpoint: undefined, code, subject: 'detection', message, count: 1 };
}
