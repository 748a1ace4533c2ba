/** What every runtime's adapter promises when the runtime fails: one check for each way to fail. */
import { chmodSync, readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, onTestFinished } from 'vitest';
import type { RuntimeAnswer } from '../../../src/runtime/container-runtime.ts';
import { askWhole, type Promised, type Subject, sandboxNamed } from './promises.ts';
import { TIMES } from './stand-in.ts';

/** What a round may take at most: a list, then the details; the rest is for a busy machine. */
const LONGEST_MS = TIMES.listMs + TIMES.roundMs + TIMES.detailsMs + 10_000;

/** Asks, and sees that the answer comes in time and over no more than one connection. */
async function askInTime({ it }: Subject): Promise<RuntimeAnswer> {
  const startMs = performance.now();
  const answer = await it.runtime.ask();
  expect(performance.now() - startMs).toBeLessThan(LONGEST_MS);
  expect(it.door.mostAtOnce).toBeLessThanOrEqual(1);
  return answer;
}

/** The runtime is said to be down, and why; the pods of the last answer stay. */
function expectDown({ snapshot, faults }: RuntimeAnswer, before: RuntimeAnswer, code: string): void {
  expect(snapshot.up).toBe(false);
  expect(snapshot.answeredAtMs).toBe(before.snapshot.answeredAtMs);
  expect(snapshot.sandboxes).toEqual(before.snapshot.sandboxes);
  expect(faults.length).toBeGreaterThan(0);
  expect(faults.map((fault) => fault.code)).toContain(code);
  for (const { message } of faults) expect(message).toMatch(/^\S.* at unix:\/\/.*\.$/);
}

/** All is well again within two rounds, each after the reconnection's back-off at most. */
async function expectRecovery(subject: Subject, before: RuntimeAnswer): Promise<void> {
  const wait = new Promise((resolve) => setTimeout(resolve, 3200));
  let answer = await askInTime(subject);
  if (!answer.snapshot.up || answer.faults.length > 0) {
    await wait;
    answer = await askInTime(subject);
  }
  expect(answer.faults).toEqual([]);
  expect(answer.snapshot).toMatchObject({ up: true, sandboxes: before.snapshot.sandboxes });
}

/** The id of an arranged sandbox. */
function idOf({ it }: Subject, name: string): string {
  return it.arranged.get(name)?.sandbox ?? '';
}

/** Descriptors of this process. */
const countDescriptors = (): number => readdirSync('/proc/self/fd').length;

/** As somebody who may not open the socket: root may open any. */
async function asNobody<T>(socket: string, work: () => Promise<T>): Promise<T> {
  chmodSync(dirname(socket), 0o755);
  chmodSync(socket, 0o600);
  const isRoot = process.getuid?.() === 0;
  if (!isRoot) chmodSync(socket, 0o000);
  if (isRoot) process.seteuid?.(65_534);
  try {
    return await work();
  } finally {
    if (isRoot) process.seteuid?.(0);
    chmodSync(socket, 0o666);
  }
}

