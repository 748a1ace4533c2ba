/** The HTTP server around `respond`: sockets, limits, and a quick end. */
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, isIP, type Socket } from 'node:net';
import { describeListenFailure, isLoopbackOnly, type ListenAddress } from './listen-address.ts';
import { isPodRequest, type PodSite, respondPod } from './pod-routes.ts';
import type { Publisher } from './publication.ts';
import { respond } from './respond.ts';

/** What the server is made of. */
export interface ServerOptions extends Omit<PodSite, 'publication' | 'stale' | 'alive' | 'access'> {
  /** `--web.listen-address`. */
  readonly listenAddress: ListenAddress;
  readonly access: Omit<PodSite['access'], 'loopbackOnly'>;
  readonly publisher: Publisher;
  /** Called when an answer could not be made: a bug, to be logged. */
  readonly onError: (error: unknown) => void;
}

/** A server that may listen. */
export interface WebServer {
  /** Answers where it listens, as a URL; rejects with a ListenError. */
  listen(): Promise<string>;
  /** Ends at once: running answers get a second, idle connections none. */
  close(): Promise<void>;
}

const HEADERS_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 10_000;
/** A client that neither reads nor writes. */
const SOCKET_TIMEOUT_MS = 30_000;
/** Above a scrape interval of 15 s; a slower scraper connects anew, which costs less than an idle crowd. */
const KEEP_ALIVE_MS = 20_000;
/** Beyond any number of scrapers, probes and people; with more, those that have waited longest without a question end. */
const MAX_CONNECTIONS = 512;
const MAX_HEADER_BYTES = 8_192;
const CLOSE_GRACE_MS = 1_000;

/** A server that does not listen yet. */
export function createServer(options: ServerOptions): WebServer {
  const { listenAddress } = options;
  const access = { ...options.access, loopbackOnly: isLoopbackOnly(listenAddress) };
  const server = createHttpServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: HEADERS_TIMEOUT_MS,
    },
    (request, response) => {
      const { publisher } = options;
      const site = {
        ...options,
        access,
        publication: publisher.current,
        stale: publisher.isStale(),
        alive: !publisher.isStuck(),
      };
      void answer(request, response, site, options.onError);
    },
  );
  makeRoom(server, MAX_CONNECTIONS);
  server.setTimeout(SOCKET_TIMEOUT_MS);
  return {
    async listen() {
      await startListening(server, listenAddress);
      return describeAddress(server.address());
    },
    close: () => closeServer(server),
  };
}

/**
 * Keeps the number of connections at a limit. Whoever opens many and asks nothing loses the oldest of its own, and does
 * not keep out a probe, which asks as soon as it has connected.
 */
function makeRoom(server: Server, most: number): void {
  const idle = new Set<Socket>();
  let count = 0;
  server.on('connection', (socket: Socket) => {
    count++;
    idle.add(socket);
    socket.once('close', () => {
      count--;
      idle.delete(socket);
    });
    const [oldest] = idle;
    if (count > most) oldest?.destroy();
  });
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    idle.delete(socket);
    response.once('close', () => {
      if (!socket.destroyed) idle.add(socket);
    });
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  site: PodSite,
  onError: (error: unknown) => void,
): Promise<void> {
  try {
    const { method = 'GET', url = '/', headers, socket } = request;
    const asked = { method, url, headers, remoteAddress: socket.remoteAddress };
    const isDeep = (method === 'GET' || method === 'HEAD') && isPodRequest(url);
    // Everything but a look at one pod is answered in the turn that it came in.
    const { status, headers: answered, body } = isDeep ? await respondPod(asked, site) : respond(asked, site);
    response.writeHead(status, answered).end(body);
  } catch (error) {
    onError(error);
    if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' });
    response.end('The answer could not be made; the log of pausewatch says why.\n');
  }
}

function startListening(server: Server, address: ListenAddress): Promise<void> {
  const { host, port } = address;
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException) => reject(describeListenFailure(address, error.code, error));
    server.once('error', fail);
    server.listen({ port, ...(host === undefined ? {} : { host }) }, () => {
      server.off('error', fail);
      resolve();
    });
  });
}

function describeAddress(address: AddressInfo | string | null): string {
  if (address === null || typeof address === 'string') return String(address);
  return `http://${isIP(address.address) === 6 ? `[${address.address}]` : address.address}:${address.port}`;
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
    server.close(() => {
      clearTimeout(force);
      resolve();
    });
    server.closeIdleConnections();
  });
}
