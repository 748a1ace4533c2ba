// Runs a clean-up when the process ends for any reason it can still notice.

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Calls `cleanUp`, which must be synchronous, on exit (an uncaught exception included) and on the
 * signals that end a process, which then take their usual effect unless somebody else listens too.
 * Returns what takes the guard away.
 */
export function guardExit(cleanUp: () => void): () => void {
  function release(): void {
    process.off('exit', cleanUp);
    for (const name of SIGNALS) process.off(name, onSignal);
  }
  function onSignal(name: NodeJS.Signals): void {
    release();
    cleanUp();
    if (process.listenerCount(name) === 0) process.kill(process.pid, name);
  }
  process.on('exit', cleanUp);
  for (const name of SIGNALS) process.on(name, onSignal);
  return release;
}
