/** Tells what a failed gRPC call means. */
import type { FaultCode } from '../../core/model.ts';
import type { Failure } from '../faults.ts';
import { STATUS } from '../grpc/status.ts';

/** A failed gRPC call, as far as it is looked at. */
interface CallError {
  readonly code?: unknown;
  readonly details?: unknown;
}

/**
 * The kind of a failed call. A daemon that hangs lets the deadline pass, one that is away is UNAVAILABLE; to containerd
 * and CRI-O an id that is gone is NOT_FOUND.
 */
export function classifyCall(error: unknown): Failure {
  const { details } = asCallError(error);
  return { code: faultCodeOf(error), details: typeof details === 'string' ? details : describe(error) };
}

function faultCodeOf(error: unknown): FaultCode {
  const { code, details } = asCallError(error);
  switch (code) {
    case STATUS.DEADLINE_EXCEEDED:
      return 'timeout';
    case STATUS.NOT_FOUND:
      return 'vanished';
    case STATUS.UNIMPLEMENTED:
      return 'unsupported';
    case STATUS.PERMISSION_DENIED:
    case STATUS.UNAUTHENTICATED:
      return 'denied';
    case STATUS.INTERNAL:
    case STATUS.RESOURCE_EXHAUSTED:
    case STATUS.OUT_OF_RANGE:
      return 'malformed';
    case STATUS.UNKNOWN:
      // cri-dockerd's code for everything: unknown ids, and Docker being down.
      return /no such container/i.test(String(details)) ? 'vanished' : 'silent';
    default:
      return /EACCES|EPERM/.test(String(details)) ? 'denied' : 'silent';
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : '';
}

function asCallError(error: unknown): CallError {
  return typeof error === 'object' && error !== null ? error : {};
}
