/** A Docker Engine over a unix socket that answers as a test says: from a recording, late, wrongly, never. */
import { readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { socketDirectory, type Treatment } from './cri-server.ts';

/** Any JSON object. */
export type Json = Readonly<Record<string, unknown>>;

/** What the Engine has; may be changed at any time. */
export interface EngineAnswers {
  version: Json;
  containers: readonly Json[];
  images: readonly Json[];
  info: Json;
  /** By id; undefined: 404. A text is sent as it is. */
  inspect: (id: string) => Json | string | undefined;
}

/** An Engine that runs. */
export interface EngineServer {
  readonly socket: string;
  readonly endpoint: string;
  readonly answers: EngineAnswers;
  /** "GET /version", "GET /v1.51/containers/json?all=1", "Inspect <id>". */
  readonly calls: string[];
  treat: (call: string) => Treatment;
  stop(): void;
  start(): Promise<void>;
}

/** What was recorded of an Engine, by call, and which pod was arranged as what. */
export interface EngineRecording {
  readonly answers: EngineAnswers;
  readonly arranged: ReadonlyMap<string, { readonly sandbox: string; readonly container: string | undefined }>;
  /** Answer for an id that nobody has. */
  readonly unknownId: { readonly status: number; readonly body: unknown };
}

/** Reads the recording of test/runtime/fixtures. */
export function readEngineRecording(): EngineRecording {
  const file = new URL('fixtures/docker-engine-28.5.2.json', import.meta.url);
  const json = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly arranged: readonly { kind: string; sandbox: string; container?: string }[];
    readonly answers: Readonly<Record<string, { readonly status: number; readonly body: unknown }>>;
  };
  const body = (call: string): unknown => json.answers[call]?.body;
  const inspected = new Map(
    Object.entries(json.answers).flatMap(([call, answer]) => {
      const id = /^GET \/containers\/([0-9a-f]{64})\/json$/.exec(call)?.[1];
      return id === undefined || answer.status !== 200 ? [] : [[id, answer.body as Json] as const];
    }),
  );
  return {
    answers: {
      version: body('GET /version') as Json,
      containers: body('GET /containers/json?all=1') as readonly Json[],
      images: body('GET /images/json') as readonly Json[],
      info: body('GET /info') as Json,
      inspect: (id) => inspected.get(id),
    },
    arranged: new Map(
      json.arranged.map(({ kind, sandbox, container }) => [kind, { sandbox, container: container ?? undefined }]),
    ),
    unknownId: json.answers[`GET /containers/${'f'.repeat(64)}/json`] ?? { status: 0, body: undefined },
  };
}

/** Starts an Engine, stopped with the test; the recorded one unless told otherwise. */
export async function startEngine(
  facts: { readonly socket?: string; readonly answers?: Partial<EngineAnswers> } = {},
): Promise<EngineServer> {
  const socket = facts.socket ?? join(socketDirectory(), 'docker.sock');
  const running = await runEngine(socket, { ...readEngineRecording().answers, ...facts.answers });
  onTestFinished(() => running.stop());
  return running;
}

/** Starts an Engine that its caller stops. */
export async function runEngine(socket: string, answers: EngineAnswers): Promise<EngineServer> {
  let server: Server | undefined;
  const it: EngineServer = {
    socket,
    endpoint: `unix://${socket}`,
    answers,
    calls: [],
    treat: () => 'usual',
    stop() {
      server?.close();
      server?.closeAllConnections();
      server = undefined;
    },
    async start() {
      rmSync(socket, { force: true });
      const started = createServer((request, response) => answerCall(it, request, response));
      server = started;
      await new Promise<void>((resolve) => started.listen(socket, resolve));
    },
  };
  await it.start();
  return it;
}

function answerCall(it: EngineServer, request: IncomingMessage, response: ServerResponse): void {
  const path = request.url ?? '';
  const id = /\/containers\/([0-9a-f]+)\/json$/.exec(path)?.[1];
  const call = id === undefined ? `${request.method} ${path}` : `Inspect ${id}`;
  it.calls.push(call);
  const treatment = it.treat(call);
  if (treatment === 'never') return;
  if (typeof treatment === 'object') send(response, treatment.code, { message: treatment.details });
  else if (typeof treatment === 'number') setTimeout(() => sendUsual(it.answers, path, id, response), treatment);
  else sendUsual(it.answers, path, id, response);
}

function sendUsual(answers: EngineAnswers, path: string, id: string | undefined, response: ServerResponse): void {
  const bare = path.replace(/^\/v\d+\.\d+/, '');
  if (id !== undefined) {
    const found = answers.inspect(id);
    if (found === undefined) send(response, 404, { message: `No such container: ${id}` });
    else send(response, 200, found);
  } else if (bare === '/version') send(response, 200, answers.version);
  else if (bare.startsWith('/containers/json')) send(response, 200, answers.containers);
  else if (bare === '/images/json') send(response, 200, answers.images);
  else if (bare === '/info') send(response, 200, answers.info);
  else send(response, 404, { message: 'page not found' });
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}
