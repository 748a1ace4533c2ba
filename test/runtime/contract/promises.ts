/** What every runtime promises about a node that is well: one check each. */
import { expect } from 'vitest';
import type { PodSandbox } from '../../../src/core/model.ts';
import type { RuntimeAnswer } from '../../../src/runtime/container-runtime.ts';
import type { RuntimeTimes } from '../../../src/runtime/runtime-times.ts';
import type { Profile } from './profiles.ts';
import type { Served } from './serve-apart.ts';
import type { StandIn } from './stand-in.ts';

/** What a promise is checked on. */
export interface Subject {
  readonly profile: Profile;
  readonly it: StandIn;
  /** The same runtime in another process. */
  readonly apart: Served;
}

/** Name and check; the check throws when the promise does not hold. Deadlines of its own where the usual are too short. */
export type Promised = readonly [name: string, holds: (subject: Subject) => Promise<void>, times?: RuntimeTimes];

/** A whole answer: everything arrived, nothing went wrong. */
export async function askWhole({ it }: Subject): Promise<RuntimeAnswer> {
  const answer = await it.runtime.ask();
  expect(answer.faults).toEqual([]);
  expect(answer.snapshot.up).toBe(true);
  return answer;
}

/** The sandbox of an arranged pod. */
export function sandboxNamed(answer: RuntimeAnswer, name: string): PodSandbox {
  const found = answer.snapshot.sandboxes.find((sandbox) => sandbox.name === name);
  if (found === undefined) throw new Error(`no sandbox of ${name}`);
  return found;
}

export const PROMISES: readonly Promised[] = [
  [
    'lists every sandbox with pod, UID and attempt',
    async (subject) => {
      const { snapshot } = await askWhole(subject);
      const listed = snapshot.sandboxes.map(({ id, namespace, name, uid, attempt }) => ({
        id,
        namespace,
        name,
        uid,
        attempt,
      }));
      const arranged = [...subject.it.arranged].map(([name, { sandbox }]) => ({
        id: sandbox,
        namespace: 'default',
        name,
        uid: `uid-${name}`,
        attempt: 0,
      }));
      expect(new Set(listed)).toEqual(new Set(arranged));
    },
  ],
  [
    'names the pause of every pod that is alive',
    async (subject) => {
      const answer = await askWhole(subject);
      const living = [...subject.it.arranged.keys()].filter((name) => name !== 'deadpause' && name !== 'stopped');
      const pids = living.map((name) => {
        const { pause } = sandboxNamed(answer, name);
        expect(pause.kind).toBe('pid');
        return pause.kind === 'pid' ? pause.pid : 0;
      });
      expect(new Set(pids).size).toBe(living.length);
    },
  ],
  [
    'has a reason for every pause it does not name',
    async (subject) => {
      const answer = await askWhole(subject);
      for (const { name, pause } of answer.snapshot.sandboxes) {
        const expected = subject.profile.alive.includes(name) ? ['pid'] : ['exited', 'infra-dropped'];
        expect(expected).toContain(pause.kind === 'none' ? pause.reason : pause.kind);
      }
    },
  ],
  [
    'tells that a killed pause is dead',
    async (subject) => {
      const { pause, state } = sandboxNamed(await askWhole(subject), 'deadpause');
      expect([pause, state]).toEqual([{ kind: 'none', reason: 'exited' }, 'notready']);
    },
  ],
  [
    'tells how a dead pause ended',
    async (subject) => {
      const { pauseEnd } = sandboxNamed(await askWhole(subject), 'deadpause');
      expect(pauseEnd).toEqual({ exitCode: 137, oomKilled: false });
    },
  ],
  [
    'tells that a PID namespace is shared',
    async (subject) => expect(sandboxNamed(await askWhole(subject), 'shared').pidMode).toBe('pod'),
  ],
  [
    'tells that a PID namespace is the node’s',
    async (subject) => expect(sandboxNamed(await askWhole(subject), 'hostpid').pidMode).toBe('node'),
  ],
  [
    'names the pause image of every pod',
    async (subject) => {
      const { snapshot } = await askWhole(subject);
      for (const { imageRef } of snapshot.sandboxes) expect(imageRef).toMatch(/\/pause:3\.\d+/);
    },
  ],
  [
    'tells the configured pause image',
    async (subject) => {
      const { snapshot } = await askWhole(subject);
      expect(snapshot.configuredPauseImage).toMatch(/^registry\.k8s\.io\/pause:3\.\d+/);
    },
  ],
  [
    'tells which image is pinned',
    async (subject) => {
      const { snapshot } = await askWhole(subject);
      expect(snapshot.images?.some(({ pinned, tags }) => pinned && tags.some((tag) => tag.includes('/pause:')))).toBe(
        true,
      );
    },
  ],
  [
    'lists images under ids with sha256:',
    async (subject) => {
      const { snapshot } = await askWhole(subject);
      expect(snapshot.images?.length).toBeGreaterThan(0);
      for (const { id } of snapshot.images ?? []) expect(id).toMatch(/^sha256:[0-9a-f]{64}$/);
    },
  ],
  [
    'names the first process of every running container, and never lists pause',
    async (subject) => {
      const { snapshot } = await askWhole(subject);
      const sandboxIds = new Set(snapshot.sandboxes.map(({ id }) => id));
      const running = snapshot.containers.filter(({ state }) => state === 'running');
      expect(running.length).toBeGreaterThanOrEqual(4);
      for (const { id, sandboxId, pid } of running) {
        expect([sandboxIds.has(id), sandboxIds.has(sandboxId)]).toEqual([false, true]);
        expect(pid).toEqual({ value: expect.any(Number) });
      }
    },
  ],
  [
    'asks for details once, and for nothing that changes the node',
    async (subject) => {
      await askWhole(subject);
      const { calls } = subject.it;
      const first = calls.length;
      await askWhole(subject);
      expect(calls.slice(first).filter((call) => call.includes(' ') && !call.startsWith('GET'))).toEqual([]);
      for (const call of calls) expect(call).toMatch(/^(GET \/|Inspect |Version|Status|List|Stream|\w+Status )/);
    },
  ],
];
