/** Chooses the sockets that are shown of however many there are: those of the pod first, then those that listen, then by port. */
import type { OwnedSocket, SocketFacts } from '../../core/pod-look.ts';
import type { SocketOwners } from './socket-owners.ts';

/** Keeps the first few and counts the others. */
export interface SocketChoice {
  add(socket: SocketFacts): void;
  /** What is left when all were added. */
  settle(): { readonly sockets: readonly OwnedSocket[]; readonly omitted: number };
}

/** A choice of at most `limit` sockets, with the processes that hold them. */
export function createSocketChoice({ byInode }: SocketOwners, limit: number): SocketChoice {
  const kept: { readonly rank: number; readonly socket: OwnedSocket }[] = [];
  let omitted = 0;

  function drop(): void {
    kept.sort((a, b) => a.rank - b.rank);
    omitted += Math.max(0, kept.length - limit);
    kept.length = Math.min(kept.length, limit);
  }

  return {
    add(facts) {
      const socket = { ...facts, owners: byInode.get(facts.inode) ?? [] };
      kept.push({ rank: rankOf(socket), socket });
      // Sorting few sockets often holds the loop for less than all of them once.
      if (kept.length > 2 * limit) drop();
    },
    settle() {
      drop();
      return { sockets: kept.map(({ socket }) => socket), omitted };
    },
  };
}

/** A lower one comes first; a port has 16 bits. */
function rankOf({ owners, state, local }: OwnedSocket): number {
  const ofOthers = owners.length > 0 ? 0 : 4;
  const byState = state === 'LISTEN' ? 0 : state === 'UNCONNECTED' ? 1 : state === 'TIME_WAIT' ? 3 : 2;
  return (ofOthers + byState) * 65_536 + local.port;
}
