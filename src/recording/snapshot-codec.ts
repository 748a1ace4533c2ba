/**
 * Every field of a snapshot: how it is read, and what redaction leaves of it. A field that is added to the model gets one
 * line here: `maybe(…)` where it may be absent, `orElse(…, unknown)` where it may not, since older recordings lack it.
 */
import {
  type CgroupPids,
  type Container,
  FAULT_CODES,
  type KernelSnapshot,
  type NamespaceInodes,
  type NodeSnapshot,
  type PauseEnd,
  type PauseRef,
  type PodSandbox,
  type Process,
  type ProcessProbe,
  type RuntimeCondition,
  type RuntimeSnapshot,
  type Shim,
  type SourceFault,
  type StoredImage,
  type ThreadWait,
} from '../core/model.ts';
import {
  amount,
  byKind,
  type Codec,
  dictionary,
  flag,
  integer,
  known,
  list,
  maybe,
  moment,
  object,
  oneOf,
  orElse,
  text,
  whole,
} from './codec.ts';
import type { NameKind } from './names.ts';
import { redactComm, redactMessage, redactPath, redactVersion, redactWords } from './redact-text.ts';

/** A name: hashed. */
const name = (kind: NameKind): Codec<string> => text((it, names) => names.of(kind, it));
/** Hexadecimal ids stay: they are made by the runtime, and cgroup paths are joined by them. */
const id = text((it, names) => names.note(it, redactWords(it, names)));
const path = text(redactPath);
const comm = text(redactComm);
const message = text(redactMessage);
/** Words of the field stay, as in "kata-qemu". */
const fieldWords = text(redactWords);
const version = text(redactVersion);
/** Pause images stay whole, since verdicts are about them; any other is hashed. */
const imageRef = text((it, names) => (names.isPauseImage(it) ? it : names.of('image', it)));
/** Digits of a hash or of a mask, a letter: what the kernel or we ourselves wrote. */
const digits = text((it, names) => (/^[0-9a-f]*$/i.test(it) ? it : names.of('text', it)));
const letter = text((it, names) => (/^[A-Za-z]$/.test(it) ? it : names.of('text', it)));
/** The wait channels that rules know stay; any other text there is hashed, since a recording may hold anything. */
const KNOWN_WAITS: ReadonlySet<string> = new Set(['zap_pid_ns_processes', '__refrigerator']);
const kernelFunction = text((it, names) => (KNOWN_WAITS.has(it) ? it : names.of('text', it)));
/** Pods and Docker have namespaces that rules know; any other is somebody's. */
const containerdNamespace = text((it, names) => (it === 'k8s.io' || it === 'moby' ? it : names.of('text', it)));
/** Names of our own fields. */
const fieldName = text((it, names) => (/^(?:namespaces\.)?[a-zA-Z0-9]{1,20}$/.test(it) ? it : names.of('text', it)));

const faultCode = oneOf(FAULT_CODES);
const namespaceMode = maybe(oneOf(['pod', 'container', 'node', 'target']));

const pauseRef = byKind<PauseRef>({
  pid: object({ kind: oneOf(['pid']), pid: whole }),
  none: object({ kind: oneOf(['none']), reason: oneOf(['infra-dropped', 'vm-runtime', 'not-reported', 'exited']) }),
  unknown: object({ kind: oneOf(['unknown']), reason: faultCode }),
});

const sandbox = object<PodSandbox>({
  id,
  namespace: name('ns'),
  name: name('pod'),
  uid: name('uid'),
  attempt: whole,
  state: oneOf(['ready', 'notready']),
  createdAtMs: moment,
  runtimeHandler: fieldWords,
  pidMode: namespaceMode,
  networkMode: namespaceMode,
  ipcMode: namespaceMode,
  userMode: namespaceMode,
  // Before it was recorded every pod was judged as one of the node's own kernel.
  isolation: orElse(oneOf(['shared-kernel', 'vm', 'user-space-kernel']), 'shared-kernel'),
  isStatic: orElse(flag, false),
  pauseEnd: maybe(object<PauseEnd>({ exitCode: integer, oomKilled: flag })),
  netClosed: maybe(flag),
  pause: pauseRef,
  imageRef: maybe(imageRef),
});

