/** A CRI server over a unix socket that answers as a test says: right, late, never, wrongly, or from a recording. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server as NetServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type handleUnaryCall, Server, ServerCredentials, type ServerWritableStream, status } from '@grpc/grpc-js';
import { onTestFinished } from 'vitest';
import {
  type Container,
  ContainerState,
  type ContainerStatusResponse,
  type Image,
  ImageServiceDefinition,
  NamespaceMode,
  type PodSandbox,
  PodSandboxState,
  type PodSandboxStatusResponse,
  RuntimeServiceDefinition,
  type StatusResponse,
  type VersionResponse,
} from '../../src/runtime/cri/generated/runtime/v1/cri.ts';
import { serviceOf } from './grpc-service.ts';
import type { Recording } from './recording.ts';

/** What the server answers, when nothing else is said. */
export interface Answers {
  version: VersionResponse;
  status: StatusResponse;
  sandboxes: readonly PodSandbox[];
  containers: readonly Container[];
  images: readonly Image[];
  /** Items in each part of the Stream* calls; undefined: a runtime that does not have them. */
  partSize: number | undefined;
  sandboxStatus: (id: string) => PodSandboxStatusResponse;
  containerStatus: (id: string) => ContainerStatusResponse;
}

/** How a call is treated: an error to answer with, milliseconds to wait, never, or as usual. */
export type Treatment = { readonly code: number; readonly details: string } | number | 'never' | 'usual';

/** A server that runs. */
export interface CriServer {
  readonly socket: string;
  readonly endpoint: string;
  /** May be changed at any time. */
  readonly answers: Answers;
  /** Names of the calls so far: "Version", "PodSandboxStatus <id>". */
  readonly calls: string[];
  /** Most details calls that were under way at once. */
  mostAtOnce: number;
  /** Decides about each call. */
  treat: (call: string) => Treatment;
  /** Ends it as a killed daemon does: connections are cut. */
  stop(): void;
  /** Listens again, on a new socket file of the same name. */
  start(): Promise<void>;
}

/** A directory for sockets that is removed when the test is finished. */
export function socketDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'pausewatch-cri-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Starts a server of containerd with these sandboxes, each with one running container; stopped with the test. */
export async function startCriServer(
  facts: { readonly socket?: string; readonly sandboxes?: number; readonly answers?: Partial<Answers> } = {},
): Promise<CriServer> {
  const running = await runCriServer(facts.socket ?? join(socketDirectory(), 'cri.sock'), {
    ...someAnswers(facts.sandboxes ?? 2),
    ...facts.answers,
  });
  onTestFinished(() => running.stop());
  return running;
}

/** Starts a server that its caller stops. */
export async function runCriServer(socket: string, answers: Answers): Promise<CriServer> {
  let server: Server | undefined;
  let atOnce = 0;
  const it: CriServer = {
    socket,
    endpoint: `unix://${socket}`,
    answers,
    calls: [],
    mostAtOnce: 0,
    treat: () => 'usual',
    stop() {
      server?.forceShutdown();
      server = undefined;
    },
    async start() {
      rmSync(socket, { force: true });
      server = new Server();
      addServices(server, handle, it);
      await bind(server, socket);
    },
  };

  function handle<Q, A>(call: (request: Q) => string, answer: (request: Q) => A): handleUnaryCall<Q, A> {
    return ({ request }, done) => {
      const name = call(request);
      const isDetails = name.includes(' ');
      it.calls.push(name);
      if (isDetails) it.mostAtOnce = Math.max(it.mostAtOnce, ++atOnce);
      const finish = (): void => {
        if (isDetails) atOnce--;
        try {
          done(null, answer(request));
        } catch (error) {
          done(error instanceof Error ? { code: status.INTERNAL, details: error.message } : (error as never));
        }
      };
      const treatment = it.treat(name);
      if (treatment === 'usual') finish();
      else if (typeof treatment === 'number') setTimeout(finish, treatment);
      else if (treatment !== 'never') {
        if (isDetails) atOnce--;
        done(treatment);
      }
    };
  }

  await it.start();
  return it;
}

/** Handlers of the Stream* calls: the same lists in parts. */
function createStreams(it: CriServer, partSize: number) {
  return <T>(name: string, part: (items: T[]) => unknown, items: () => readonly T[]) =>
    (call: ServerWritableStream<unknown, unknown>): void => {
      it.calls.push(name);
      const treatment = it.treat(name);
      if (treatment === 'never') return;
      if (typeof treatment === 'object') {
        call.emit('error', Object.assign(new Error(treatment.details), treatment));
        return;
      }
      for (let at = 0; at < items().length; at += partSize) call.write(part(items().slice(at, at + partSize)));
      call.end();
    };
}

type Handle = <Q, A>(call: (request: Q) => string, answer: (request: Q) => A) => handleUnaryCall<Q, A>;

