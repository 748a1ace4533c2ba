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

/** Whether it tells with what exit code pause ended; CRI has no place for that. */
export function tellsPauseEnd({ flavour }: RuntimeSnapshot): boolean {
  return flavour === 'docker' || flavour === 'cri-dockerd';
}

/** A fault of some versions of containerd that an operator should know of before blaming a pod. */
interface KnownFault {
  /** First version with the fault and first without it. */
  readonly from: string;
  readonly until: string;
  readonly what: string;
}

/**
 * From containerd's issues and release notes (cases 24, 27, 33, 54). Where the first good version is not
 * certain the later one stands; a change that came into two release lines counts from its first release in both.
 */
const CONTAINERD_FAULTS: readonly KnownFault[] = [
  { from: '1.6.10', until: '1.6.11', what: 'shims miss the end of exec processes, which stay zombies' },
  { from: '1.6.29', until: '1.6.31', what: 'exec calls and exec probes may hang' },
  { from: '1.7.14', until: '1.7.15', what: 'exec calls and exec probes may hang' },
  { from: '1.6.29', until: '1.6.36', what: 'the end of a container may be lost: RUNNING but dead' },
  { from: '1.7.14', until: '1.7.22', what: 'the end of a container may be lost: RUNNING but dead' },
  { from: '2.3.0', until: '2.3.4', what: 'a pause image configured without registry or tag is not found' },
];

/** Known faults of this very version, for people. */
export function knownFaults({ flavour, version }: Pick<RuntimeSnapshot, 'flavour' | 'version'>): string[] {
  const number = numberOf(version);
  return flavour !== 'containerd' || number === undefined ? [] : faultsOf(number).map(({ what }) => what);
}

/** The first later version of the same line without any known fault: where one fault is gone another may have come. */
export function firstSoundVersion({ flavour, version }: Pick<RuntimeSnapshot, 'flavour' | 'version'>) {
  const number = numberOf(version);
  if (flavour !== 'containerd' || number === undefined) return undefined;
  let sound = number;
  for (let faults = faultsOf(sound); faults.length > 0; faults = faultsOf(sound)) {
    sound = faults.map(({ until }) => until).reduce((a, b) => (compareVersions(a, b) >= 0 ? a : b));
  }
  return sound === number ? undefined : sound;
}

function faultsOf(number: string): KnownFault[] {
  return CONTAINERD_FAULTS.filter(
    ({ from, until }) => compareVersions(number, from) >= 0 && compareVersions(number, until) < 0,
  );
}

/** A fact that some runtimes do not report, as a person calls it. */
export type Unreported =
  | 'the configured pause image'
  | 'whether images are pinned'
  | 'the PIDs of pauses'
  | 'the PID mode of pods'
  | "its own version (it gives Docker's)";

/** Whether this version takes a configured pause image by its full name only. */
export function needsFullNames({ flavour, version }: RuntimeSnapshot): boolean {
  const number = numberOf(version);
  if (flavour !== 'containerd' || number === undefined) return false;
  return compareVersions(number, '2.3.0') >= 0 && compareVersions(number, '2.3.4') < 0;
}
