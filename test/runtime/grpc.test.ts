/** gRPC as pausewatch speaks it: whatever a server sends, and how a connection is kept. */
import { createServer, type Http2Server, type Http2Session, type ServerHttp2Stream } from 'node:http2';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Method } from '../../src/runtime/grpc/call.ts';
import { type Connection, createConnection } from '../../src/runtime/grpc/connection.ts';
import { createMessageReader, frameMessage } from '../../src/runtime/grpc/messages.ts';
import { CallError } from '../../src/runtime/grpc/status.ts';
import { socketDirectory, startSocket } from './cri-server.ts';

/** A method whose messages are plain text. */
const ECHO: Method<string, string> = {
  path: '/test.Service/Echo',
  encode: (text) => Buffer.from(text),
  decode: (bytes) => Buffer.from(bytes).toString(),
};

const MIB = 1024 * 1024;
const limits = (ms = 2000) => ({ deadlineMs: Date.now() + ms, maxBytes: MIB });

interface Served {
  readonly connection: Connection;
  /** Sessions so far, the newest last. */
  readonly sessions: Http2Session[];
  /** How often the connection was lost. */
  readonly lost: () => number;
  readonly server: Http2Server;
}

/** A connection to a server that treats each call as the test says. */
async function served(treat: (stream: ServerHttp2Stream, path: string) => void): Promise<Served> {
  const sessions: Http2Session[] = [];
  // Its own limit on what it queues is not what is tested here.
  const server = createServer({ maxSessionMemory: 1024 });
  server.on('session', (session) => void sessions.push(session));
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    stream.resume();
    treat(stream, String(headers[':path']));
  });
  const path = join(socketDirectory(), 'grpc.sock');
  await new Promise<void>((resolve) => void server.listen(path, resolve));
  let lost = 0;
  const connection = createConnection(`unix://${path}`, () => void lost++);
  onTestFinished(() => {
    connection.close();
    for (const session of sessions) session.destroy();
    server.close();
  });
  return { connection, sessions, lost: () => lost, server };
}

/** Answers with these bytes, then with that status. */
function answer(stream: ServerHttp2Stream, bytes: readonly Uint8Array[], trailers: Record<string, string>): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers(trailers));
  for (const part of bytes) stream.write(part);
  stream.end();
}

const OK = { 'grpc-status': '0' };
const text = (it: string) => frameMessage(Buffer.from(it));

async function failure(call: Promise<unknown>): Promise<{ readonly code: number; readonly details: string }> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof CallError)) throw new Error(`not a CallError: ${String(error)}`);
  return { code: error.code, details: error.details };
}

describe('messages', () => {
  test('are put together whole and in order, however the bytes were cut', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), fc.array(fc.nat(60)), (messages, cuts) => {
        const bytes = Buffer.concat(messages.map(frameMessage));
        const received: Buffer[] = [];
        const reader = createMessageReader(MIB, (message) => void received.push(Buffer.from(message)));
        let at = 0;
        for (const cut of cuts) reader.add(bytes.subarray(at, (at += cut)));
        reader.add(bytes.subarray(at));
        expect(received.map((it) => [...it])).toEqual(messages.map((it) => [...it]));
        expect(reader.isWhole()).toBe(true);
      }),
    );
  });

  test('that end early are not whole, wherever they end', () => {
    const bytes = Buffer.concat([text('one'), text('two')]);
    for (let end = 0; end <= bytes.length; end++) {
      const reader = createMessageReader(MIB, () => undefined);
      reader.add(bytes.subarray(0, end));
      expect(reader.isWhole()).toBe(end === 0 || end === text('one').length || end === bytes.length);
    }
  });

  test('of random bytes end in a CallError or in nothing, and nothing that was announced is waited for in memory', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 })), (chunks) => {
        const reader = createMessageReader(100, (message) => expect(message.length).toBeLessThanOrEqual(100));
        try {
          for (const chunk of chunks) reader.add(Buffer.from(chunk));
        } catch (error) {
          expect(error).toBeInstanceOf(CallError);
        }
      }),
    );
  });
});

