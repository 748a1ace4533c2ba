/** A runtime that stands in for a real one: answers in the shapes of a recording, and fails as it is told. */
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { ContainerRuntime } from '../../../src/runtime/container-runtime.ts';
import { createCriRuntime } from '../../../src/runtime/cri/runtime.ts';
import { createDockerRuntime } from '../../../src/runtime/docker/runtime.ts';
import type { RuntimeTimes } from '../../../src/runtime/runtime-times.ts';
import { recordedAnswers, runCriServer, socketDirectory, startCriServer, type Treatment } from '../cri-server.ts';
import { readEngineKernel } from '../engine-kernel.ts';
import { readEngineRecording, runEngine, startEngine } from '../engine-server.ts';
import { type RecordedKernel, type RecordingName, readRecording } from '../recording.ts';
import { createDoor, type Door } from './door.ts';

/** Deadlines of the contract: short, but a busy machine must be able to keep them. */
export const TIMES: RuntimeTimes = { listMs: 1500, detailsMs: 1000, roundMs: 4000, keepAnswerMs: 60_000 };

/** An arranged pod with processes of this machine. */
export interface LivingPod {
  readonly arrangedAs: string;
  readonly pausePid: number;
  readonly appPid: number;
}

/** What can be done to a stand-in. */
export interface StandIn {
  readonly runtime: ContainerRuntime;
  readonly door: Door;
  readonly calls: string[];
  /** Decides about each call; those about one id end with it. */
  treat(how: (call: string) => Treatment): void;
  /** From now on the details of this id are no JSON; undefined: right again. */
  breakDetails(id: string | undefined): void;
  /** From now on the list of sandboxes is larger than 16 MiB. */
  swell(isLarge: boolean): void;
  /** From now on it has these pods only, made then (now, if not given), and names their processes wherever it names any. */
  embody(pods: readonly LivingPod[], madeAtMs?: number): void;
  /** Sandbox and container that were arranged under a name. */
  readonly arranged: ReadonlyMap<string, { readonly sandbox: string; readonly container: string | undefined }>;
  /** What the kernel shows of those pods. */
  readonly kernel: RecordedKernel;
}

/** Ways to have a runtime that answers as the recorded one. */
export interface StandIns {
  /** In this process, to be made to fail. */
  readonly start: (times?: RuntimeTimes) => Promise<StandIn>;
  /** For a process of its own: serves on a socket for as long as it lives. */
  readonly serve: (socket: string) => Promise<void>;
  /** The adapter for what is served elsewhere. */
  readonly open: (endpoint: string, times: RuntimeTimes) => ContainerRuntime;
}

/** Stand-ins of a recorded CRI runtime. */
export function criOf(recording: RecordingName): StandIns {
  return {
    start: (times) => standInCri(recording, times),
    serve: async (socket) => void (await runCriServer(socket, recordedAnswers(readRecording(recording)))),
    open: createCriRuntime,
  };
}

/** Stand-ins of the recorded Docker Engine. */
export const DOCKER_ENGINE: StandIns = {
  start: (times) => standInDocker(times),
  serve: async (socket) => void (await runEngine(socket, readEngineRecording().answers)),
  open: createDockerRuntime,
};

