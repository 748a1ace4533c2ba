/** One HTTP/2 connection to a unix socket, made when it is needed and made again when it was lost. */
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { type CallLimits, type Method, makeCall, requestHeaders } from './call.ts';
import { CallError, CONNECTION_CLOSED, STATUS } from './status.ts';

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

/** Calls that were given up, and that a peer which reads nothing keeps; with more of them it is taken for dead. */
const MOST_ABANDONED = 64;

/** One session and the socket below it: ended, it may wait for its peer for ever while the socket lives. */
interface Line {
  readonly session: ClientHttp2Session;
  readonly end: () => void;
  abandoned: number;
  isServed: boolean;
}

/** A connection to `unix://<path>`; the first call opens it. `onLost` is told whenever it ended, for whatever reason. */
export function createConnection(endpoint: string, onLost: () => void): Connection {
  const path = endpoint.replace(/^unix:\/\//, '');
  const lines = new Set<Line>();
  let current: Line | undefined;
  let isClosed = false;
  let waitMs = SHORTEST_WAIT_MS;
  let refusal: { readonly said: string; readonly untilMs: number } | undefined;

  /** The line, which may still be connecting. Throws after `close`, and while the last attempt has just failed. */
  function open(): Line {
    if (isClosed) throw new CallError(STATUS.UNAVAILABLE, CONNECTION_CLOSED);
    // A server that is about to end lets what is under way finish, and takes nothing new.
    if (current !== undefined && !current.session.closed && !current.session.destroyed) return current;
    if (refusal !== undefined && performance.now() < refusal.untilMs)
      throw new CallError(STATUS.UNAVAILABLE, refusal.said);
    current = connectLine();
    return current;
  }

  function connectLine(): Line {
    const line = openLine(path, (said) => {
      lines.delete(line);
      if (!line.isServed) {
        refusal = { said, untilMs: performance.now() + waitMs };
        waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS);
      }
      onLost();
    });
    // The first thing a server of HTTP/2 says; a socket alone is no proof of one.
    line.session.once('remoteSettings', () => {
      line.isServed = true;
      waitMs = SHORTEST_WAIT_MS;
    });
    lines.add(line);
    return line;
  }

  async function askForParts<Q, A>(method: Method<Q, A>, request: Q, limits: CallLimits): Promise<A[]> {
    const parts: A[] = [];
    const message = method.encode(request);
    const line = open();
    const stream = line.session.request(requestHeaders(method.path, limits.deadlineMs));
    try {
      await makeCall(stream, message, limits, (part) => void parts.push(method.decode(part)));
      return parts;
    } catch (error) {
      abandon(line, stream);
      throw error;
    }
  }

  return {
    askForParts,
    async ask(method, request, limits) {
      const [answer, second] = await askForParts(method, request, limits);
      if (answer === undefined || second !== undefined)
        throw new CallError(STATUS.INTERNAL, 'not the one message that was asked for');
      return answer;
    },
    close: () => {
      isClosed = true;
      for (const line of lines) line.end();
    },
  };
}

/** Connects; `onEnd` is told once, with what the socket said. */
function openLine(path: string, onEnd: (said: string) => void): Line {
  const socket = connectSocket({ path });
  // Nothing more will be sent; whether the peer ends its half as well is not waited for.
  socket.once('finish', () => socket.destroy());
  const session = connect('http://localhost', { createConnection: () => socket, settings: { enablePush: false } });
  let said = CONNECTION_CLOSED;
  session.on('error', (error: Error) => {
    said = error.message;
  });
  session.once('close', () => onEnd(said));
  const end = (): void => {
    session.destroy();
    socket.destroy();
  };
  return { session, end, abandoned: 0, isServed: false };
}

/** What a peer does not let go of stays in memory until the line ends. */
function abandon(line: Line, stream: ClientHttp2Stream): void {
  if (stream.destroyed) return;
  line.abandoned++;
  stream.once('close', () => void line.abandoned--);
  if (line.abandoned > MOST_ABANDONED) line.end();
}