describe('a call', () => {
  test('gives the one message that was asked for, and parts in their order', async () => {
    const { connection, sessions } = await served((stream) => answer(stream, [text('a'), text('b')], OK));
    expect(await connection.askForParts(ECHO, '', limits())).toEqual(['a', 'b']);
    expect((await failure(connection.ask(ECHO, '', limits()))).details).toContain('not the one message');
    expect(sessions).toHaveLength(1);
  });

  test('sends its request framed, its path, and for how long anybody waits', async () => {
    const seen: unknown[] = [];
    const { connection, server } = await served((stream) => answer(stream, [text('x')], OK));
    server.on('stream', (stream, headers) => {
      stream.on('data', (bytes: Buffer) => seen.push(bytes.toString('latin1')));
      seen.push(
        headers[':path'],
        headers['te'],
        headers['content-type'],
        /^\d+m$/.test(String(headers['grpc-timeout'])),
      );
    });
    await connection.ask(ECHO, 'hello', limits());
    expect(seen).toEqual(['/test.Service/Echo', 'trailers', 'application/grpc', true, '\0\0\0\0\u0005hello']);
  });

  test.each([
    ['in its trailers', (stream: ServerHttp2Stream, told: Record<string, string>) => answer(stream, [], told)],
    [
      'in its only headers',
      (stream: ServerHttp2Stream, told: Record<string, string>) =>
        stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...told }, { endStream: true }),
    ],
  ])('that the server fails %s is that failure, with its words', async (_, fail) => {
    const { connection } = await served((stream) =>
      fail(stream, { 'grpc-status': '5', 'grpc-message': 'no such container: %C3%A4 100%25' }),
    );
    expect(await failure(connection.ask(ECHO, '', limits()))).toEqual({
      code: 5,
      details: 'no such container: ä 100%',
    });
  });

  test.each<[string, (stream: ServerHttp2Stream) => void, { code: number; details: RegExp }]>([
    ['says nothing of its status', (it) => answer(it, [text('x')], {}), { code: 14, details: /closed/ }],
    ['has a status that is no number', (it) => answer(it, [], { 'grpc-status': 'no' }), { code: 2, details: /^$/ }],
    [
      'has words that are not encoded',
      (it) => answer(it, [], { 'grpc-status': '2', 'grpc-message': '100%' }),
      { code: 2, details: /^100%$/ },
    ],
    ['has an empty status', (it) => answer(it, [text('x')], { 'grpc-status': '' }), { code: 2, details: /^$/ }],
    ['is one of HTTP', (it) => it.respond({ ':status': 404 }), { code: 14, details: /HTTP server that answers 404/ }],
    [
      'is a page',
      (it) => it.respond({ ':status': 200, 'content-type': 'text/html' }),
      { code: 14, details: /200 \(text\/html\)/ },
    ],
    ['has no message', (it) => answer(it, [], OK), { code: 13, details: /not the one message/ }],
    [
      'ends within a message',
      (it) => answer(it, [text('whole'), text('cut').subarray(0, 6)], OK),
      { code: 13, details: /within a message/ },
    ],
    ['is compressed', (it) => answer(it, [Buffer.from([1, 0, 0, 0, 0])], OK), { code: 13, details: /compressed/ }],
    [
      'announces more than may be received',
      (it) => answer(it, [Buffer.from([0, 0xff, 0xff, 0xff, 0xff])], OK),
      { code: 8, details: /larger than 1048576 bytes/ },
    ],
    [
      'is more in parts than may be received together',
      (it) =>
        answer(
          it,
          Array.from({ length: 5 }, () => frameMessage(Buffer.alloc(MIB / 4))),
          OK,
        ),
      { code: 8, details: /larger than 1048576 bytes/ },
    ],
    ['is cut off', (it) => it.close(2), { code: 14, details: /INTERNAL_ERROR/ }],
    ['is cut off without a reason', (it) => it.close(8), { code: 14, details: /closed/ }],
    ['never comes', () => undefined, { code: 4, details: /deadline/ }],
  ])('whose answer %s fails, and the connection stays', async (_, treat, { code, details }) => {
    const { connection, sessions } = await served((stream, path) =>
      path.endsWith('Good') ? answer(stream, [text('good')], OK) : treat(stream),
    );
    const failed = await failure(connection.ask(ECHO, '', limits(300)));
    expect(failed).toEqual({ code, details: expect.stringMatching(details) });
    expect(await connection.ask({ ...ECHO, path: '/test.Service/Good' }, '', limits())).toBe('good');
    expect(sessions).toHaveLength(1);
  });

  test('that takes too long is told to the server, which can stop working on it', async () => {
    let endedWith: number | undefined;
    const { connection } = await served((stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
      stream.on('close', () => void (endedWith = stream.rstCode));
    });
    await failure(connection.ask(ECHO, '', limits(100)));
    await expect.poll(() => endedWith).toBe(8);
  });

  test('whose message makes no sense to its decoder fails with what the decoder said', async () => {
    const { connection } = await served((stream) => answer(stream, [text('x')], OK));
    const decode = (): never => {
      throw new Error('bad wire type');
    };
    expect(await failure(connection.ask({ ...ECHO, decode }, '', limits()))).toEqual({
      code: 13,
      details: expect.stringContaining('bad wire type'),
    });
  });
});

