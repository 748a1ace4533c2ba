/** Turns names into hashes that nobody can guess back: the same name is the same hash within one recording. */
import { createHmac } from 'node:crypto';
import { canonicalName, parseImageRef } from '../core/image-ref.ts';
import type { NodeSnapshot } from '../core/model.ts';

/** What a name names; the hash begins with it. */
export type NameKind = 'node' | 'ns' | 'pod' | 'uid' | 'ctr' | 'proc' | 'image' | 'text';

/** The names of one recording. */
export interface Names {
  /** "pod-kgvhmqtrlson"; an empty name stays empty. */
  of(kind: NameKind, name: string): string;
  /** The hash alone, for a part of a path. */
  letters(name: string): string;
  /** Notes what stands for a name, so that it does in messages too; gives it back. */
  note(name: string, shown: string): string;
  /** What stands for this name; undefined for one that was not met so far. */
  known(name: string): string | undefined;
  /** Whether an image reference or id means a pause image of this node. */
  isPauseImage(ref: string): boolean;
}

const LETTERS = 'ghijklmnopqrstuv';
/** 48 bits: among ten thousand names two are alike once in six million recordings. */
const LENGTH = 12;

/**
 * Names keyed by `salt`, which is thrown away afterwards: without it no list of likely names can be tried. The hash
 * has no hexadecimal digit in it, so that it never runs into the id of a container beside it in a path.
 */
export function createNames(salt: Uint8Array, looks: readonly NodeSnapshot[]): Names {
  const met = new Map<string, string>();
  const pauseImages = new Set(looks.flatMap(pauseRefs).flatMap((ref) => [ref, canonicalName(parseImageRef(ref))]));
  const hashes = new Map<string, string>();
  const letters = (name: string): string => {
    const hash = hashes.get(name) ?? hashOf(name, salt);
    hashes.set(name, hash);
    return hash;
  };
  const note = (name: string, shown: string): string => {
    if (!met.has(name)) met.set(name, shown);
    return shown;
  };
  return {
    letters,
    note,
    of: (kind, name) => (name === '' ? name : note(name, `${kind}-${letters(name)}`)),
    known: (name) => met.get(name),
    isPauseImage: (ref) => pauseImages.has(ref) || pauseImages.has(canonicalName(parseImageRef(ref))),
  };
}

function hashOf(name: string, salt: Uint8Array): string {
  const digest = createHmac('sha256', salt).update(name).digest('hex').slice(0, LENGTH);
  return Array.from(digest, (digit) => LETTERS[Number.parseInt(digit, 16)]).join('');
}

function pauseRefs({ runtimes }: NodeSnapshot): string[] {
  const refs = runtimes.flatMap((it) => [it.configuredPauseImage, ...it.sandboxes.map(({ imageRef }) => imageRef)]);
  return refs.filter((ref) => ref !== undefined);
}
