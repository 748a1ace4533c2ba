/** A container runtime that speaks CRI v1: containerd, CRI-O, cri-dockerd. */
import type { RuntimeSnapshot, SourceFault } from '../../core/model.ts';
import type { ContainerRuntime, RuntimeAnswer } from '../container-runtime.ts';
import { createDetailsMemory, type DetailsMemory } from '../details.ts';
import { createAnswerTaker, failureFault } from '../faults.ts';
import { nothingYet, whileSilent } from '../last-answer.ts';
import type { Probe } from '../probe.ts';
import type { RuntimeTimes } from '../runtime-times.ts';
import { type CriClient, createCriClient } from './client.ts';
import {
  addPauseContainer,
  type ContainerDetails,
  decodeConditions,
  decodeConfiguredImage,
  decodeContainer,
  decodeContainerDetails,
  decodeContainerState,
  decodeFlavour,
  decodeImage,
  decodeSandbox,
  decodeSandboxDetails,
  decodeSandboxState,
  type SandboxDetails,
} from './decode.ts';
import { classifyCall } from './errors.ts';
import type { Container as CriContainer, PodSandbox as CriPodSandbox } from './generated/runtime/v1/cri.ts';

/** What holds on a node. A round stays below the default interval of audits with room for /proc. */
const CRI_TIMES: RuntimeTimes = { listMs: 3000, detailsMs: 5000, roundMs: 6000, keepAnswerMs: 10 * 60_000 };

/** How many details of sandboxes, and of containers, are asked for at the same time. */
const CONCURRENCY = 8;

/** Creates the runtime at a `unix://` endpoint. Nothing is sent before the first question. */
export function createCriRuntime(endpoint: string, times: RuntimeTimes = CRI_TIMES): ContainerRuntime {
  const client = createCriClient(endpoint, times);
  let last: RuntimeSnapshot = nothingYet(endpoint, 'unknown');
  const details: Details = {
    sandboxes: createDetailsMemory({
      endpoint,
      what: 'PodSandboxStatus of sandbox',
      ask: askSandbox,
      classify: classifyCall,
      concurrency: CONCURRENCY,
    }),
    containers: createDetailsMemory({
      endpoint,
      what: 'ContainerStatus of container',
      ask: async (id) => decodeContainerDetails(await client.containerStatus(id)),
      classify: classifyCall,
      concurrency: CONCURRENCY,
    }),
  };

  /** cri-dockerd tells nothing of pause with the sandbox, and everything with the container of the same id. */
  async function askSandbox(id: string): Promise<SandboxDetails> {
    const sandbox = decodeSandboxDetails(await client.sandboxStatus(id), last.flavour);
    if (last.flavour !== 'cri-dockerd') return sandbox;
    return addPauseContainer(sandbox, decodeContainerDetails(await client.containerStatus(id)));
  }

  async function ask(): Promise<RuntimeAnswer> {
    const deadlineMs = Date.now() + times.roundMs;
    const faults: SourceFault[] = [];
    const answer = createAnswerTaker(endpoint, faults, classifyCall);
    const [version, status, images, sandboxes, containers] = await Promise.all([
      answer('Version', client.version()),
      answer('Status', client.status()),
      answer('ListImages', client.listImages()),
      answer('ListPodSandbox', client.listSandboxes()),
      answer('ListContainers', client.listContainers()),
    ]);
    last = {
      ...last,
      name: version?.runtimeName ?? last.name,
      version: version?.runtimeVersion ?? last.version,
      flavour: version === undefined ? last.flavour : decodeFlavour(version.runtimeName),
      configuredPauseImage: status === undefined ? last.configuredPauseImage : decodeConfiguredImage(status),
      conditions: status === undefined ? last.conditions : decodeConditions(status),
      images: images?.map(decodeImage),
    };
    if (sandboxes === undefined || containers === undefined) {
      last = whileSilent(last, times.keepAnswerMs, Date.now());
      return { snapshot: last, faults };
    }
    const lists = await readAll(sandboxes, containers, details, deadlineMs);
    last = { ...last, ...lists.answer };
    return { snapshot: last, faults: [...faults, ...lists.faults] };
  }

  function forget(ids: Iterable<string>): void {
    for (const id of ids) {
      details.sandboxes.forget(id);
      details.containers.forget(id);
    }
  }

  return { endpoint, ask, forget, close: () => client.close() };
}

interface Details {
  readonly sandboxes: DetailsMemory<SandboxDetails>;
  readonly containers: DetailsMemory<ContainerDetails>;
}

interface ListsRead {
  readonly answer: Partial<RuntimeSnapshot>;
  readonly faults: readonly SourceFault[];
}

/** Adds details to the lists. What vanished meanwhile is left out. */
async function readAll(
  items: readonly CriPodSandbox[],
  containers: readonly CriContainer[],
  details: Details,
  deadlineMs: number,
): Promise<ListsRead> {
  const running = containers.filter(({ state }) => decodeContainerState(state) === 'running');
  const listed = items.map(({ id, state }) => ({ id, state: decodeSandboxState(state) }));
  const [ofSandboxes, ofContainers] = await Promise.all([
    details.sandboxes.fetch(listed, deadlineMs),
    details.containers.fetch(
      running.map(({ id }) => ({ id, state: 'running' })),
      deadlineMs,
    ),
  ]);
  const sandboxes = items
    .filter(({ id }) => !ofSandboxes.vanished.has(id))
    .map((item) => decodeSandbox(item, ofSandboxes.details.get(item.id) ?? 'silent'));
  const isolationById = new Map(sandboxes.map(({ id, isolation }) => [id, isolation]));
  const answer = {
    up: true,
    answeredAtMs: Date.now(),
    sandboxes,
    containers: containers
      .filter(({ id }) => !ofContainers.vanished.has(id))
      .map((item) => {
        const isolation = isolationById.get(item.podSandboxId) ?? 'shared-kernel';
        return decodeContainer(item, ofContainers.details.get(item.id), isolation);
      }),
  };
  return { answer, faults: [...ofSandboxes.faults, ...ofContainers.faults] };
}

/**
 * Whether a runtime that speaks CRI answers at an endpoint: a socket file alone is no proof of life, nor is a version
 * without lists (cri-dockerd while Docker is down).
 */
export async function probeCri(endpoint: string, deadlineMs: number): Promise<Probe> {
  const client: CriClient = createCriClient(endpoint, { listMs: deadlineMs, detailsMs: deadlineMs });
  try {
    await client.version();
    return { sandboxes: (await client.listSandboxes()).length, fault: undefined };
  } catch (error) {
    return { fault: failureFault(endpoint, 'Version', classifyCall(error)) };
  } finally {
    client.close();
  }
}
