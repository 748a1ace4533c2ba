/** The same NodeSnapshots from a recorded file instead of from the node. */
import { RecordingError } from '../recording/codec.ts';
import { type Recording, readRecording } from '../recording/recording.ts';
import { RecordingFileError, readFileText } from './recording-file.ts';

/** Reads a recording; rejects with a RecordingFileError that names the file and the place in it. */
export async function replayFile(path: string): Promise<Recording> {
  const written = await readFileText(path);
  try {
    return readRecording(written);
  } catch (cause) {
    if (!(cause instanceof RecordingError)) throw cause;
    throw new RecordingFileError(`${path} is no recording that can be replayed: ${cause.message}`, { cause });
  }
}
