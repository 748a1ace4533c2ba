/**
 * One sandbox is one sandbox, through however many endpoints it is seen: cri-dockerd and the Docker Engine behind it, or one
 * runtime that was named by two paths.
 */
import { groupBy } from './group-by.ts';
import type { Container, NodeSnapshot, PodSandbox, RuntimeSnapshot } from './model.ts';

/** A record, and the runtime under which it is kept. */
interface Kept<T> {
  readonly home: RuntimeSnapshot;
  readonly record: T;
}

/**
 * The snapshot with each sandbox and each container under one runtime only; a container stands where its sandbox does. What the
 * runtimes say of themselves and of their images stays.
 */
export function uniteSandboxes(snapshot: NodeSnapshot): NodeSnapshot {
  if (snapshot.runtimes.length < 2) return snapshot;
  const trusted = snapshot.runtimes.toSorted(byTrust);
  const sandboxes = unite(trusted, (runtime) => runtime.sandboxes, fillSandbox);
  const containers = unite(trusted, (runtime) => runtime.containers, fillContainer);
  const homeOf = ({ home, record }: Kept<Container>): RuntimeSnapshot => sandboxes.get(record.sandboxId)?.home ?? home;
  const sandboxesOf = groupBy(sandboxes.values(), ({ home }) => home);
  const containersOf = groupBy(containers.values(), homeOf);
  const runtimes = snapshot.runtimes.map((runtime) => ({
    ...runtime,
    sandboxes: (sandboxesOf.get(runtime) ?? []).map(({ record }) => record),
    containers: (containersOf.get(runtime) ?? []).map(({ record }) => record),
  }));
  return { ...snapshot, runtimes };
}

/** Who answered in this look before who did not, CRI before Docker's own API, and then who was named first. */
function byTrust(a: RuntimeSnapshot, b: RuntimeSnapshot): number {
  return Number(b.up) - Number(a.up) || Number(a.flavour === 'docker') - Number(b.flavour === 'docker');
}

/** An answer of an earlier look adds nothing to one of this look. */
function unite<T extends { readonly id: string }>(
  trusted: readonly RuntimeSnapshot[],
  recordsOf: (runtime: RuntimeSnapshot) => readonly T[],
  fill: (kept: Kept<T>, other: T) => T,
): ReadonlyMap<string, Kept<T>> {
  const byId = new Map<string, Kept<T>>();
  for (const runtime of trusted) {
    for (const record of recordsOf(runtime)) {
      const kept = byId.get(record.id);
      if (kept === undefined) byId.set(record.id, { home: runtime, record });
      else if (kept.home.up === runtime.up) byId.set(record.id, { ...kept, record: fill(kept, record) });
    }
  }
  return byId;
}

/** What the kept record leaves open is taken from the other. */
function fillSandbox({ record }: Kept<PodSandbox>, other: PodSandbox): PodSandbox {
  const pause = tellsPause(record) || !tellsPause(other) ? record.pause : other.pause;
  return {
    ...record,
    pidMode: record.pidMode ?? other.pidMode,
    networkMode: record.networkMode ?? other.networkMode,
    ipcMode: record.ipcMode ?? other.ipcMode,
    userMode: record.userMode ?? other.userMode,
    isStatic: record.isStatic || other.isStatic,
    netClosed: record.netClosed ?? other.netClosed,
    pause,
    // It may have died between the two answers.
    pauseEnd: record.pauseEnd ?? (pause.kind === 'none' ? other.pauseEnd : undefined),
    imageRef: record.imageRef ?? other.imageRef,
  };
}

function tellsPause({ pause }: PodSandbox): boolean {
  return pause.kind === 'pid' || (pause.kind === 'none' && pause.reason !== 'not-reported');
}

function fillContainer({ record }: Kept<Container>, other: Container): Container {
  const isOpen = record.pid !== undefined && 'unknown' in record.pid;
  return {
    ...record,
    sandboxId: record.sandboxId || other.sandboxId,
    pidMode: record.pidMode ?? other.pidMode,
    pid: isOpen ? (other.pid ?? record.pid) : record.pid,
  };
}
