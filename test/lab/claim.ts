// Names that one living process holds at a time, across PID namespaces: sockets that the kernel closes with their process.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';

/** Takes a name until it is let go of, or until this process ends, however it does; undefined if it is taken. */
export function claim(name: string): Promise<(() => void) | undefined> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(`\0${addressOf(name)}`, () => {
      server.unref();
      resolve(() => void server.close());
    });
  });
}

/** Whether a living process, this one included, holds a name (proc_net_unix(5)). */
export function isClaimed(name: string): boolean {
  // Node fills the address up with zeros, which the kernel shows as @.
  const addresses = readFileSync('/proc/net/unix', 'latin1').matchAll(/ @(\S+?)@*$/gm);
  return [...addresses].some(([, address]) => address === addressOf(name));
}

/** In the abstract namespace of unix(7): nothing on disk, and gone with its last descriptor. */
function addressOf(name: string): string {
  return `pausewatch-lab/${name}`;
}
