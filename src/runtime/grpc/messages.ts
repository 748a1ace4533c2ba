/** Messages on the wire: a byte that says whether it is compressed, four that say how long it is, and the message. */
import { CallError, STATUS } from './status.ts';

const HEADER_BYTES = 5;

/** One message as it is sent. */
export function frameMessage(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(HEADER_BYTES + message.length);
  frame.writeUInt8(0, 0);
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, HEADER_BYTES);
  return frame;
}

/** Puts chunks together into messages, however they were cut. */
export interface MessageReader {
  /** Throws a CallError when all together is more than may be received, or when it is compressed, which nobody asked for. */
  add(chunk: Buffer): void;
  /** Whether what was added ends with a whole message. */
  isWhole(): boolean;
}

/** A reader of at most `maxBytes`; each message is given to `onMessage` as soon as it is whole. */
export function createMessageReader(maxBytes: number, onMessage: (message: Buffer) => void): MessageReader {
  let chunks: Buffer[] = [];
  let heldBytes = 0;
  let wantedBytes = HEADER_BYTES;
  let readBytes = 0;

  function add(chunk: Buffer): void {
    chunks.push(chunk);
    heldBytes += chunk.length;
    while (heldBytes >= wantedBytes) takeOne();
  }

  function takeOne(): void {
    const held = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, heldBytes);
    if (held.readUInt8(0) !== 0) throw new CallError(STATUS.INTERNAL, 'a compressed message');
    const end = HEADER_BYTES + held.readUInt32BE(1);
    // Refused when it is announced: nothing of it needs to arrive.
    if (readBytes + end > maxBytes)
      throw new CallError(STATUS.RESOURCE_EXHAUSTED, `the answer is larger than ${maxBytes} bytes`);
    if (heldBytes < end) {
      chunks = [held];
      wantedBytes = end;
      return;
    }
    chunks = heldBytes === end ? [] : [held.subarray(end)];
    heldBytes -= end;
    readBytes += end;
    wantedBytes = HEADER_BYTES;
    onMessage(held.subarray(HEADER_BYTES, end));
  }

  return { add, isWhole: () => heldBytes === 0 };
}
