/** Puts what a runtime could not be asked into a sentence for a person, whatever protocol it speaks. */
import { statSync } from 'node:fs';
import type { FaultCode, SourceFault } from '../core/model.ts';

/** A failed question: its kind, and what the protocol said of it. */
export interface Failure {
  readonly code: FaultCode;
  /** Text from outside: shown, never trusted. */
  readonly details: string;
}

/** Tells what a rejected call means. */
export type Classify = (error: unknown) => Failure;

/** A fault about one call. `asked` names the call and its subject: "ListPodSandbox". */
export function failureFault(endpoint: string, asked: string, { code, details }: Failure): SourceFault {
  const message = `${asked} at ${endpoint}: ${sentenceOf(code, shorten(details), endpoint)}`;
  return { source: 'runtime', endpoint, code, subject: asked, message, count: 1 };
}

/** A fault about an answer that arrived and makes no sense. */
export function answerFault(endpoint: string, asked: string, problem: string): SourceFault {
  return failureFault(endpoint, asked, { code: 'malformed', details: problem });
}

/** Gives what a call answers; what it failed with is added to `faults`. */
export function createAnswerTaker(endpoint: string, faults: SourceFault[], classify: Classify) {
  return async <T>(call: string, answer: Promise<T>): Promise<T | undefined> => {
    try {
      return await answer;
    } catch (error) {
      faults.push(failureFault(endpoint, call, classify(error)));
      return undefined;
    }
  };
}

/** A daemon may answer with a page of text. */
const LONGEST_DETAILS = 300;

function shorten(details: string): string {
  return details.length > LONGEST_DETAILS ? `${details.slice(0, LONGEST_DETAILS)}…` : details;
}

function sentenceOf(code: FaultCode, details: string, endpoint: string): string {
  switch (code) {
    case 'timeout':
      return 'no answer before the deadline; the runtime hangs or is overloaded.';
    case 'denied':
      return `not permitted (${/EACCES|EPERM/.exec(details)?.[0] ?? details}); the socket belongs to root: run as root.`;
    case 'vanished':
      return 'gone between the list and the question; this is normal while pods end.';
    case 'unsupported':
      return `the runtime does not offer this call${details === '' ? '' : ` (${details})`}.`;
    case 'malformed':
      return `the answer makes no sense (${details}).`;
    case 'silent':
      return silence(details, endpoint);
    default:
      return code satisfies never;
  }
}

function silence(details: string, endpoint: string): string {
  if (details.includes('ENOENT')) return 'there is no such socket; the runtime is not running or listens elsewhere.';
  if (details.includes('ECONNREFUSED') && !isSocket(endpoint))
    return 'that is no socket; name the socket of the runtime with --runtime-endpoint.';
  if (details.includes('ECONNREFUSED')) return 'nobody listens on the socket; the runtime is not running.';
  if (/docker daemon/i.test(details)) return 'the Docker daemon behind it does not answer; see whether dockerd runs.';
  return `no answer (${details}).`;
}

/** The kernel refuses a connection to a plain file in the words it has for a socket that nobody listens on. */
function isSocket(endpoint: string): boolean {
  return statSync(endpoint.replace(/^unix:\/\//, ''), { throwIfNoEntry: false })?.isSocket() !== false;
}
