/** How a gRPC call may fail. */

/** The status codes that are told apart here, of the 17 that gRPC has. */
export const STATUS = {
  OK: 0,
  UNKNOWN: 2,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
} as const;

/** What is said of a call whose connection ended, where the socket gave no reason. */
export const CONNECTION_CLOSED = 'the connection was closed';

/** A call that did not end with OK. */
export class CallError extends Error {
  /** As in STATUS, or any other that a server made up. */
  readonly code: number;
  /** The server's words, or what the socket said. */
  readonly details: string;

  constructor(code: number, details: string) {
    super(`${code}: ${details}`);
    this.name = 'CallError';
    this.code = code;
    this.details = details;
  }
}
