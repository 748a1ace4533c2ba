/** The read-only CRI client: one connection per runtime, a deadline on every call. */
import type { CallLimits } from '../grpc/call.ts';
import { createConnection } from '../grpc/connection.ts';
import type { RuntimeTimes } from '../runtime-times.ts';
import type {
  Container,
  ContainerStatusResponse,
  Image,
  PodSandbox,
  PodSandboxStatusResponse,
  StatusResponse,
  VersionResponse,
} from './generated/runtime/v1/cri.ts';
import { createListCalls } from './list-calls.ts';
import { CONTAINER_STATUS, CONTAINERS, IMAGES, RUNTIME_STATUS, SANDBOX_STATUS, SANDBOXES, VERSION } from './methods.ts';

/** The deadlines of single calls. */
type CriDeadlines = Pick<RuntimeTimes, 'listMs' | 'detailsMs'>;

/** The calls pausewatch makes; each rejects with a CallError. */
export interface CriClient {
  version(): Promise<VersionResponse>;
  status(): Promise<StatusResponse>;
  listSandboxes(): Promise<readonly PodSandbox[]>;
  listContainers(): Promise<readonly Container[]>;
  listImages(): Promise<readonly Image[]>;
  sandboxStatus(id: string): Promise<PodSandboxStatusResponse>;
  containerStatus(id: string): Promise<ContainerStatusResponse>;
  /** Ends the connection; calls under way reject. */
  close(): void;
}

/** As the kubelet: a full node's lists pass 4 MiB, gRPC's default. Holds for one message and for the parts together. */
const MAX_RECEIVE_BYTES = 16 * 1024 * 1024;

/** Opens a client; the connection itself is made by the first call and made again whenever it was lost. */
export function createCriClient(endpoint: string, { listMs, detailsMs }: CriDeadlines): CriClient {
  const connection = createConnection(endpoint, () => lists.forgetOffers());
  const lists = createListCalls(connection);
  return {
    version: () => connection.ask(VERSION, { version: '' }, within(listMs)),
    status: () => connection.ask(RUNTIME_STATUS, { verbose: true }, within(listMs)),
    listSandboxes: () => lists.ask(SANDBOXES, within(listMs)),
    listContainers: () => lists.ask(CONTAINERS, within(listMs)),
    listImages: () => lists.ask(IMAGES, within(listMs)),
    sandboxStatus: (podSandboxId) => connection.ask(SANDBOX_STATUS, { podSandboxId, verbose: true }, within(detailsMs)),
    containerStatus: (containerId) =>
      connection.ask(CONTAINER_STATUS, { containerId, verbose: true }, within(detailsMs)),
    close: () => connection.close(),
  };
}

function within(ms: number): CallLimits {
  return { deadlineMs: Date.now() + ms, maxBytes: MAX_RECEIVE_BYTES };
}
