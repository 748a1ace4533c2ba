/** The read-only Engine API client: GET and nothing else, one connection, a deadline on every call. */
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { Failure } from '../faults.ts';

/** An answer of an Engine: what a call failed with, in the words of faults. */
class EngineError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure, options?: ErrorOptions) {
    super(failure.details, options);
    this.failure = failure;
  }
}

/** Asks one Engine. */
export interface EngineClient {
  /** The decoded JSON of a path ("/version"); rejects with an EngineError. */
  get(path: string, timeoutMs: number): Promise<unknown>;
  /** Ends the connection; calls under way reject, and so does every later one. */
  close(): void;
}

/** As for CRI: more than this is no list of one node's containers. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** Prefix of an endpoint. */
const UNIX = 'unix://';

/** Opens a client for a `unix://` endpoint; the connection is made by the first call, and again whenever it was lost. */
export function createEngineClient(endpoint: string): EngineClient {
  const socketPath = endpoint.startsWith(UNIX) ? endpoint.slice(UNIX.length) : endpoint;
  // One connection, kept: the calls of a round take turns on it.
  const agent = new Agent({ keepAlive: true, maxSockets: 1, maxFreeSockets: 1 });
  const underWay = new Set<ClientRequest>();
  let isClosed = false;

  function get(path: string, timeoutMs: number): Promise<unknown> {
    // An agent that was destroyed would connect again.
    if (isClosed) return Promise.reject(closed());
    return new Promise((resolve, reject) => {
      const headers = { Host: 'docker', Accept: 'application/json' };
      const call = request({ socketPath, path, method: 'GET', agent, headers });
      const timer = setTimeout(() => call.destroy(new EngineError({ code: 'timeout', details: '' })), timeoutMs);
      underWay.add(call);
      const settle = (result: unknown, error?: unknown): void => {
        clearTimeout(timer);
        underWay.delete(call);
        if (error === undefined) resolve(result);
        else reject(toEngineError(error));
      };
      call.on('error', (error) => settle(undefined, error));
      call.on('response', (response) => {
        readAnswer(response).then(settle, (error: unknown) => {
          call.destroy();
          settle(undefined, error);
        });
      });
      call.end();
    });
  }

  return {
    get,
    close: () => {
      isClosed = true;
      for (const call of underWay) call.destroy(closed());
      agent.destroy();
    },
  };
}

async function readAnswer(response: IncomingMessage): Promise<unknown> {
  const { statusCode = 0 } = response;
  const body = await readBody(response);
  if (statusCode === 200) return parse(body);
  throw new EngineError(failureOf(statusCode, messageOf(body)));
}

async function readBody(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw malformed(`the answer is larger than ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // The JavaScript engine's message quotes the text, in which the environments of containers stand.
    throw malformed('the answer is not JSON');
  }
}

/** Docker puts its reason into `message`. */
function messageOf(body: string): string {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === 'object' && value !== null && 'message' in value) return String(value.message);
  } catch {
    // Not Docker's form: shown as it is.
  }
  return body;
}

function failureOf(status: number, details: string): Failure {
  if (status === 404) return { code: /no such container/i.test(details) ? 'vanished' : 'unsupported', details };
  if (status === 401 || status === 403) return { code: 'denied', details };
  if (status === 400) return { code: 'unsupported', details };
  return { code: status >= 500 ? 'silent' : 'malformed', details: `HTTP ${status}: ${details}` };
}

function closed(): EngineError {
  return new EngineError({ code: 'silent', details: 'the connection was closed' });
}

function malformed(details: string): EngineError {
  return new EngineError({ code: 'malformed', details });
}

/** Parser errors (HPE_*) mean that something else than HTTP answers. */
function toEngineError(error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  const details = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'EACCES' || code === 'EPERM') return new EngineError({ code: 'denied', details }, { cause: error });
  if (code.startsWith('HPE_')) return new EngineError({ code: 'malformed', details }, { cause: error });
  return new EngineError({ code: 'silent', details }, { cause: error });
}

/** What a rejected call means. */
export function classifyEngine(error: unknown): Failure {
  return toEngineError(error).failure;
}
