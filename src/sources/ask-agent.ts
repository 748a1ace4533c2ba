/** Asks a running agent instead of looking at the node: `scan --agent URL`. */
import { type ForeignReport, readSandboxesDocument } from '../publish/documents/read-document.ts';

/** The agent could not be asked, or answered something else; the message says what to do. */
export class AgentError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'AgentError';
  }
}

/** What an agent answered. */
export interface AgentAnswer extends ForeignReport {
  /** The /sandboxes document as it came. */
  readonly json: string;
}

/** Longest wait for an answer, which the agent has ready, in milliseconds. */
const PATIENCE_MS = 10_000;
/** Longest answer, unpacked; a node of 250 pods fills half a megabyte. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/** Reads /sandboxes of the agent at `url`; rejects with an AgentError. */
export async function askAgent(url: string): Promise<AgentAnswer> {
  const json = await fetchText(`${url}/sandboxes`);
  try {
    return { json, ...readSandboxesDocument(json) };
  } catch (cause) {
    throw new AgentError(`${url} does not answer like pausewatch: ${messageOf(cause)}`, { cause });
  }
}

/** Reads one path of an agent as text; rejects with an AgentError. */
export async function fetchText(url: string): Promise<string> {
  let response: Response;
  try {
    response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch (cause) {
    throw new AgentError(`cannot reach the agent at ${url}: ${reasonOf(cause)}`, { cause });
  }
  let text: string;
  try {
    text = await readBody(response);
  } catch (cause) {
    throw new AgentError(`the answer of ${url} was not read to its end: ${reasonOf(cause)}`, { cause });
  }
  if (response.ok) return text;
  throw new AgentError(`${url} answers ${response.status}: ${text.trim().slice(0, 500)}`);
}

async function readBody({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw new Error(`it is longer than ${MAX_ANSWER_BYTES / 1024 / 1024} MiB`);
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

/** fetch hides the reason (ECONNREFUSED) in the cause. */
function reasonOf(error: unknown): string {
  return error instanceof Error && error.cause instanceof Error ? messageOf(error.cause) : messageOf(error);
}

function messageOf(error: unknown): string {
  return error instanceof Error && error.message !== '' ? error.message : String(error);
}
