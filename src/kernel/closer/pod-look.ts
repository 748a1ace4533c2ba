/** Looks closer at one pod when a person asks: inner PIDs, network and mounts, each process checked before and after. */
import type { Known } from '../../core/model.ts';
import type {
  InnerFacts,
  LookAtPod,
  LookTarget,
  MountFacts,
  MountsLook,
  NetworkLook,
  PodLook,
  PodLookRequest,
} from '../../core/pod-look.ts';
import { parseMountinfo } from '../parse/mountinfo.ts';
import { parseStatus } from '../parse/status.ts';
import { readProcessState } from '../processes/process-state.ts';
import { type BytesReader, createBytesReader } from '../reading/bytes-reader.ts';
import { faultCodeOf } from '../reading/fault-tally.ts';
import { readList } from '../reading/list-reader.ts';
import { createSlicer, DEFAULT_SLICE_MS, type Slicer } from '../reading/slicer.ts';
import { lookAtNetwork } from './network-look.ts';

/** Mounts shown per container. */
const MAX_MOUNTS = 300;
/** Looks that wait for their turn; beyond, a look is refused: people are few. */
const MAX_WAITING = 8;

/** Makes a looker; one look at a time, so that many readers of a page cost the node no more than one. */
export function createPodLooks({ root }: { readonly root: string }): LookAtPod {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return async (request) => {
    if (waiting >= MAX_WAITING) return refuse(request);
    waiting++;
    // A reader of its own: the audit may be in the middle of its buffer.
    const turn = last.then(() => look({ root, reader: createBytesReader(), request }));
    last = turn.catch(() => undefined);
    return await turn.finally(() => waiting--);
  };
}

/** Says of everything that was asked for that it could not be looked at. */
function refuse({ aspects, roots }: PodLookRequest): PodLook {
  const refused = { unknown: 'timeout' } as const;
  const mounts = roots.map(({ container, pid }) => ({ container, pid, mounts: refused }));
  return {
    inner: new Map(),
    network: aspects.has('network') ? refused : undefined,
    mounts: aspects.has('mounts') ? mounts : undefined,
  };
}

interface Place {
  readonly root: string;
  readonly reader: BytesReader;
  readonly request: PodLookRequest;
}

async function look(place: Place): ReturnType<LookAtPod> {
  const { request } = place;
  const slicer = createSlicer({ sliceMs: DEFAULT_SLICE_MS });
  const inner = await readInner(place, slicer);
  return {
    inner,
    network: request.aspects.has('network') ? await readNetwork(place, slicer) : undefined,
    mounts: request.aspects.has('mounts') ? await readMounts(place, slicer) : undefined,
  };
}

async function readInner(place: Place, slicer: Slicer): Promise<Map<number, InnerFacts>> {
  const inner = new Map<number, InnerFacts>();
  for (const target of place.request.processes) {
    const read = await readOf(place, target, async () => {
      const text = place.reader.readText(`${place.root}/${target.pid}/status`);
      return { nsPids: parseStatus(text).nsPids };
    });
    if ('value' in read) inner.set(target.pid, read.value);
    if (slicer.isDue()) await slicer.nextTurn();
  }
  return inner;
}

function readNetwork(place: Place, slicer: Slicer): Promise<Known<NetworkLook>> {
  const { root, request } = place;
  const { holder, processes } = request;
  if (holder === undefined) return Promise.resolve({ unknown: 'vanished' });
  const pids = processes.map(({ pid }) => pid);
  return readOf(place, holder, () => lookAtNetwork({ root, pid: holder.pid, pids, slicer }));
}

async function readMounts(place: Place, slicer: Slicer): Promise<MountsLook[]> {
  const { root, request } = place;
  const looks: MountsLook[] = [];
  for (const target of request.roots) {
    const mounts = await readOf(place, target, () => readMountinfo(`${root}/${target.pid}/mountinfo`, slicer));
    looks.push({ container: target.container, pid: target.pid, mounts });
    if (slicer.isDue()) await slicer.nextTurn();
  }
  return looks;
}

async function readMountinfo(path: string, slicer: Slicer) {
  const list: MountFacts[] = [];
  let omitted = 0;
  const isWhole = await readList(path, slicer, (lines) => {
    const mounts = parseMountinfo(lines.toString('latin1'));
    const room = MAX_MOUNTS - list.length;
    list.push(...mounts.slice(0, room));
    omitted += Math.max(0, mounts.length - room);
  });
  // How many were not read cannot be told, and a number would say that it can.
  if (!isWhole) throw new Error('the list of mounts is longer than what is read of it');
  return { list, omitted };
}

/** What was read counts only when the PID was the same process before and after. */
async function readOf<T>({ root, reader }: Place, target: LookTarget, read: () => Promise<T>): Promise<Known<T>> {
  const before = readProcessState(root, reader, target.pid);
  if ('unknown' in before) return before;
  if (before.value.startTicks !== target.startTicks) return { unknown: 'vanished' };
  try {
    const value = await read();
    const after = readProcessState(root, reader, target.pid);
    const isSame = 'value' in after && after.value.startTicks === target.startTicks;
    return isSame ? { value } : { unknown: 'vanished' };
  } catch (error) {
    return { unknown: faultCodeOf(error) };
  }
}
