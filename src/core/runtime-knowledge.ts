/** What each version of a container runtime can tell and is known to get wrong. */
import { compareVersions } from './image-ref.ts';
import type { RuntimeSnapshot } from './model.ts';

/** Numeric parts a runtime's version begins with ("1.6.20" of "1.6.20~ds1"); undefined without any. */
function numberOf(version: string): string | undefined {
  return /^v?(\d+\.\d+(?:\.\d+)?)/.exec(version)?.[1];
}

/** First versions that pin the sandbox image, by release line; later lines all do. */
const PINNING_SINCE = { containerd: ['1.6.22', '1.7.3'], 'cri-o': ['1.28.0'] } as const;

/** Whether `pinned: false` means something. A runtime older than pinning always says false. */
export function canPin({ flavour, version, images }: RuntimeSnapshot): boolean {
  if (images?.some(({ pinned }) => pinned) === true) return true;
  if (flavour !== 'containerd' && flavour !== 'cri-o') return false;
  const number = numberOf(version);
  if (number === undefined) return false;
  const line = number.split('.').slice(0, 2).join('.');
  const sameLine = PINNING_SINCE[flavour].find((first) => first.startsWith(`${line}.`));
  return compareVersions(number, sameLine ?? PINNING_SINCE[flavour].at(-1) ?? number) >= 0;
}

/** Whether CONTAINER as the PID mode of a pod means something: cri-dockerd says it of pods that share theirs as well. */
export function tellsPidMode({ flavour }: RuntimeSnapshot): boolean {
  return flavour !== 'cri-dockerd';
}

/** A fault of some versions of containerd that an operator should know of before blaming a pod. */
interface KnownFault {
  /** First version with the fault and first without it. */
  readonly from: string;
  readonly until: string;
  readonly what: string;
}

/** From containerd's issues and release notes; where the first good version is not certain, the later one stands. */
const CONTAINERD_FAULTS: readonly KnownFault[] = [
  { from: '1.6.10', until: '1.6.11', what: 'shims miss the end of exec processes, which stay zombies' },
  { from: '1.6.29', until: '1.6.31', what: 'exec calls and exec probes may hang' },
  { from: '1.7.14', until: '1.7.15', what: 'exec calls and exec probes may hang' },
  { from: '1.6.31', until: '1.6.36', what: 'the end of a container may be lost: RUNNING but dead' },
  { from: '1.7.15', until: '1.7.22', what: 'the end of a container may be lost: RUNNING but dead' },
  { from: '2.3.0', until: '2.3.4', what: 'a pause image configured without registry or tag is not found' },
];

/** Known faults of this very version, for people: "…; gone in 1.7.22". */
export function knownFaults({ flavour, version }: RuntimeSnapshot): string[] {
  const number = numberOf(version);
  if (flavour !== 'containerd' || number === undefined) return [];
  const here = CONTAINERD_FAULTS.filter(
    ({ from, until }) => compareVersions(number, from) >= 0 && compareVersions(number, until) < 0,
  );
  return here.map(({ what, until }) => `${what}; gone in ${until}`);
}

/** Whether this version takes a configured pause image by its full name only. */
export function needsFullNames({ flavour, version }: RuntimeSnapshot): boolean {
  const number = numberOf(version);
  if (flavour !== 'containerd' || number === undefined) return false;
  return compareVersions(number, '2.3.0') >= 0 && compareVersions(number, '2.3.4') < 0;
}