describe('a connection', () => {
  test('serves many calls at once, and large answers', async () => {
    const { connection, sessions } = await served((stream) =>
      answer(stream, [frameMessage(Buffer.alloc(MIB / 2, 'x'))], OK),
    );
    const answers = await Promise.all(Array.from({ length: 40 }, () => connection.ask(ECHO, '', limits(10_000))));
    expect(answers.map(({ length }) => length)).toEqual(Array.from({ length: 40 }, () => MIB / 2));
    expect(sessions).toHaveLength(1);
  });

  test('that the server ends with notice is followed by another, and what was under way is answered', async () => {
    const { connection, sessions, lost } = await served((stream) => {
      setTimeout(() => answer(stream, [text('late')], OK), 200);
    });
    const first = connection.ask(ECHO, '', limits());
    await expect.poll(() => sessions.length).toBe(1);
    await sleep(50);
    sessions[0]?.close();
    await sleep(50);
    expect(await connection.ask(ECHO, '', limits())).toBe('late');
    expect(await first).toBe('late');
    expect(sessions).toHaveLength(2);
    expect(lost()).toBe(1);
  });

  test('that breaks fails what is under way at once, and the next call makes another', async () => {
    let calls = 0;
    const { connection, sessions, lost } = await served((stream) => {
      if (calls++ === 0) setTimeout(() => sessions[0]?.destroy(), 50);
      else answer(stream, [text('again')], OK);
    });
    expect((await failure(connection.ask(ECHO, '', limits(5000)))).code).toBe(14);
    await expect.poll(lost).toBe(1);
    expect(await connection.ask(ECHO, '', limits())).toBe('again');
  });

  test('that is closed fails what is under way', async () => {
    const { connection } = await served(() => undefined);
    const call = failure(connection.ask(ECHO, '', limits(5000)));
    await sleep(50);
    connection.close();
    expect((await call).code).toBe(14);
  });

  test('that is closed makes no other, whoever asks', async () => {
    const { connection, sessions } = await served((stream) => answer(stream, [text('x')], OK));
    await connection.ask(ECHO, '', limits());
    connection.close();
    expect((await failure(connection.ask(ECHO, '', limits()))).details).toContain('closed');
    await sleep(50);
    expect(sessions).toHaveLength(1);
  });

  test('to a peer that reads nothing is given up before the calls it keeps become many, and ends when it is closed', async () => {
    let opened = 0;
    const endpoint = await startSocket((socket) => {
      opened++;
      socket.pause();
    });
    let lost = 0;
    const connection = createConnection(endpoint, () => void lost++);
    // The first few hundred still fit into what the kernel holds for the peer.
    for (let round = 0; round < 60 && lost === 0; round++) {
      const calls = Array.from({ length: 50 }, () => failure(connection.ask(ECHO, 'x'.repeat(1000), limits(20))));
      for (const { code } of await Promise.all(calls)) expect([4, 14]).toContain(code);
    }
    expect(lost).toBe(1);
    await sleep(600);
    const last = failure(connection.ask(ECHO, '', limits(5000)));
    await expect.poll(() => opened).toBe(2);
    connection.close();
    expect((await last).code).toBe(14);
    await expect.poll(() => lost).toBe(2);
  });

  test('to a server that hangs up is not tried again before a while, however many ask', async () => {
    let connections = 0;
    const endpoint = await startSocket((socket) => {
      connections++;
      socket.destroy();
    });
    const connection = createConnection(endpoint, () => undefined);
    onTestFinished(() => connection.close());
    const startMs = performance.now();
    while (performance.now() - startMs < 1000) {
      expect((await failure(connection.ask(ECHO, '', limits()))).code).toBe(14);
      await sleep(5);
    }
    expect(connections).toBeGreaterThan(0);
    expect(connections).toBeLessThanOrEqual(2);
  });

  test('to a socket that is not there says so, also while it is not tried again', async () => {
    const connection = createConnection(`unix://${join(socketDirectory(), 'none.sock')}`, () => undefined);
    onTestFinished(() => connection.close());
    for (let i = 0; i < 3; i++)
      expect(await failure(connection.ask(ECHO, '', limits()))).toEqual({
        code: 14,
        details: expect.stringContaining('ENOENT'),
      });
  });
});
