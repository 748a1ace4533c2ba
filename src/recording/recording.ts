/** A recording: the looks of one moment at a node, as text in a file; versions of its shape, old ones included. */
import { type NodeSnapshot, SNAPSHOT_SCHEMA_VERSION } from '../core/model.ts';
import { amount, asObject, flag, list, maybe, object, orElse, RecordingError, text, whole } from './codec.ts';
import { describeSlip } from './json-slip.ts';
import { createNames } from './names.ts';
import { snapshotCodec } from './snapshot-codec.ts';

/** What a recording holds. */
export interface Recording {
  /** Version of this shape and of the looks in it. */
  readonly schemaVersion: number;
  /** Version of the pausewatch that recorded; undefined in a file that holds a bare snapshot. */
  readonly toolVersion: string | undefined;
  /** Names are hashed. */
  readonly redacted: boolean;
  /** Time that was let pass between two looks, in milliseconds. */
  readonly settleMs: number;
  /** In the order in which they were taken; at least one. Zombies are told by two. */
  readonly looks: readonly NodeSnapshot[];
}

/** The usual time between two looks, for files that do not tell it. */
const USUAL_SETTLE_MS = 2000;

const codec = object<Recording>({
  schemaVersion: whole,
  toolVersion: maybe(text((it) => it)),
  redacted: orElse(flag, false),
  settleMs: orElse(amount, USUAL_SETTLE_MS),
  looks: list(snapshotCodec),
});

type Json = Readonly<Record<string, unknown>>;

/** From each old version to the next. 1 to 2: looks were alone in their file. */
const LIFTS: Readonly<Record<number, (recording: Json) => Json>> = {
  1: (recording) => ({ ...recording, looks: eachLook(recording, (look) => ({ ...look, schemaVersion: 2 })) }),
};

/** The text of a recording. Absent facts are left out. */
export function writeRecording(recording: Recording): string {
  return `${JSON.stringify(recording)}\n`;
}

/** The same looks with hashed names. `salt` must be random and is not to be kept. */
export function redactLooks(looks: readonly NodeSnapshot[], salt: Uint8Array): readonly NodeSnapshot[] {
  const names = createNames(salt, looks);
  const redact = (): readonly NodeSnapshot[] => looks.map((look) => snapshotCodec.redact(look, names));
  // Messages may name what stands further on in the snapshot, or in the other look: only then are all names known.
  redact();
  return redact();
}

/** Reads a recording, or a bare snapshot, of this version or an older one; throws a RecordingError. */
export function readRecording(written: string): Recording {
  const value = asObject(parseJson(written), '');
  const recording: Json = Object.hasOwn(value, 'looks')
    ? value
    : { schemaVersion: value['schemaVersion'], looks: [value] };
  const read = codec.read(lift(recording), '');
  if (read.looks.length === 0) throw new RecordingError('looks is empty: there is nothing to judge');
  return read;
}

function lift(recording: Json): Json {
  const version = whole.read(recording['schemaVersion'], 'schemaVersion');
  if (version > SNAPSHOT_SCHEMA_VERSION || version < 1) {
    const range = `this one reads versions 1 to ${SNAPSHOT_SCHEMA_VERSION}`;
    throw new RecordingError(`schemaVersion is ${version}: another pausewatch wrote this, ${range}`);
  }
  let lifted = recording;
  for (let at = version; at < SNAPSHOT_SCHEMA_VERSION; at++) {
    lifted = { ...(LIFTS[at]?.(lifted) ?? lifted), schemaVersion: at + 1 };
  }
  return lifted;
}

function eachLook({ looks }: Json, change: (look: Json) => Json): unknown {
  return Array.isArray(looks) ? looks.map((it: unknown, index) => change(asObject(it, `looks[${index}]`))) : looks;
}

function parseJson(written: string): unknown {
  if (written.trim() === '') throw new RecordingError('it is empty');
  try {
    return JSON.parse(written.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new RecordingError(`it is not JSON${describeSlip(written)}`, { cause });
  }
}
