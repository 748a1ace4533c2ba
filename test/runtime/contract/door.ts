/** A socket in front of a stand-in: counts connections, and turns into a dead, absent or mad daemon on demand. */
import { renameSync, rmSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';

/** `garbage`: bytes of no protocol. */
export type DoorMode = 'open' | 'garbage';

/** A door. */
export interface Door {
  readonly socket: string;
  turn(mode: DoorMode): void;
  /** Most connections that were open at once. */
  mostAtOnce: number;
  /** Connections open now. */
  readonly open: number;
  /** As a daemon that is killed: connections are cut, the socket file stays. */
  kill(): void;
  /** As a daemon that ends by itself: the socket file goes, too. */
  end(): void;
  /** Listens on a new socket file of the same name. */
  start(): Promise<void>;
}

/** Makes a door to the socket `inner`; not started. */
export function createDoor(socket: string, inner: string): Door {
  const ends = new Set<Socket>();
  let server: Server | undefined;
  let open = 0;
  let mode: DoorMode = 'open';

  function welcome(from: Socket): void {
    open++;
    // The end of the connection before may not have arrived yet.
    setTimeout(() => {
      door.mostAtOnce = Math.max(door.mostAtOnce, open);
    }, 100).unref();
    const to = mode === 'garbage' ? undefined : createConnection(inner);
    for (const end of [from, to]) {
      if (end === undefined) continue;
      ends.add(end);
      end.on('error', () => undefined);
      end.once('close', () => {
        ends.delete(end);
        from.destroy();
        to?.destroy();
      });
    }
    from.once('close', () => open--);
    if (to === undefined) from.write(Buffer.alloc(4096, 0xa5));
    if (to === undefined) from.resume();
    else from.pipe(to).pipe(from);
  }

  function cutAll(): void {
    for (const end of ends) end.destroy();
  }

  const door: Door = {
    socket,
    turn(to) {
      mode = to;
      if (to === 'garbage') cutAll();
    },
    mostAtOnce: 0,
    get open() {
      return open;
    },
    kill() {
      // Closing removes the file under the name it was made with.
      renameSync(socket, `${socket}.dead`);
      door.end();
      renameSync(`${socket}.dead`, socket);
    },
    end() {
      server?.close();
      server = undefined;
      cutAll();
    },
    start() {
      rmSync(socket, { force: true });
      const started = createServer(welcome);
      server = started;
      return new Promise((resolve) => started.listen(socket, resolve));
    },
  };
  return door;
}