export const FAULTS: readonly Promised[] = [
  [
    'silent: its process is stopped (SIGSTOP)',
    async ({ profile, it, apart }) => {
      const runtime = profile.open(apart.endpointOf(profile), TIMES);
      const subject = { profile, apart, it: { ...it, runtime } };
      onTestFinished(() => {
        apart.signal('SIGCONT');
        runtime.close();
      });
      const before = await askWhole(subject);
      const descriptors = countDescriptors();
      apart.signal('SIGSTOP');
      expectDown(await askInTime(subject), before, 'timeout');
      expect(apart.state()).toBe('T');
      apart.signal('SIGCONT');
      await expectRecovery(subject, before);
      expect(countDescriptors()).toBeLessThanOrEqual(descriptors);
    },
  ],
  [
    'refused: the socket of a killed daemon',
    async (subject) => {
      const before = await askWhole(subject);
      subject.it.door.kill();
      expectDown(await askInTime(subject), before, 'silent');
      const down = await askInTime(subject);
      expect(down.faults[0]?.message).toMatch(/nobody listens|no answer/);
      await subject.it.door.start();
      await expectRecovery(subject, before);
    },
  ],
  [
    'missing: no socket at all',
    async (subject) => {
      const before = await askWhole(subject);
      subject.it.door.end();
      expectDown(await askInTime(subject), before, 'silent');
      await subject.it.door.start();
      await expectRecovery(subject, before);
    },
  ],
  [
    'not permitted',
    async (subject) => {
      const before = await askWhole(subject);
      subject.it.door.kill();
      await askInTime(subject);
      await subject.it.door.start();
      const refused = await asNobody(subject.it.door.socket, async () => {
        // The back-off of a lost connection must be over: until then its own error is told.
        await new Promise((resolve) => setTimeout(resolve, 1200));
        return await askInTime(subject);
      });
      expectDown(refused, before, 'denied');
      expect(refused.faults.map(({ message }) => message).join()).toContain('run as root');
      await expectRecovery(subject, before);
    },
  ],
  [
    'killed in the middle of a call, and restarted on a new socket',
    async (subject) => {
      const before = await askWhole(subject);
      let killed = false;
      subject.it.treat((call) => {
        if (!/^(List|GET \/v.*\/containers)/.test(call)) return 'usual';
        if (!killed) subject.it.door.kill();
        killed = true;
        return 'never';
      });
      expectDown(await askInTime(subject), before, 'silent');
      expect(killed).toBe(true);
      subject.it.treat(() => 'usual');
      await subject.it.door.start();
      await expectRecovery(subject, before);
    },
  ],
  [
    'slow on one sandbox only: the others are known',
    async (subject) => {
      const id = idOf(subject, 'shared');
      subject.it.treat((call) => (call.endsWith(id) ? 'never' : 'usual'));
      const answer = await askInTime(subject);
      expect(answer.snapshot.up).toBe(true);
      expect(sandboxNamed(answer, 'shared').pause).toEqual({ kind: 'unknown', reason: 'timeout' });
      expect(answer.faults).toMatchObject([{ code: 'timeout', count: 1 }]);
      const others = answer.snapshot.sandboxes.filter(({ pause }) => pause.kind === 'unknown');
      expect(others).toHaveLength(1);
      subject.it.treat(() => 'usual');
      await expectRecovery(subject, await askInTime(subject));
    },
  ],
  [
    'errors for half of the sandboxes: the other half is known',
    async (subject) => {
      const ids = [...subject.it.arranged.values()].map(({ sandbox }) => sandbox);
      const failing = new Set(ids.slice(0, Math.floor(ids.length / 2)));
      const isFailing = (call: string): boolean => failing.has(call.slice(-64));
      subject.it.treat((call) => (isFailing(call) ? subject.profile.failure : 'usual'));
      const answer = await askInTime(subject);
      const unknown = answer.snapshot.sandboxes.filter(({ pause }) => pause.kind === 'unknown');
      expect(new Set(unknown.map(({ id }) => id))).toEqual(failing);
      expect(answer.faults).toMatchObject([{ code: 'silent', count: failing.size }]);
      subject.it.treat(() => 'usual');
      await expectRecovery(subject, await askInTime(subject));
    },
  ],
  [
    'malformed details: that pause is unknown, and asked for again',
    async (subject) => {
      subject.it.breakDetails(idOf(subject, 'shared'));
      const answer = await askInTime(subject);
      expect(sandboxNamed(answer, 'shared').pause).toEqual({ kind: 'unknown', reason: 'malformed' });
      expect(answer.snapshot.sandboxes.filter(({ pause }) => pause.kind === 'unknown')).toHaveLength(1);
      expect(answer.faults).toMatchObject([{ code: 'malformed', count: 1 }]);
      subject.it.breakDetails(undefined);
      const after = await askInTime(subject);
      expect(sandboxNamed(after, 'shared').pause.kind).toBe('pid');
    },
  ],
  [
    'an oversized list is refused',
    async (subject) => {
      const before = await askWhole(subject);
      subject.it.swell(true);
      expectDown(await askInTime(subject), before, 'malformed');
      subject.it.swell(false);
      await expectRecovery(subject, before);
    },
    // To make and carry 17 MiB takes a busy machine seconds.
    { ...TIMES, listMs: 15_000 },
  ],
  [
    'garbage on the socket',
    async (subject) => {
      const before = await askWhole(subject);
      subject.it.door.turn('garbage');
      const answer = await askInTime(subject);
      expect(answer.snapshot).toMatchObject({ up: false, sandboxes: before.snapshot.sandboxes });
      expect(answer.faults.length).toBeGreaterThan(0);
      subject.it.door.turn('open');
      subject.it.door.end();
      await subject.it.door.start();
      await expectRecovery(subject, before);
    },
  ],
  [
    '500 faulty rounds leak neither descriptors nor memory',
    async (subject) => {
      const failing = [...subject.it.arranged.values()].map(({ sandbox }) => sandbox);
      let round = 0;
      subject.it.treat((call) => {
        const isOdd = round % 2 === 1 && failing.includes(call.slice(-64));
        const isDown = round % 5 === 4 && /^(List|GET \/v.*\/containers)/.test(call);
        return isOdd || isDown ? subject.profile.failure : 'usual';
      });
      const ask = async (rounds: number): Promise<void> => {
        for (let i = 0; i < rounds; i++, round++) {
          subject.it.runtime.forget(failing);
          await subject.it.runtime.ask();
          subject.it.calls.length = 0;
        }
      };
      await ask(50);
      const [descriptors, bytes] = [countDescriptors(), heapUsed()];
      await ask(500);
      expect(countDescriptors()).toBeLessThanOrEqual(descriptors + 2);
      expect(heapUsed() - bytes).toBeLessThan(8 * 1024 * 1024);
      expect(subject.it.door.mostAtOnce).toBe(1);
    },
  ],
];

/** Heap in use after a full collection. */
function heapUsed(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc()');
  return process.memoryUsage().heapUsed;
}
