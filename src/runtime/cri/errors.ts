/** Turns what a gRPC call failed with into a fault with a sentence for a person. */
import { status as grpcStatus } from '@grpc/grpc-js';
import type { FaultCode, SourceFault } from '../../core/model.ts';

/** A failed gRPC call, as far as it is looked at. */
interface CallError {
  readonly code?: unknown;
  readonly details?: unknown;
}

/** The fault code of a failed call. Codes of CRI runtimes: facts in runtimes.md section 7. */
export function faultCodeOf(error: unknown): FaultCode {
  const { code, details } = asCallError(error);
  switch (code) {
    case grpcStatus.DEADLINE_EXCEEDED:
      return 'timeout';
    case grpcStatus.NOT_FOUND:
      return 'vanished';
    case grpcStatus.UNIMPLEMENTED:
      return 'unsupported';
    case grpcStatus.PERMISSION_DENIED:
    case grpcStatus.UNAUTHENTICATED:
      return 'denied';
    case grpcStatus.INTERNAL:
    case grpcStatus.RESOURCE_EXHAUSTED:
    case grpcStatus.OUT_OF_RANGE:
      return 'malformed';
    case grpcStatus.UNKNOWN:
      // cri-dockerd's code for everything: unknown ids, and Docker being down.
      return /no such container/i.test(String(details)) ? 'vanished' : 'silent';
    default:
      return /EACCES|EPERM/.test(String(details)) ? 'denied' : 'silent';
  }
}

/** A fault about one call. `asked` names the call and its subject: "ListPodSandbox". */
export function callFault(endpoint: string, asked: string, error: unknown): SourceFault {
  const code = faultCodeOf(error);
  const message = `${asked} at ${endpoint}: ${sentenceOf(code, String(asCallError(error).details ?? error))}`;
  return { source: 'runtime', endpoint, code, subject: asked, message, count: 1 };
}

/** A fault about an answer that arrived and makes no sense. */
export function answerFault(endpoint: string, asked: string, problem: string): SourceFault {
  const message = `${asked} at ${endpoint}: the answer makes no sense (${problem}).`;
  return { source: 'runtime', endpoint, code: 'malformed', subject: asked, message, count: 1 };
}

function sentenceOf(code: FaultCode, details: string): string {
  switch (code) {
    case 'timeout':
      return 'no answer before the deadline; the runtime hangs or is overloaded.';
    case 'denied':
      return `not permitted (${/EACCES|EPERM/.exec(details)?.[0] ?? details}); the socket belongs to root: run as root.`;
    case 'vanished':
      return 'gone between the list and the question; this is normal while pods end.';
    case 'unsupported':
      return 'the runtime does not offer this call of CRI v1.';
    case 'malformed':
      return `the answer makes no sense (${details}).`;
    case 'silent':
      return silence(details);
    default:
      return code satisfies never;
  }
}

function silence(details: string): string {
  if (details.includes('ENOENT')) return 'there is no such socket; the runtime is not running or listens elsewhere.';
  if (details.includes('ECONNREFUSED')) return 'nobody listens on the socket; the runtime is not running.';
  return `no answer (${details}).`;
}

function asCallError(error: unknown): CallError {
  return typeof error === 'object' && error !== null ? error : {};
}
