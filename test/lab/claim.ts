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

/** Sockets that come and go while the kernel's list is read can hide others in it, but not every time. */
const READS = 3;

/** Whether a living process, this one included, most likely holds a name (proc_net_unix(5)); `claim` alone is certain. */
export function isClaimed(name: string): boolean {
  for (let read = 0; read < READS; read++) if (listAddresses().has(addressOf(name))) return true;
  return false;
}

/** Node fills an address up with zeros, which the kernel shows as @. */
function listAddresses(): ReadonlySet<string | undefined> {
  return new Set([...readFileSync('/proc/net/unix', 'latin1').matchAll(/ @(\S+?)@*$/gm)].map(([, address]) => address));
}

/** In the abstract namespace of unix(7): nothing on disk, and gone with its last descriptor. */
function addressOf(name: string): string {
  return `pausewatch-lab/${name}`;
}
