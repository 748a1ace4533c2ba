/** A Docker Engine whose pods were made by the kubelet itself (dockershim) or by cri-dockerd, asked without CRI. */
import type { Container, FaultCode, PodSandbox, RuntimeSnapshot, SourceFault } from '../../core/model.ts';
import type { ContainerRuntime, RuntimeAnswer } from '../container-runtime.ts';
import { createDetailsMemory } from '../details.ts';
import { answerFault, createAnswerTaker, failureFault } from '../faults.ts';
import { isolationOf } from '../isolation.ts';
import { nothingYet, whileSilent } from '../last-answer.ts';
import type { Probe } from '../probe.ts';
import type { RuntimeTimes } from '../runtime-times.ts';
import { type EngineVersion, negotiate } from './api-version.ts';
import { decodeInspect, hostOrPod, type Inspected, ownPidModeOf, pauseOf, pidModeOf } from './decode-inspect.ts';
import {
  containerStateOf,
  decodeList,
  type Listed,
  type ListedApp,
  type ListedPods,
  sandboxStateOf,
} from './decode-list.ts';
import { decodeImages, decodeInfo } from './decode-node.ts';
import { classifyEngine, createEngineClient, type EngineClient } from './engine-client.ts';

/** What holds on a node. Calls take turns on one connection, so a slow one may cost the others less than with CRI. */
const DOCKER_TIMES: RuntimeTimes = { listMs: 3000, detailsMs: 2000, roundMs: 6000, keepAnswerMs: 10 * 60_000 };

/** Creates the runtime at a `unix://` endpoint. Nothing is sent before the first question. */
export function createDockerRuntime(endpoint: string, times: RuntimeTimes = DOCKER_TIMES): ContainerRuntime {
  const client = createEngineClient(endpoint);
  let last = nothingYet(endpoint, 'docker');
  let api = '';
  const details = createDetailsMemory({
    endpoint,
    what: 'inspecting container',
    ask: async (id) => decodeInspect(await client.get(`/v${api}/containers/${id}/json`, times.detailsMs)),
    classify: classifyEngine,
    concurrency: 1,
  });

  /** One call after the other: they share a connection. */
  async function ask(): Promise<RuntimeAnswer> {
    const deadlineMs = Date.now() + times.roundMs;
    const faults: SourceFault[] = [];
    const take = createAnswerTaker(endpoint, faults, classifyEngine);
    const get = (path: string): Promise<unknown> => client.get(path, times.listMs);
    const version = await askVersion(endpoint, take('GET /version', get('/version')), faults);
    if (version === undefined) return silent(faults);
    api = version.api;
    const list = await take('GET /containers/json', get(`/v${api}/containers/json?all=1`));
    const pods = list === undefined ? undefined : decodeList(list);
    if (list !== undefined && (pods === undefined || pods.odd > 0)) faults.push(oddList(endpoint, pods?.odd));
    if (pods === undefined) return silent(faults);
    const images = await take('GET /images/json', get(`/v${api}/images/json`));
    const isNew = !last.up || last.version !== version.version;
    const info = isNew ? await take('GET /info', get(`/v${api}/info`)) : undefined;
    const wanted = [...pods.sandboxes, ...pods.apps].map(({ id, status }) => ({ id, state: status }));
    const round = await details.fetch(wanted, deadlineMs);
    last = {
      ...last,
      name: 'docker',
      version: version.version,
      up: true,
      answeredAtMs: Date.now(),
      conditions: info === undefined ? last.conditions : decodeInfo(info),
      ...joinPods(pods, round.details),
      images: images === undefined ? undefined : decodeImages(images),
    };
    return { snapshot: last, faults: [...faults, ...round.faults] };
  }

  function silent(faults: readonly SourceFault[]): RuntimeAnswer {
    last = { ...whileSilent(last, times.keepAnswerMs, Date.now()), images: undefined };
    return { snapshot: last, faults };
  }

  return {
    endpoint,
    ask,
    forget: (ids) => {
      for (const id of ids) details.forget(id);
    },
    close: () => client.close(),
  };
}

async function askVersion(
  endpoint: string,
  answer: Promise<unknown>,
  faults: SourceFault[],
): Promise<EngineVersion | undefined> {
  const told = await answer;
  if (told === undefined) return undefined;
  const version = negotiate(told);
  if ('api' in version) return version;
  faults.push(failureFault(endpoint, 'GET /version', version));
  return undefined;
}

