/** The read-only CRI client: one connection per runtime, a deadline on every call. */
import {
  type CallOptions,
  Channel,
  type ClientUnaryCall,
  credentials,
  Metadata,
  type ServiceError,
} from '@grpc/grpc-js';
import {
  type ContainerStatusResponse,
  ImageServiceClient,
  type ListContainersResponse,
  type ListImagesResponse,
  type ListPodSandboxResponse,
  type PodSandboxStatusResponse,
  RuntimeServiceClient,
  type StatusResponse,
  type VersionResponse,
} from './generated/runtime/v1/cri.ts';

/** Deadlines in milliseconds. */
export interface CriDeadlines {
  /** Version, Status and the lists, which are answered from memory. */
  readonly listMs: number;
  /** Verbose details: a frozen shim holds them for 4 s before they are answered all the same (L16). */
  readonly detailsMs: number;
}

/** The calls pausewatch makes; each rejects with a gRPC ServiceError. */
export interface CriClient {
  version(): Promise<VersionResponse>;
  status(): Promise<StatusResponse>;
  listSandboxes(): Promise<ListPodSandboxResponse>;
  listContainers(): Promise<ListContainersResponse>;
  listImages(): Promise<ListImagesResponse>;
  sandboxStatus(id: string): Promise<PodSandboxStatusResponse>;
  containerStatus(id: string): Promise<ContainerStatusResponse>;
  /** Ends the connection; calls under way reject. */
  close(): void;
}

/** As the kubelet: a full node's lists pass 4 MiB, gRPC's default. */
const MAX_RECEIVE_BYTES = 16 * 1024 * 1024;

/** Opens a client; the connection itself is made by the first call and made again whenever it was lost. */
export function createCriClient(endpoint: string, { listMs, detailsMs }: CriDeadlines): CriClient {
  const channel = new Channel(endpoint, credentials.createInsecure(), {
    'grpc.max_receive_message_length': MAX_RECEIVE_BYTES,
    'grpc.initial_reconnect_backoff_ms': 500,
    'grpc.min_reconnect_backoff_ms': 500,
    'grpc.max_reconnect_backoff_ms': 3000,
    'grpc.enable_retries': 0,
    'grpc.use_local_subchannel_pool': 1,
  });
  const options = { channelOverride: channel };
  const runtime = new RuntimeServiceClient(endpoint, credentials.createInsecure(), options);
  const images = new ImageServiceClient(endpoint, credentials.createInsecure(), options);
  const underWay = new Set<ClientUnaryCall>();

  function call<T>(deadlineMs: number, start: Start<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const started = start(new Metadata(), { deadline: Date.now() + deadlineMs }, (error, response) => {
        underWay.delete(started);
        if (error === null) resolve(response);
        else reject(error);
      });
      underWay.add(started);
    });
  }

  return {
    version: () => call(listMs, (...rest) => runtime.version({ version: '' }, ...rest)),
    status: () => call(listMs, (...rest) => runtime.status({ verbose: true }, ...rest)),
    listSandboxes: () => call(listMs, (...rest) => runtime.listPodSandbox({}, ...rest)),
    listContainers: () => call(listMs, (...rest) => runtime.listContainers({}, ...rest)),
    listImages: () => call(listMs, (...rest) => images.listImages({}, ...rest)),
    sandboxStatus: (podSandboxId) =>
      call(detailsMs, (...rest) => runtime.podSandboxStatus({ podSandboxId, verbose: true }, ...rest)),
    containerStatus: (containerId) =>
      call(detailsMs, (...rest) => runtime.containerStatus({ containerId, verbose: true }, ...rest)),
    close: () => {
      for (const started of underWay) started.cancel();
      channel.close();
    },
  };
}

type Done<T> = (error: ServiceError | null, response: T) => void;
type Start<T> = (metadata: Metadata, options: Partial<CallOptions>, done: Done<T>) => ClientUnaryCall;
