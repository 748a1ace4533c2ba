/** Asks for a list in parts where the runtime offers that, else in one message, and remembers which. */
import type { CallLimits, Method } from '../grpc/call.ts';
import type { Connection } from '../grpc/connection.ts';
import { CallError, STATUS } from '../grpc/status.ts';

type Nothing = Record<string, never>;

/** One list, both ways to ask for it. */
export interface List<T> {
  readonly inParts: Method<Nothing, readonly T[]>;
  /** The call that every runtime has. */
  readonly whole: Method<Nothing, readonly T[]>;
}

/** Lists of one connection. */
export interface ListCalls {
  /** Rejects with a CallError. The limits hold for all parts together. */
  ask<T>(list: List<T>, limits: CallLimits): Promise<readonly T[]>;
  /** The connection was lost: behind the next one may be a newer runtime. */
  forgetOffers(): void;
}

/** Knows nothing yet of what the runtime offers: the first list is asked for in parts. */
export function createListCalls(connection: Connection): ListCalls {
  const notOffered = new Set<string>();

  return {
    async ask({ inParts, whole }, limits) {
      if (!notOffered.has(inParts.path)) {
        try {
          return (await connection.askForParts(inParts, {}, limits)).flat();
        } catch (error) {
          if (!(error instanceof CallError && error.code === STATUS.UNIMPLEMENTED)) throw error;
          notOffered.add(inParts.path);
        }
      }
      return await connection.ask(whole, {}, limits);
    },
    forgetOffers: () => notOffered.clear(),
  };
}