function oddList(endpoint: string, odd: number | undefined): SourceFault {
  const problem = odd === undefined ? 'it is not a list' : `${odd} containers in it have no id`;
  return answerFault(endpoint, 'GET /containers/json', problem);
}

type Details = ReadonlyMap<string, Inspected | FaultCode>;

/** Adds details to the lists. What vanished meanwhile has none and is left out. */
function joinPods(pods: ListedPods, details: Details): Pick<RuntimeSnapshot, 'sandboxes' | 'containers'> {
  const sandboxes = pods.sandboxes.flatMap((listed) => {
    const known = details.get(listed.id);
    return known === undefined ? [] : [toSandbox(listed, known, appsOf(listed.id, pods.apps, details))];
  });
  const isolationById = new Map(sandboxes.map(({ id, isolation }) => [id, isolation]));
  const containers = pods.apps.flatMap((app) => {
    const known = details.get(app.id);
    const isInside =
      isolationById.get(app.sandboxId ?? '') !== 'shared-kernel' && isolationById.has(app.sandboxId ?? '');
    return known === undefined ? [] : [toContainer(app, known, isInside)];
  });
  return { sandboxes, containers };
}

function appsOf(sandboxId: string, apps: readonly ListedApp[], details: Details): Inspected[] {
  return apps.flatMap((app) => {
    const known = app.sandboxId === sandboxId ? details.get(app.id) : undefined;
    return typeof known === 'object' ? [known] : [];
  });
}

function toSandbox(listed: Listed, known: Inspected | FaultCode, apps: readonly Inspected[]): PodSandbox {
  const { id, pod, createdAtMs, isStatic } = listed;
  const told = typeof known === 'object' ? known : undefined;
  const handler = told === undefined || /^(io\.containerd\.)?runc/.test(told.runtime) ? '' : told.runtime;
  const isolation = isolationOf(undefined, handler);
  const pause = typeof known === 'object' ? pauseOf(known) : ({ kind: 'unknown', reason: known } as const);
  return {
    id,
    namespace: pod.namespace,
    name: pod.pod,
    uid: pod.uid,
    attempt: pod.attempt,
    state: sandboxStateOf(told?.status || listed.status),
    createdAtMs,
    runtimeHandler: handler,
    pidMode: told && pidModeOf(id, told, apps),
    networkMode: told && hostOrPod(told.networkMode),
    ipcMode: told && hostOrPod(told.ipcMode),
    // A setting of the whole daemon, which no answer about a container tells; the kernel shows it.
    userMode: undefined,
    // With Docker pause itself holds it: it cannot be lost before pause is.
    netClosed: undefined,
    isolation,
    isStatic,
    pause: isolation !== 'shared-kernel' && pause.kind === 'pid' ? { kind: 'none', reason: 'vm-runtime' } : pause,
    pauseEnd: told?.end,
    imageRef: told?.imageRef ?? (listed.image || undefined),
  };
}

function toContainer(app: ListedApp, known: Inspected | FaultCode, isInside: boolean): Container {
  const told = typeof known === 'object' ? known : undefined;
  const state = containerStateOf(told?.status || app.status);
  const pid = typeof known === 'object' ? known.pid : ({ unknown: known } as const);
  return {
    id: app.id,
    sandboxId: app.sandboxId ?? '',
    name: app.pod.container,
    attempt: app.pod.attempt,
    state,
    createdAtMs: app.createdAtMs,
    pidMode: told && app.sandboxId !== undefined ? ownPidModeOf(app.sandboxId, told) : undefined,
    imageRef: told?.imageRef ?? app.image,
    pid: state !== 'running' ? undefined : isInside ? { unknown: 'unsupported' } : pid,
  };
}

/** Whether a Docker Engine answers at an endpoint. */
export async function probeDocker(endpoint: string, timeoutMs: number): Promise<Probe> {
  const client: EngineClient = createEngineClient(endpoint);
  try {
    const version = negotiate(await client.get('/version', timeoutMs));
    if ('code' in version) return { fault: failureFault(endpoint, 'GET /version', version) };
    const list = decodeList(await client.get(`/v${version.api}/containers/json?all=1`, timeoutMs));
    if (list === undefined) return { fault: oddList(endpoint, undefined) };
    return { sandboxes: list.sandboxes.length, fault: undefined };
  } catch (error) {
    return { fault: failureFault(endpoint, 'GET /version', classifyEngine(error)) };
  } finally {
    client.close();
  }
}
