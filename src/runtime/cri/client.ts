/** The read-only CRI client: one connection per runtime, a deadline on every call. */
import {
  type CallOptions,
  Channel,
  type ClientUnaryCall,
  credentials,
  Metadata,
  type ServiceError,
} from '@grpc/grpc-js';
import type { RuntimeTimes } from '../runtime-times.ts';
import {
  type Container,
  type ContainerStatusResponse,
  type Image,
  ImageServiceClient,
  ImageServiceService,
  type ListContainersResponse,
  type ListImagesResponse,
  type ListPodSandboxResponse,
  type PodSandbox,
  type PodSandboxStatusResponse,
  RuntimeServiceClient,
  RuntimeServiceService,
  type StatusResponse,
  type StreamContainersResponse,
  type StreamImagesResponse,
  type StreamPodSandboxesResponse,
  type VersionResponse,
} from './generated/runtime/v1/cri.ts';
import { createListCalls, type ListWays, MAX_RECEIVE_BYTES } from './list-calls.ts';

/** The deadlines of single calls. */
type CriDeadlines = Pick<RuntimeTimes, 'listMs' | 'detailsMs'>;

/** The calls pausewatch makes; each rejects with a gRPC ServiceError. */
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

/** Opens a client; the connection itself is made by the first call and made again whenever it was lost. */
export function createCriClient(endpoint: string, { listMs, detailsMs }: CriDeadlines): CriClient {
  const channel = new Channel(endpoint, credentials.createInsecure(), {
    'grpc.max_receive_message_length': MAX_RECEIVE_BYTES,
    'grpc.initial_reconnect_backoff_ms': 500,
    'grpc.min_reconnect_backoff_ms': 500,
    'grpc.max_reconnect_backoff_ms': 3000,
    'grpc.enable_retries': 0,
    // Counts and traces for a service nobody here offers: 6 to 8 % of a call.
    'grpc.enable_channelz': 0,
    'grpc.use_local_subchannel_pool': 1,
  });
  const options = { channelOverride: channel };
  const runtime = new RuntimeServiceClient(endpoint, credentials.createInsecure(), options);
  const images = new ImageServiceClient(endpoint, credentials.createInsecure(), options);
  const calls = createUnaryCalls();
  const call = <T>(timeoutMs: number, start: Start<T>): Promise<T> => calls.until(Date.now() + timeoutMs, start);
  const lists = createListCalls();
  const ways = listWays(runtime, images, calls);
  let closed = false;

  /** Every change of the connection's state: the next one may lead to another version of the runtime. */
  function watchConnection(): void {
    if (closed) return;
    channel.watchConnectivityState(channel.getConnectivityState(false), Number.POSITIVE_INFINITY, () => {
      lists.forgetOffers();
      watchConnection();
    });
  }

  watchConnection();
  return {
    version: () => call(listMs, (...rest) => runtime.version({ version: '' }, ...rest)),
    status: () => call(listMs, (...rest) => runtime.status({ verbose: true }, ...rest)),
    listSandboxes: () => lists.list(ways.sandboxes, Date.now() + listMs),
    listContainers: () => lists.list(ways.containers, Date.now() + listMs),
    listImages: () => lists.list(ways.images, Date.now() + listMs),
    sandboxStatus: (podSandboxId) =>
      call(detailsMs, (...rest) => runtime.podSandboxStatus({ podSandboxId, verbose: true }, ...rest)),
    containerStatus: (containerId) =>
      call(detailsMs, (...rest) => runtime.containerStatus({ containerId, verbose: true }, ...rest)),
    close: () => {
      closed = true;
      lists.cancel();
      calls.cancel();
      channel.close();
    },
  };
}

/** Unary calls, which end with the client. */
interface UnaryCalls {
  /** `deadline` in milliseconds since the epoch. */
  until<T>(deadline: number, start: Start<T>): Promise<T>;
  cancel(): void;
}

function createUnaryCalls(): UnaryCalls {
  const underWay = new Set<ClientUnaryCall>();
  return {
    until: (deadline, start) =>
      new Promise((resolve, reject) => {
        const started = start(new Metadata(), { deadline }, (error, response) => {
          underWay.delete(started);
          if (error === null) resolve(response);
          else reject(error);
        });
        underWay.add(started);
      }),
    cancel: () => {
      for (const started of underWay) started.cancel();
    },
  };
}

/** The three lists, each in parts and whole. */
function listWays(runtime: RuntimeServiceClient, imageService: ImageServiceClient, calls: UnaryCalls) {
  const sandboxes: ListWays<StreamPodSandboxesResponse, PodSandbox> = {
    client: runtime,
    method: RuntimeServiceService.streamPodSandboxes,
    itemsOf: (part) => part.podSandboxes,
    whole: async (until) =>
      (await calls.until<ListPodSandboxResponse>(until, (...rest) => runtime.listPodSandbox({}, ...rest))).items,
  };
  const containers: ListWays<StreamContainersResponse, Container> = {
    client: runtime,
    method: RuntimeServiceService.streamContainers,
    itemsOf: (part) => part.containers,
    whole: async (until) =>
      (await calls.until<ListContainersResponse>(until, (...rest) => runtime.listContainers({}, ...rest))).containers,
  };
  const images: ListWays<StreamImagesResponse, Image> = {
    client: imageService,
    method: ImageServiceService.streamImages,
    itemsOf: (part) => part.images,
    whole: async (until) =>
      (await calls.until<ListImagesResponse>(until, (...rest) => imageService.listImages({}, ...rest))).images,
  };
  return { sandboxes, containers, images };
}

type Done<T> = (error: ServiceError | null, response: T) => void;
type Start<T> = (metadata: Metadata, options: Partial<CallOptions>, done: Done<T>) => ClientUnaryCall;
