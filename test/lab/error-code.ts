// What kind of system error was thrown.

/** The `code` of a Node system error (`ENOENT`, `EBUSY`, …); undefined for anything else. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
