/**
 * Each test file in a PID and a mount namespace of its own, with a /run of its own: labs side by side do not see each other's
 * processes, and no process outlives its file.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { PoolOptions, PoolRunnerInitializer, PoolWorker } from 'vitest/node';

/**
 * PID 1 of the namespace: whoever loses its parent there becomes its child, and is collected. containerd's shims have their
 * sockets in /run whatever they are told; names are still looked up where resolv.conf is a link into it.
 */
const INIT = `set -e
names=$(cat /etc/resolv.conf || true)
mount -t tmpfs run /run
if [ ! -e /etc/resolv.conf ]; then
  file=$(readlink -m /etc/resolv.conf)
  mkdir -p "\${file%/*}"
  printf '%s\\n' "$names" >"$file"
fi
"$@" & wait $!`;

/** For setpriv(1): killed when the runner ends, however it does, and PID 1 with it. */
const IN_NAMESPACES = ['--pdeathsig', 'KILL', 'unshare', '--pid', '--fork', '--kill-child', '--mount-proc'];

/** For `pool` of a project of the test runner. */
export const OWN_NAMESPACES: PoolRunnerInitializer = { name: 'own-namespaces', createPoolWorker: startWorker };

function startWorker({ distPath, execArgv, env, project }: PoolOptions): PoolWorker {
  const words = [process.execPath, ...execArgv, join(distPath, 'workers/forks.js')];
  const child = spawn('setpriv', [...IN_NAMESPACES, 'sh', '-c', INIT, 'sh', ...words], {
    env,
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  return {
    name: OWN_NAMESPACES.name,
    cacheFs: true,
    on: (event, callback) => void child.on(event, callback),
    off: (event, callback) => void child.off(event, callback),
    send: (message) => void child.send(message),
    deserialize: (data) => data,
    async start() {
      const { outputStream, errorStream } = project.vitest.logger;
      child.stdout?.pipe(outputStream, { end: false });
      child.stderr?.pipe(errorStream, { end: false });
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      // With PID 1 everything in the namespace is killed.
      child.kill('SIGKILL');
      await ended;
    },
  };
}