async function standInCri(recording: RecordingName, times = TIMES): Promise<StandIn> {
  const recorded = readRecording(recording);
  const directory = socketDirectory();
  const answers = recordedAnswers(recorded);
  const server = await startCriServer({ socket: join(directory, 'inner.sock'), answers });
  const { sandboxes, sandboxStatus, containerStatus } = answers;
  const asksPauseByContainer = recording.startsWith('cri-dockerd');
  const broken = { info: { info: '{"pid":' } };
  const { door, runtime } = await open(directory, server.socket, (endpoint) => createCriRuntime(endpoint, times));
  return {
    door,
    runtime,
    calls: server.calls,
    arranged: recorded.arranged,
    kernel: recorded,
    treat: (how) => void (server.treat = how),
    breakDetails(id) {
      server.answers.sandboxStatus = (asked) =>
        asked === id && !asksPauseByContainer ? { ...sandboxStatus(asked), ...broken } : sandboxStatus(asked);
      server.answers.containerStatus = (asked) =>
        asked === id && asksPauseByContainer ? { ...containerStatus(asked), ...broken } : containerStatus(asked);
    },
    embody(pods, madeAtMs = Date.now()) {
      const pids = pidsById(recorded.arranged, pods);
      const createdAt = BigInt(madeAtMs) * 1_000_000n;
      server.answers.sandboxes = sandboxes.filter(({ id }) => pids.has(id)).map((it) => ({ ...it, createdAt }));
      server.answers.containers = answers.containers.filter(({ id }) => pids.has(id));
      server.answers.sandboxStatus = (id) => withPid(sandboxStatus(id), pids.get(id));
      server.answers.containerStatus = (id) => withPid(containerStatus(id), pids.get(id));
    },
    swell(isLarge) {
      const [first] = sandboxes;
      const long = { ...first, runtimeHandler: 'x'.repeat(17 * 1024 * 1024) } as typeof first;
      server.answers.sandboxes = isLarge && long !== undefined ? [long, ...sandboxes.slice(1)] : sandboxes;
    },
  };
}

async function standInDocker(times = TIMES): Promise<StandIn> {
  const recording = readEngineRecording();
  const directory = socketDirectory();
  const engine = await startEngine({ socket: join(directory, 'inner.sock') });
  const { containers, inspect } = recording.answers;
  const { door, runtime } = await open(directory, engine.socket, (endpoint) => createDockerRuntime(endpoint, times));
  return {
    door,
    runtime,
    calls: engine.calls,
    arranged: recording.arranged,
    kernel: readEngineKernel(),
    treat: (how) => void (engine.treat = how),
    breakDetails: (id) => void (engine.answers.inspect = (asked) => (asked === id ? '{"Id":' : inspect(asked))),
    embody(pods, madeAtMs = Date.now()) {
      const pids = pidsById(recording.arranged, pods);
      const made = Math.floor(madeAtMs / 1000);
      engine.answers.containers = containers
        .filter(({ Id }) => pids.has(String(Id)))
        .map((it) => ({ ...it, Created: made }));
      engine.answers.inspect = (id) => {
        const found = inspect(id);
        const state = typeof found === 'object' ? (found['State'] as object) : {};
        return typeof found === 'object' ? { ...found, State: { ...state, Pid: pids.get(id) } } : found;
      };
    },
    swell(isLarge) {
      const [first] = containers;
      engine.answers.containers = isLarge ? [{ ...first, Command: 'x'.repeat(17 * 1024 * 1024) }] : containers;
    },
  };
}

function pidsById(arranged: StandIn['arranged'], pods: readonly LivingPod[]): ReadonlyMap<string, number> {
  const pids = new Map<string, number>();
  for (const { arrangedAs, pausePid, appPid } of pods) {
    const { sandbox, container } = arranged.get(arrangedAs) ?? {};
    if (sandbox === undefined || container === undefined) throw new Error(`no pod was arranged as ${arrangedAs}`);
    pids.set(sandbox, pausePid).set(container, appPid);
  }
  return pids;
}

/** A verbose answer with another PID; one without a PID stays as it is. */
function withPid<T extends { readonly info: { [key: string]: string } }>(answer: T, pid: number | undefined): T {
  const info = JSON.parse(answer.info['info'] ?? '{}') as object;
  return 'pid' in info ? { ...answer, info: { ...answer.info, info: JSON.stringify({ ...info, pid }) } } : answer;
}

async function open(
  directory: string,
  inner: string,
  create: (endpoint: string) => ContainerRuntime,
): Promise<{ door: Door; runtime: ContainerRuntime }> {
  const door = createDoor(join(directory, 'outer.sock'), inner);
  await door.start();
  const runtime = create(`unix://${door.socket}`);
  onTestFinished(() => {
    runtime.close();
    door.end();
  });
  return { door, runtime };
}
