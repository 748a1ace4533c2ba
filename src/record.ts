/** `pausewatch record`: two looks at this node, written down to be judged elsewhere or later. */
import { randomBytes } from 'node:crypto';
import type { Config } from './config/parse.ts';
import { SNAPSHOT_SCHEMA_VERSION } from './core/model.ts';
import { lookTwice } from './looks.ts';
import { redactLooks, writeRecording } from './recording/recording.ts';
import { writeNewFile } from './recording-file.ts';
import { VERSION } from './version.ts';

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
  if (outputFile === undefined) write(text);
  else await writeNewFile(outputFile, text);
}
