/** One sandbox as /sandboxes shows it. */
import { NAMESPACE_KINDS } from '../../core/model.ts';
import type { ContainerView, PauseView, SandboxView, UnknownField, Zombie } from '../../core/report.ts';
import { findingJson, timeJson } from './finding-json.ts';

/** Zombies listed per sandbox; `omitted` counts the rest. */
const MAX_ZOMBIES = 50;

/** Notes a fact that is absent: null on the wire, and listed under `unknown`. */
type Note = <T>(field: string, fact: T | undefined) => T | null;

/** A sandbox in full. */
export function sandboxJson(view: SandboxView, runbookBase: string) {
  const unknown = new Map<string, UnknownField['reason']>(view.unknown.map(({ field, reason }) => [field, reason]));
  const note: Note = (field, fact) => {
    if (fact === undefined && !unknown.has(field)) unknown.set(field, 'silent');
    return fact ?? null;
  };
  const body = {
    ...headJson(view, note),
    image: imageJson(view, note),
    pauseHealth: view.pauseHealth,
    pause: view.pause === undefined ? null : pauseJson(view.pause, note),
    noPauseReason: view.noPauseReason ?? null,
    namespaces: namespacesJson(view, note),
    containers: view.containers.map((container) => containerJson(container, note)),
    zombies: zombiesJson(view, note),
    pids: pidsJson(view, note),
    findings: view.findings.map((finding) => findingJson(finding, runbookBase)),
    unjudged: view.unjudged,
  };
  if (view.pause === undefined && view.noPauseReason === undefined) note('pause', undefined);
  return { ...body, unknown: [...unknown].map(([field, reason]) => ({ field, reason })) };
}

/**
 * A sandbox under `view=brief`: which one, how many zombies, which findings; nothing of single processes.
 * `zombieCount` is null when unknown; the full view says why.
 */
export function briefSandboxJson(view: SandboxView) {
  const { id, namespace, name, state, zombies, findings } = view;
  return {
    id,
    namespace,
    name,
    state,
    zombieCount: zombies.count ?? null,
    findingIds: [...new Set(findings.map((finding) => finding.id))],
  };
}

/** A zombie. */
export function zombieJson({ pid, nsPid, comm, firstSeenMs, container, parent }: Zombie) {
  return {
    pid,
    nsPid: nsPid ?? null,
    comm,
    firstSeenAt: timeJson(firstSeenMs),
    container: container ?? null,
    parent:
      parent === undefined
        ? null
        : { pid: parent.pid, nsPid: parent.nsPid ?? null, comm: parent.comm, kind: parent.kind },
  };
}

function headJson(view: SandboxView, note: Note) {
  const { id, namespace, name, uid, attempt, state, runtimeHandler, runtimeEndpoint } = view;
  return {
    id,
    namespace,
    name,
    uid,
    attempt,
    state,
    createdAt: timeJson(view.createdAtMs),
    runtimeHandler,
    runtimeEndpoint,
    pidMode: note('pidMode', view.pidMode),
    isolation: view.isolation,
    hasUserNamespace: note('hasUserNamespace', view.hasUserNamespace),
    isStatic: view.isStatic,
  };
}

/** A reference without a tag or digest has none: those nulls are facts. */
function imageJson({ image }: SandboxView, note: Note) {
  if (image === undefined) return note('image', undefined);
  const { ref, registry, repository, tag, digest, version } = image;
  const imageId = note('image.imageId', image.imageId);
  return { ref, imageId, registry, repository, tag: tag ?? null, digest: digest ?? null, version: version ?? null };
}

function pauseJson(pause: PauseView, note: Note) {
  const { pid, state, comm, reaps, cpuSeconds } = pause;
  const started = note('pause.startedAt', pause.startedAtMs);
  return {
    pid,
    startedAt: timeJson(started ?? undefined),
    state,
    exe: note('pause.exe', pause.exe),
    exeSha256: note('pause.exeSha256', pause.exeSha256),
    comm,
    uid: note('pause.uid', pause.uid),
    oomScoreAdj: note('pause.oomScoreAdj', pause.oomScoreAdj),
    reaps,
    cpuSeconds,
    rssBytes: note('pause.rssBytes', pause.rssBytes),
  };
}

/** Without a pause there is no inode to read: that follows from `pause` and is not listed seven times more. */
function namespacesJson({ namespaces, pause }: SandboxView, note: Note) {
  const entries = NAMESPACE_KINDS.map((kind) => {
    const { inode, heldByPause, sharedBy } = namespaces[kind];
    const known = pause === undefined ? (inode ?? null) : note(`namespaces.${kind}.inode`, inode);
    return [kind, { inode: known, heldByPause: heldByPause ?? null, sharedBy }] as const;
  });
  return Object.fromEntries(entries);
}

function containerJson(container: ContainerView, note: Note) {
  const { id, name, attempt, state, image, init } = container;
  const field = `containers.${name}`;
  const runs = state === 'running';
  return {
    id,
    name,
    attempt,
    state,
    pid: runs ? note(`${field}.pid`, container.pid) : null,
    image,
    zombies: runs ? note(`${field}.zombies`, container.zombies) : (container.zombies ?? null),
    init: init === undefined ? null : { comm: init.comm, reaps: init.reaps },
  };
}

function zombiesJson({ zombies }: SandboxView, note: Note) {
  let oldest: Zombie | undefined;
  for (const zombie of zombies.items) {
    if (oldest === undefined || zombie.firstSeenMs < oldest.firstSeenMs) oldest = zombie;
  }
  return {
    count: note('zombies.count', zombies.count),
    oldestFirstSeenAt: timeJson(oldest?.firstSeenMs),
    atLeast: oldest?.atLeast ?? false,
    perHour: rounded(note('zombies.perHour', zombies.perHour)),
    items: zombies.items.slice(0, MAX_ZOMBIES).map(zombieJson),
    omitted: Math.max(0, (zombies.count ?? zombies.items.length) - MAX_ZOMBIES),
  };
}

/** No limit is a null that `limitFrom` explains; tasks that do not grow never reach theirs, which is a null without a reason. */
function pidsJson({ pids, zombies }: SandboxView, note: Note) {
  return {
    current: note('pids.current', pids.current),
    limit: pids.limitFrom === 'none' ? null : note('pids.limit', pids.limit),
    limitFrom: pids.limitFrom,
    utilization: note('pids.utilization', pids.utilization),
    zombieShare: zombies.count === undefined ? (pids.zombieShare ?? null) : note('pids.zombieShare', pids.zombieShare),
    exhaustedInSeconds: pids.exhaustedInSeconds ?? null,
  };
}

/** To a tenth: more digits would claim more than a few samples can tell. */
function rounded(rate: number | null): number | null {
  return rate === null ? null : Math.round(rate * 10) / 10;
}
