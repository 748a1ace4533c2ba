/** Asks for a list in parts where the runtime offers that, else in one message, and remembers which. */
import { type Client, type ClientReadableStream, status as grpcStatus, Metadata } from '@grpc/grpc-js';

/** As the kubelet: a full node's lists pass 4 MiB, gRPC's default. Holds for one message and for the parts together. */
export const MAX_RECEIVE_BYTES = 16 * 1024 * 1024;

/** A server-streaming method as the generated service describes it. */
interface StreamMethod<Q, P> {
  readonly path: string;
  readonly requestSerialize: (request: Q) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => P;
}

/** One list, both ways to ask for it. */
export interface ListWays<P, T> {
  readonly client: Client;
  readonly method: StreamMethod<Record<string, never>, P>;
  readonly itemsOf: (part: P) => readonly T[];
  /** The call that every runtime has; `deadlineMs` in milliseconds since the epoch. */
  readonly whole: (deadlineMs: number) => Promise<readonly T[]>;
}

/** Lists of one connection. */
export interface ListCalls {
  /** Rejects with a gRPC ServiceError; `deadlineMs` in milliseconds since the epoch. */
  list<P, T>(ways: ListWays<P, T>, deadlineMs: number): Promise<readonly T[]>;
  /** The connection was lost: behind the next one may be a newer runtime. */
  forgetOffers(): void;
  /** Ends what is being asked. */
  cancel(): void;
}

/** Knows nothing yet of what the runtime offers: the first list is asked for in parts. */
export function createListCalls(): ListCalls {
  const notOffered = new Set<string>();
  const underWay = new Set<ClientReadableStream<unknown>>();

  function inParts<P, T>({ client, method, itemsOf }: ListWays<P, T>, deadlineMs: number): Promise<readonly T[]> {
    return new Promise((resolve, reject) => {
      const items: T[] = [];
      const { path, requestSerialize } = method;
      const decode = limitBytes(method.responseDeserialize);
      const options = { deadline: deadlineMs };
      const stream = client.makeServerStreamRequest(path, requestSerialize, decode, {}, new Metadata(), options);
      underWay.add(stream);
      stream.on('data', (part: P) => {
        for (const item of itemsOf(part)) items.push(item);
      });
      stream.on('error', (error) => {
        underWay.delete(stream);
        reject(error);
      });
      stream.on('end', () => {
        underWay.delete(stream);
        resolve(items);
      });
    });
  }

  return {
    async list(ways, deadlineMs) {
      const { path } = ways.method;
      if (notOffered.has(path)) return await ways.whole(deadlineMs);
      try {
        return await inParts(ways, deadlineMs);
      } catch (error) {
        if (!isUnimplemented(error)) throw error;
        notOffered.add(path);
        return await ways.whole(deadlineMs);
      }
    },
    forgetOffers: () => notOffered.clear(),
    cancel: () => {
      for (const stream of underWay) stream.cancel();
    },
  };
}

/** What the decoder throws ends the call with INTERNAL, as an oversized single message does with its own code. */
function limitBytes<P>(decode: (bytes: Buffer) => P): (bytes: Buffer) => P {
  let received = 0;
  return (bytes) => {
    received += bytes.length;
    if (received > MAX_RECEIVE_BYTES) throw new Error(`the list is larger than ${MAX_RECEIVE_BYTES} bytes`);
    return decode(bytes);
  };
}

function isUnimplemented(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === grpcStatus.UNIMPLEMENTED;
}
