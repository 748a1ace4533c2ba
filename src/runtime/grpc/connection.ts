/** One HTTP/2 connection to a unix socket, made when it is needed and made again when it was lost. */
import { type ClientHttp2Session, connect } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { type CallLimits, type Method, makeCall, requestHeaders } from './call.ts';
import { CallError, STATUS } from './status.ts';

/** Calls over one connection. Each rejects with a CallError. */
export interface Connection {
  /** A call with one answer. */
  ask<Q, A>(method: Method<Q, A>, request: Q, limits: CallLimits): Promise<A>;
  /** A call whose answer comes in parts, in their order. */
  askForParts<Q, A>(method: Method<Q, A>, request: Q, limits: CallLimits): Promise<readonly A[]>;
  /** Ends the connection and what is under way. */
  close(): void;
}

/** Between two attempts to connect, in milliseconds: doubled with each that fails. */
const SHORTEST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 3000;

/** A connection to `unix://<path>`; the first call opens it. `onLost` is told whenever it ended, for whatever reason. */
export function createConnection(endpoint: string, onLost: () => void): Connection {
  const path = endpoint.replace(/^unix:\/\//, '');
  let session: ClientHttp2Session | undefined;
  let waitMs = SHORTEST_WAIT_MS;
  let refusal: { readonly said: string; readonly untilMs: number } | undefined;

  /** The session, which may still be connecting. Throws while the last attempt has just failed. */
  function open(): ClientHttp2Session {
    // A server that is about to end lets what is under way finish, and takes nothing new.
    if (session !== undefined && !session.closed && !session.destroyed) return session;
    if (refusal !== undefined && performance.now() < refusal.untilMs)
      throw new CallError(STATUS.UNAVAILABLE, refusal.said);
    const opened = connect('http://localhost', {
      createConnection: () => connectSocket({ path }),
      settings: { enablePush: false },
    });
    let said = 'the connection was closed';
    let isServed = false;
    // The first thing a server of HTTP/2 says; a socket alone is no proof of one.
    opened.once('remoteSettings', () => {
      isServed = true;
      waitMs = SHORTEST_WAIT_MS;
    });
    opened.on('error', (error: Error) => {
      said = error.message;
    });
    opened.once('close', () => {
      if (session === opened) session = undefined;
      if (!isServed) {
        refusal = { said, untilMs: performance.now() + waitMs };
        waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS);
      }
      onLost();
    });
    session = opened;
    return opened;
  }

  async function askForParts<Q, A>(method: Method<Q, A>, request: Q, limits: CallLimits): Promise<A[]> {
    const parts: A[] = [];
    const stream = open().request(requestHeaders(method.path, limits.deadlineMs));
    await makeCall(stream, method.encode(request), limits, (message) => void parts.push(method.decode(message)));
    return parts;
  }

  return {
    askForParts,
    async ask(method, request, limits) {
      const [answer, second] = await askForParts(method, request, limits);
      if (answer === undefined || second !== undefined)
        throw new CallError(STATUS.INTERNAL, 'not the one message that was asked for');
      return answer;
    },
    close: () => session?.destroy(),
  };
}