const container = object<Container>({
  id,
  sandboxId: id,
  name: name('ctr'),
  attempt: whole,
  state: oneOf(['created', 'running', 'exited', 'unknown']),
  createdAtMs: moment,
  imageRef,
  pid: maybe(known(whole)),
  pidMode: namespaceMode,
});

const plainImage = object<StoredImage>({
  id: imageRef,
  tags: list(imageRef),
  digests: list(imageRef),
  sizeBytes: amount,
  pinned: flag,
});

/** A pause image stays whole under all its names: which of them a rule looks at is the rule's business. */
const image: Codec<StoredImage> = {
  read: plainImage.read,
  redact(it, names) {
    const isPause = [it.id, ...it.tags, ...it.digests].some((ref) => names.isPauseImage(ref));
    return isPause ? it : plainImage.redact(it, names);
  },
};

const condition = object<RuntimeCondition>({ type: fieldWords, status: flag, reason: message, message });

const runtime = object<RuntimeSnapshot>({
  endpoint: path,
  name: fieldWords,
  version,
  flavour: oneOf(['containerd', 'cri-o', 'cri-dockerd', 'docker', 'unknown']),
  up: flag,
  answeredAtMs: maybe(moment),
  configuredPauseImage: maybe(imageRef),
  conditions: orElse(list(condition), []),
  sandboxes: list(sandbox),
  containers: list(container),
  images: maybe(list(image)),
});

const inode = maybe(whole);

const thread = object<ThreadWait>({ tid: whole, state: letter, wchan: maybe(kernelFunction) });

const shim = object<Shim>({
  pid: whole,
  kind: oneOf(['shim', 'conmon']),
  namespace: maybe(containerdNamespace),
  id: maybe(id),
  address: maybe(path),
});

const probe = object<ProcessProbe>({
  nsPids: list(whole),
  uid: maybe(whole),
  tracerPid: maybe(whole),
  signalsCaught: maybe(digits),
  signalsIgnored: maybe(digits),
  namespaces: object<NamespaceInodes>({
    net: inode,
    ipc: inode,
    uts: inode,
    pid: inode,
    mnt: inode,
    cgroup: inode,
    user: inode,
  }),
  exe: maybe(path),
  exeSha256: maybe(digits),
  oomScoreAdj: maybe(integer),
  rssBytes: maybe(amount),
  wchan: maybe(kernelFunction),
  threads: maybe(list(thread)),
  unknown: dictionary(fieldName, faultCode),
});

const process = object<Process>({
  pid: whole,
  ppid: whole,
  sessionId: orElse(whole, 0),
  startTicks: amount,
  comm,
  state: letter,
  threads: whole,
  cpuTicks: amount,
  cgroup: maybe(path),
  probe: maybe(probe),
});

const cgroup = object<CgroupPids>({
  path,
  current: maybe(amount),
  limit: maybe(amount),
  limitHits: maybe(amount),
});

const kernel = object<KernelSnapshot>({
  procfsUp: flag,
  cgroupfsUp: flag,
  bootTimeMs: maybe(moment),
  processes: list(process),
  unreadablePids: list(whole),
  pidMax: maybe(amount),
  threadsMax: maybe(amount),
  cgroups: dictionary(path, cgroup),
  cgroupOf: dictionary(id, path),
  shims: maybe(list(shim)),
  frozen: orElse(list(id), []),
});

const fault = object<SourceFault>({
  source: oneOf(['runtime', 'procfs', 'cgroupfs']),
  endpoint: maybe(path),
  code: faultCode,
  subject: message,
  message,
  count: orElse(whole, 1),
});

/** One look. */
export const snapshotCodec: Codec<NodeSnapshot> = object<NodeSnapshot>({
  schemaVersion: whole,
  node: name('node'),
  takenAtMs: moment,
  runtimes: list(runtime),
  kernel,
  faults: list(fault),
});