function addServices(server: Server, handle: Handle, it: CriServer): void {
  const { answers } = it;
  const { partSize } = answers;
  const stream = partSize === undefined ? undefined : createStreams(it, partSize);
  server.addService(serviceOf(RuntimeServiceDefinition), {
    ...(stream && {
      streamPodSandboxes: stream(
        'StreamPodSandboxes',
        (podSandboxes) => ({ podSandboxes }),
        () => answers.sandboxes,
      ),
      streamContainers: stream(
        'StreamContainers',
        (containers) => ({ containers }),
        () => answers.containers,
      ),
    }),
    version: handle(
      () => 'Version',
      () => answers.version,
    ),
    status: handle(
      () => 'Status',
      () => answers.status,
    ),
    listPodSandbox: handle(
      () => 'ListPodSandbox',
      () => ({ items: [...answers.sandboxes] }),
    ),
    listContainers: handle(
      () => 'ListContainers',
      () => ({ containers: [...answers.containers] }),
    ),
    podSandboxStatus: handle(
      ({ podSandboxId }: { podSandboxId: string }) => `PodSandboxStatus ${podSandboxId}`,
      ({ podSandboxId }: { podSandboxId: string }) => answers.sandboxStatus(podSandboxId),
    ),
    containerStatus: handle(
      ({ containerId }: { containerId: string }) => `ContainerStatus ${containerId}`,
      ({ containerId }: { containerId: string }) => answers.containerStatus(containerId),
    ),
  });
  server.addService(serviceOf(ImageServiceDefinition), {
    ...(stream && {
      streamImages: stream(
        'StreamImages',
        (images) => ({ images }),
        () => answers.images,
      ),
    }),
    listImages: handle(
      () => 'ListImages',
      () => ({ images: [...answers.images] }),
    ),
  });
}

function bind(server: Server, socket: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.bindAsync(`unix://${socket}`, ServerCredentials.createInsecure(), (error) =>
      error === null ? resolve() : reject(error),
    );
  });
}

/** A socket behind which no CRI is: what is done with each connection is up to the test. */
export function startSocket(
  onConnection: (connection: Socket) => void,
  path = join(socketDirectory(), 'x.sock'),
): Promise<string> {
  const connections = new Set<Socket>();
  const server: NetServer = createServer((connection) => {
    connections.add(connection);
    connection.on('error', () => undefined);
    onConnection(connection);
  });
  onTestFinished(() => {
    for (const connection of connections) connection.destroy();
    server.close();
  });
  return new Promise((resolve) => {
    server.listen(path, () => resolve(`unix://${path}`));
  });
}

/** An id for the number of a sandbox or container. */
export function hexId(kind: 'a' | 'c', number: number): string {
  return `${kind}${String(number).padStart(63, '0')}`;
}

/** Answers of a containerd: sandbox 1 to `count`, each with container of the same number. */
function someAnswers(count: number): Answers {
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  const config = JSON.stringify({ sandboxImage: 'registry.k8s.io/pause:3.9' });
  const modes = { network: NamespaceMode.POD, pid: NamespaceMode.CONTAINER, ipc: NamespaceMode.POD };
  const options = { ...modes, targetId: '', usernsOptions: undefined };
  const pidOf = (id: string): number => 1000 + Number.parseInt(id.slice(1), 10);
  const image = 'registry.k8s.io/pause:3.9';
  return {
    version: { version: '0.1.0', runtimeName: 'containerd', runtimeVersion: '1.7.24', runtimeApiVersion: 'v1' },
    status: { status: undefined, info: { config } },
    sandboxes: numbers.map((number) => sandboxItem(number)),
    containers: numbers.map((number) => containerItem(number)),
    partSize: undefined,
    images: [{ id: `sha256:${'e'.repeat(64)}`, repoTags: [image], repoDigests: [], size: 1n, pinned: true }],
    sandboxStatus: (id) => ({
      status: { ...sandboxItem(1), id, linux: { namespaces: { options } } },
      info: { info: JSON.stringify({ pid: pidOf(id), image }) },
    }),
    containerStatus: (id) => ({
      status: {
        id,
        state: ContainerState.CONTAINER_RUNNING,
        startedAt: 1n,
        finishedAt: 0n,
        exitCode: 0,
        image: undefined,
        reason: '',
      },
      info: { info: JSON.stringify({ pid: pidOf(id) + 5000 }) },
    }),
  };
}

/** A sandbox of the list. */
export function sandboxItem(number: number, overrides: Partial<PodSandbox> = {}): PodSandbox {
  return {
    id: hexId('a', number),
    metadata: { name: `pod-${number}`, uid: `uid-${number}`, namespace: 'default', attempt: 0 },
    state: PodSandboxState.SANDBOX_READY,
    createdAt: 1_795_396_152_717_011_820n,
    annotations: {},
    runtimeHandler: '',
    ...overrides,
  };
}

/** A container of the list. */
export function containerItem(number: number, overrides: Partial<Container> = {}): Container {
  return {
    id: hexId('c', number),
    podSandboxId: hexId('a', number),
    metadata: { name: 'app', attempt: 0 },
    image: { image: 'docker.io/library/app:1' },
    imageRef: 'sha256:1',
    state: ContainerState.CONTAINER_RUNNING,
    createdAt: 1_795_396_152_717_011_820n,
    ...overrides,
  };
}

/** Answers what a recorded runtime answered, errors included. */
export function recordedAnswers(recording: Recording): Answers {
  const { version, status: recordedStatus, sandboxes, containers, images } = recording;
  const give = <T>(answers: ReadonlyMap<string, { response: T } | { error: unknown }>, id: string): T => {
    const answer = answers.get(id);
    if (answer === undefined) throw new Error(`not recorded: ${id}`);
    if ('error' in answer) throw answer.error;
    return answer.response;
  };
  return {
    version,
    status: recordedStatus,
    sandboxes,
    containers,
    images,
    partSize: undefined,
    sandboxStatus: (id) => give(recording.sandboxStatus, id),
    containerStatus: (id) => give(recording.containerStatus, id),
  };
}
