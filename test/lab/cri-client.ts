// The lab's CRI client: promises with deadlines over the generated one.
import { type CallOptions, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import {
  type CreateContainerRequest,
  type CreateContainerResponse,
  type ExecSyncResponse,
  type Image,
  ImageServiceClient,
  type ListImagesResponse,
  type PodSandboxConfig,
  type RunPodSandboxResponse,
  RuntimeServiceClient,
  type VersionResponse,
} from './generated/runtime/v1/cri-lab.ts';

/** Deadline of a call that changes something; runc needs part of a second, a busy machine more. */
const CALL_MS = 120_000;

/** What ExecSync may take beyond the timeout it was given. */
const EXEC_GRACE_MS = 5000;

/** The calls the lab makes. A failed one throws the ServiceError of grpc-js; an `unknown` answer is empty. */
export interface CriClient {
  /** Name and version of the runtime; the test of whether it answers. */
  version(deadlineMs?: number): Promise<{ readonly name: string; readonly version: string }>;
  runPodSandbox(config: PodSandboxConfig): Promise<string>;
  stopPodSandbox(sandboxId: string): Promise<unknown>;
  removePodSandbox(sandboxId: string): Promise<unknown>;
  /** PID of pause; 0 when there is none (any more). */
  sandboxPid(sandboxId: string): Promise<number>;
  createContainer(request: CreateContainerRequest): Promise<string>;
  startContainer(containerId: string): Promise<unknown>;
  stopContainer(containerId: string, timeoutS: number): Promise<unknown>;
  removeContainer(containerId: string): Promise<unknown>;
  /** PID of a container's first process; 0 once it has exited. */
  containerPid(containerId: string): Promise<number>;
  execSync(containerId: string, command: readonly string[], timeoutS: number): Promise<ExecSyncResponse>;
  listImages(): Promise<readonly Image[]>;
  removeImage(reference: string): Promise<unknown>;
  close(): void;
}

/** Connects lazily, and again by itself after a restart of the runtime. */
export function createCriClient(endpoint: string): CriClient {
  const options = {
    'grpc.initial_reconnect_backoff_ms': 20,
    'grpc.max_reconnect_backoff_ms': 100,
    'grpc.max_receive_message_length': 16 * 1024 * 1024,
  };
  const runtime = new RuntimeServiceClient(endpoint, credentials.createInsecure(), options);
  const images = new ImageServiceClient(endpoint, credentials.createInsecure(), options);
  return {
    async version(deadlineMs = CALL_MS) {
      const answer = await call<VersionResponse>((...rest) => runtime.version({ version: '' }, ...rest), deadlineMs);
      return { name: answer.runtimeName, version: answer.runtimeVersion };
    },
    async runPodSandbox(config) {
      const request = { config, runtimeHandler: '' };
      return (await call<RunPodSandboxResponse>((...rest) => runtime.runPodSandbox(request, ...rest))).podSandboxId;
    },
    stopPodSandbox: (podSandboxId) => untilDone((...rest) => runtime.stopPodSandbox({ podSandboxId }, ...rest)),
    removePodSandbox: (podSandboxId) => untilDone((...rest) => runtime.removePodSandbox({ podSandboxId }, ...rest)),
    async sandboxPid(podSandboxId) {
      const request = { podSandboxId, verbose: true };
      return pidOf(await call<Verbose>((...rest) => runtime.podSandboxStatus(request, ...rest)));
    },
    async createContainer(request) {
      return (await call<CreateContainerResponse>((...rest) => runtime.createContainer(request, ...rest))).containerId;
    },
    startContainer: (containerId) => call((...rest) => runtime.startContainer({ containerId }, ...rest)),
    stopContainer(containerId, timeoutS) {
      const request = { containerId, timeout: BigInt(timeoutS) };
      return untilDone((...rest) => runtime.stopContainer(request, ...rest));
    },
    removeContainer: (containerId) => untilDone((...rest) => runtime.removeContainer({ containerId }, ...rest)),
    async containerPid(containerId) {
      const request = { containerId, verbose: true };
      return pidOf(await call<Verbose>((...rest) => runtime.containerStatus(request, ...rest)));
    },
    execSync(containerId, command, timeoutS) {
      const request = { containerId, cmd: [...command], timeout: BigInt(timeoutS) };
      // Past its own timeout the runtime still waits for whoever holds the output open.
      return call<ExecSyncResponse>((...rest) => runtime.execSync(request, ...rest), timeoutS * 1000 + EXEC_GRACE_MS);
    },
    async listImages() {
      return (await call<ListImagesResponse>((...rest) => images.listImages({}, ...rest))).images;
    },
    removeImage: (image) => call((...rest) => images.removeImage({ image: { image } }, ...rest)),
    close() {
      runtime.close();
      images.close();
    },
  };
}

/** The answer of both status calls, as far as it tells PIDs. */
interface Verbose {
  readonly info: Readonly<Record<string, string>>;
}

/** What a generated method takes besides its request. */
type CallRest<Response> = [
  metadata: Metadata,
  options: Partial<CallOptions>,
  callback: (error: ServiceError | null, response: Response) => void,
];

/** Turns one call into a promise; it waits for a runtime that is just starting, within the deadline. */
function call<Response>(make: (...rest: CallRest<Response>) => unknown, deadlineMs = CALL_MS): Promise<Response> {
  return new Promise((resolve, reject) => {
    make(new Metadata({ waitForReady: true }), { deadline: Date.now() + deadlineMs }, (error, response) => {
      if (error === null) resolve(response);
      else reject(error);
    });
  });
}

/** How often what a kubelet repeats until it is done is tried. */
const TRIES = 3;

/** A call that may be made again: a shim that ends while containerd talks to it leaves the call failed. */
async function untilDone<Response>(make: (...rest: CallRest<Response>) => unknown): Promise<Response> {
  for (let left = TRIES; ; left--) {
    try {
      return await call(make);
    } catch (error) {
      if (left === 1 || !String(error).includes('ttrpc: closed')) throw error;
    }
  }
}

/** The PID in the JSON containerd puts into verbose info. */
function pidOf(answer: Verbose): number {
  const value: unknown = JSON.parse(answer.info['info'] ?? '{}');
  if (typeof value !== 'object' || value === null || !('pid' in value)) return 0;
  return typeof value.pid === 'number' ? value.pid : 0;
}
