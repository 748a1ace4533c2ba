/** Words for what a closer look found or could not find; page and terminal say the same. */
import type { FaultCode } from '../../core/model.ts';
import type { NetworkLook, OwnedSocket, SocketEnd } from '../../core/pod-look.ts';
import type { ProcessDocument, SandboxDocument } from './pod-document.ts';

/** Nobody can look into a pod any more. */
export const NOT_RECORDED = 'Sockets, interfaces and mounts are not part of a recording.';

/** Why something could not be shown, as the end of a sentence. */
export function describeReason(reason: FaultCode): string {
  switch (reason) {
    case 'denied':
      return 'not permitted: the agent needs CAP_SYS_PTRACE, or root';
    case 'vanished':
      return 'its process ended, or is another one now';
    case 'timeout':
      return 'too many others are looking; try again';
    case 'unsupported':
      return 'this kernel, or this recording, does not have it';
    case 'malformed':
      return 'what came back does not make sense';
    case 'silent':
      return 'it could not be read';
    default:
      return reason satisfies never;
  }
}

/** "10.88.0.5:443", "[::1]:53"; port 0 is "any". */
export function describeEnd({ address, port }: SocketEnd): string {
  const host = address.includes(':') ? `[${address}]` : address;
  return `${host}:${port === 0 ? '*' : port}`;
}

/** Addresses of an interface, all of one form: the kernel tells the prefix length of IPv6 only. */
export function describeAddresses({ addresses }: NetworkLook['interfaces'][number]): readonly string[] {
  return addresses.map((it) => it.replace(/\/\d+$/, ''));
}

/** Names and PIDs of those that hold a socket. */
export function describeOwners({ owners }: OwnedSocket, processes: readonly ProcessDocument[]): string {
  const names = owners.slice(0, 3).map((pid) => {
    const comm = processes.find((it) => it.pid === pid)?.comm;
    return `${comm ?? '?'} (${pid})`;
  });
  return names.join(', ') + (owners.length > 3 ? ` and ${owners.length - 3} more` : '');
}

/** What is not known about who holds which socket; empty when all of it is. */
export function describeOwnersUnknown({ ownersUnknown, ownersCut }: NetworkLook): readonly string[] {
  const sentences = Object.entries(ownersUnknown).map(
    ([reason, count]) =>
      `Of ${count} process${count === 1 ? '' : 'es'} the open sockets could not be seen: ${describeReason(reason as FaultCode)}.`,
  );
  return ownersCut
    ? [...sentences, 'There are more open files than are looked at: some owners are missing.']
    : sentences;
}

/** True when the sandbox lives in the node's network namespace: what is seen there is the whole node's. */
export function isNodeNetwork({ networkMode, namespaces, nodeNamespaces }: SandboxDocument): boolean {
  const inode = namespaces['net']?.inode;
  const node = nodeNamespaces.net;
  return inode !== null && inode !== undefined && node !== undefined ? inode === node : networkMode === 'node';
}
