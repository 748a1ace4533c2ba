/** Tells whether a runtime is found without being named: a command that a person copies then needs no endpoint. */

/** Where detection looks below /run; in a container the node's /run may be mounted elsewhere. */
const WELL_KNOWN_SOCKETS = [
  'containerd/containerd.sock',
  'k3s/containerd/containerd.sock',
  'crio/crio.sock',
  'cri-dockerd.sock',
  'docker.sock',
] as const;

/** True for a socket that `pausewatch` on the node looks at by itself. */
export function isWellKnownEndpoint(endpoint: string): boolean {
  return WELL_KNOWN_SOCKETS.some((socket) => endpoint.endsWith(`/run/${socket}`));
}
