/** `pausewatch record`: two looks at this node, written down to be judged elsewhere or later. */
import { randomBytes } from 'node:crypto';
import type { Config } from '../config/parse.ts';
import { type NodeSnapshot, SNAPSHOT_SCHEMA_VERSION } from '../core/model.ts';
import { redactLooks, writeRecording } from '../recording/recording.ts';
import { lookTwice } from '../sources/looks.ts';
import { writeNewFile } from '../sources/recording-file.ts';
import { VERSION } from '../version.ts';

/** Where a recording goes that is given no file, and messages about it. */
export interface RecordTerminal {
  readonly write: (text: string) => void;
  /** A message for a person, on stderr. */
  readonly say: (message: string) => void;
}

/** Bytes of the key under which names are hashed. */
const SALT_BYTES = 32;

/** Records; rejects with a RecordingFileError. */
export async function record(config: Config, { write, say }: RecordTerminal): Promise<void> {
  const { outputFile, redact: redacted } = config;
  const { settleMs, snapshots } = await lookTwice(config);
  if (snapshots.some(({ runtimes }) => !runtimes.some(({ up }) => up))) {
    say('no container runtime answered; the recording says so');
  }
  const looks = redacted ? redactLooks(snapshots, randomBytes(SALT_BYTES)) : snapshots;
  const schemaVersion = SNAPSHOT_SCHEMA_VERSION;
  const text = writeRecording({ schemaVersion, toolVersion: VERSION, redacted, settleMs, looks });
  if (outputFile === undefined) {
    write(text);
    return;
  }
  await writeNewFile(outputFile, text);
  say(`wrote ${outputFile}: ${describeLooks(snapshots, redacted)}; pausewatch replay ${outputFile} reads it`);
}

/** "9 sandboxes, two looks, redacted". */
function describeLooks(snapshots: readonly NodeSnapshot[], redacted: boolean): string {
  const last = snapshots.at(-1)?.runtimes ?? [];
  const count = new Set(last.flatMap(({ sandboxes }) => sandboxes.map(({ id }) => id))).size;
  return `${count} sandbox${count === 1 ? '' : 'es'}, two looks, ${redacted ? 'redacted' : 'not redacted'}`;
}
