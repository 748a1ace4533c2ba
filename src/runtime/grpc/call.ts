/** One call: a request out, messages in, and the status it ended with. Protocol: "gRPC over HTTP2" of the gRPC project. */
import { type ClientHttp2Stream, constants, type IncomingHttpHeaders, type IncomingHttpStatusHeader } from 'node:http2';
import { createMessageReader, frameMessage } from './messages.ts';
import { CallError, CONNECTION_CLOSED, STATUS } from './status.ts';

/** A method with one request, as a generated service describes it. */
export interface Method<Q, A> {
  /** "/runtime.v1.RuntimeService/Version". */
  readonly path: string;
  readonly encode: (request: Q) => Uint8Array;
  readonly decode: (message: Uint8Array) => A;
}

/** What a call is bounded by. */
export interface CallLimits {
  /** In milliseconds since the epoch. */
  readonly deadlineMs: number;
  /** Of everything that is received, in bytes. */
  readonly maxBytes: number;
}

type Headers = IncomingHttpHeaders & IncomingHttpStatusHeader;

/**
 * Makes a call on a stream that was opened with the headers of `requestHeaders`. Resolves when the server has said OK;
 * rejects with a CallError, at the deadline at the latest. Each message of the answer is given to `onMessage` before.
 */
export function makeCall(
  stream: ClientHttp2Stream,
  request: Uint8Array,
  { deadlineMs, maxBytes }: CallLimits,
  onMessage: (message: Buffer) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const reader = createMessageReader(maxBytes, onMessage);
    let verdict: CallError | 'ok' | undefined;
    let socketSaid = CONNECTION_CLOSED;

    /** Ends the call from this side: whatever still comes is not wanted. */
    function giveUp(error: CallError): void {
      clearTimeout(timer);
      reject(error);
      stream.close(constants.NGHTTP2_CANCEL);
    }

    const late = (): void => giveUp(new CallError(STATUS.DEADLINE_EXCEEDED, 'no answer before the deadline'));
    const timer = setTimeout(late, Math.max(0, deadlineMs - Date.now()));
    stream.on('response', (headers: Headers) => {
      const stranger = strangerOf(headers);
      if (stranger === undefined) verdict = verdictOf(headers);
      else giveUp(new CallError(STATUS.UNAVAILABLE, stranger));
    });
    stream.on('trailers', (trailers: IncomingHttpHeaders) => {
      verdict ??= verdictOf(trailers);
    });
    stream.on('data', (chunk: Buffer) => {
      try {
        reader.add(chunk);
      } catch (error) {
        giveUp(error instanceof CallError ? error : new CallError(STATUS.INTERNAL, String(error)));
      }
    });
    stream.on('error', (error: Error) => {
      socketSaid = error.message;
    });
    stream.on('close', () => {
      clearTimeout(timer);
      if (verdict === 'ok' && reader.isWhole()) resolve();
      else if (verdict === 'ok') reject(new CallError(STATUS.INTERNAL, 'the answer ends within a message'));
      else reject(verdict ?? new CallError(STATUS.UNAVAILABLE, socketSaid));
    });
    stream.end(frameMessage(request));
  });
}

/** Headers that open a call's stream. The server is told when nobody waits any longer. */
export function requestHeaders(path: string, deadlineMs: number): Record<string, string> {
  return {
    ':method': 'POST',
    ':path': path,
    te: 'trailers',
    'content-type': 'application/grpc',
    'user-agent': 'pausewatch',
    'grpc-timeout': `${Math.max(1, Math.ceil(deadlineMs - Date.now()))}m`,
  };
}

/** What answers, but not as gRPC does. */
function strangerOf({ ':status': status, 'content-type': type = 'no type' }: Headers): string | undefined {
  if (status === 200 && type.startsWith('application/grpc')) return undefined;
  return `an HTTP server that answers ${String(status)} (${type})`;
}

/** A call that fails at once says so in its first headers, any other in its last. */
function verdictOf(headers: IncomingHttpHeaders): CallError | 'ok' | undefined {
  const told = headers['grpc-status'];
  if (told === undefined) return undefined;
  const code = /^\d+$/.test(String(told)) ? Number(told) : STATUS.UNKNOWN;
  return code === STATUS.OK ? 'ok' : new CallError(code, decodeMessage(headers['grpc-message']));
}

/** Percent-encoded UTF-8, as far as the server keeps to that. */
function decodeMessage(message: string | string[] | undefined): string {
  const text = String(message ?? '');
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
