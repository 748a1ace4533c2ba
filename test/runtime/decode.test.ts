/** What real runtimes answered, decoded: recordings of containerd, CRI-O and cri-dockerd over the same arranged pods. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PauseRef } from '../../src/core/model.ts';
import {
  addPauseContainer,
  decodeConfiguredImage,
  decodeContainer,
  decodeContainerDetails,
  decodeFlavour,
  decodeImage,
  decodeSandbox,
  decodeSandboxDetails,
} from '../../src/runtime/cri/decode.ts';
import { answerOf, RECORDINGS, type Recording, type RecordingName, readRecording } from './recording.ts';

/** The sandbox arranged under a name, decoded from the list and its details. */
function sandboxOf(recording: Recording, kind: string) {
  const id = recording.arranged.get(kind)?.sandbox ?? '';
  const item = recording.sandboxes.find((it) => it.id === id);
  if (item === undefined) throw new Error(`no sandbox for ${kind}`);
  const flavour = decodeFlavour(recording.version.runtimeName);
  const own = decodeSandboxDetails(answerOf(recording.sandboxStatus.get(id)), flavour);
  if (flavour !== 'cri-dockerd') return decodeSandbox(item, own);
  const container = decodeContainerDetails(answerOf(recording.containerStatus.get(id)));
  return decodeSandbox(item, addPauseContainer(own, container));
}

/** The container arranged under a name, decoded from the list and its details. */
function containerOf(recording: Recording, kind: string) {
  const id = recording.arranged.get(kind)?.container ?? '';
  const item = recording.containers.find((it) => it.id === id);
  if (item === undefined) throw new Error(`no container for ${kind}`);
  return decodeContainer(item, decodeContainerDetails(answerOf(recording.containerStatus.get(id))), 'shared-kernel');
}

const at = (pid: number): PauseRef => ({ kind: 'pid', pid });
const ended: PauseRef = { kind: 'none', reason: 'exited' };
const dropped: PauseRef = { kind: 'none', reason: 'infra-dropped' };

describe.each(RECORDINGS)('%s', (name) => {
  const recording = readRecording(name);

  test('lists the eight arranged sandboxes with pod, UID, attempt and time', () => {
    expect(recording.sandboxes).toHaveLength(8);
    for (const kind of recording.arranged.keys()) {
      const sandbox = sandboxOf(recording, kind);
      expect(sandbox).toMatchObject({
        namespace: 'default',
        name: kind,
        uid: `uid-${kind}`,
        attempt: 0,
        runtimeHandler: '',
      });
      expect(sandbox.id).toMatch(/^[0-9a-f]{64}$/);
      expect(new Date(sandbox.createdAtMs).getUTCFullYear()).toBe(2026);
    }
  });

  test('says which sandboxes are ready', () => {
    const ready = [...recording.arranged.keys()].filter((kind) => sandboxOf(recording, kind).state === 'ready');
    const deadPause = name === 'cri-o-1.36.3' ? ['deadpause'] : [];
    expect(ready.toSorted()).toEqual(['bare', 'cni', ...deadPause, 'exited', 'hostpid', 'own', 'shared'].toSorted());
  });

  test('tells the namespace modes', () => {
    const modes = (kind: string) => {
      const { pidMode, networkMode, ipcMode } = sandboxOf(recording, kind);
      return [pidMode, networkMode, ipcMode];
    };
    // cri-dockerd says CONTAINER of a pod that shares, too, and so tells nothing: the kernel does.
    const [own, shared] = name === 'cri-dockerd-0.4.3' ? [undefined, undefined] : ['container', 'pod'];
    expect(modes('own')).toEqual([own, 'node', 'pod']);
    expect(modes('cni')).toEqual([own, 'pod', 'pod']);
    expect(modes('hostpid')).toEqual(['node', 'node', 'pod']);
    expect(modes('shared')).toEqual([shared, 'node', 'pod']);
  });

  test('gives the PIDs of running containers, which the kernel had, and of no others', () => {
    for (const kind of ['own', 'shared', 'hostpid', 'cni', 'deadpause']) {
      const { state, pid, imageRef, sandboxId } = containerOf(recording, kind);
      expect({ state, pid, sandboxId }).toEqual({
        state: 'running',
        pid: { value: expect.any(Number) },
        sandboxId: recording.arranged.get(kind)?.sandbox,
      });
      expect(imageRef).toContain('busybox');
    }
    for (const kind of ['exited', 'stopped']) {
      expect(containerOf(recording, kind)).toMatchObject({ state: 'exited', pid: undefined });
    }
  });

  test('never lists pause as a container', () => {
    const sandboxIds = new Set(recording.sandboxes.map(({ id }) => id));
    expect(recording.containers.filter(({ id }) => sandboxIds.has(id))).toEqual([]);
  });

  test('lists images under ids with sha256:', () => {
    const images = recording.images.map(decodeImage);
    for (const { id, sizeBytes } of images) {
      expect(id).toMatch(/^sha256:[0-9a-f]{64}$/);
      expect(sizeBytes).toBeGreaterThan(1000);
    }
    const pinned = images.filter((image) => image.pinned).flatMap(({ tags }) => tags.slice(-1));
    expect(pinned).toEqual(
      name === 'containerd-1.6.20' ? [] : [expect.stringMatching(/^registry\.k8s\.io\/pause:3\./)],
    );
  });
});

const facts: Readonly<
  Record<
    RecordingName,
    { flavour: string; configured: string | undefined; image: string; pauses: Record<string, PauseRef> }
  >
> = {
  'containerd-1.6.20': {
    flavour: 'containerd',
    configured: 'registry.k8s.io/pause:3.9',
    image: 'registry.k8s.io/pause:3.9',
    pauses: {
      own: at(21_809),
      shared: at(21_884),
      hostpid: at(21_954),
      bare: at(22_116),
      deadpause: ended,
      stopped: ended,
    },
  },
  'containerd-1.7.24': {
    flavour: 'containerd',
    configured: 'registry.k8s.io/pause:3.9',
    image: 'registry.k8s.io/pause:3.9',
    pauses: { deadpause: ended, stopped: ended },
  },
  'containerd-2.1.9': {
    flavour: 'containerd',
    configured: undefined,
    image: 'registry.k8s.io/pause:3.10',
    pauses: { own: at(24_416), shared: at(24_489), hostpid: at(24_563), deadpause: ended, stopped: ended },
  },
  'cri-o-1.36.3': {
    flavour: 'cri-o',
    configured: 'registry.k8s.io/pause:3.10.1',
    image: 'registry.k8s.io/pause:3.10.1',
    pauses: {
      own: dropped,
      shared: at(25_688),
      hostpid: dropped,
      cni: dropped,
      bare: dropped,
      deadpause: dropped,
      stopped: dropped,
    },
  },
  'cri-o-1.36.3-infra-kept': {
    flavour: 'cri-o',
    configured: 'registry.k8s.io/pause:3.10.1',
    image: 'registry.k8s.io/pause:3.10.1',
    pauses: { deadpause: ended, stopped: ended },
  },
  'cri-dockerd-0.4.3': {
    flavour: 'cri-dockerd',
    configured: 'registry.k8s.io/pause:3.10',
    image: '127.0.0.1:15999/pause:3.10',
    pauses: { deadpause: ended, stopped: ended },
  },
};

describe.each(RECORDINGS)('the pause of %s', (name) => {
  const recording = readRecording(name);
  const { flavour, configured, image, pauses } = facts[name];

  test('is of the flavour, and the configured image is known where the runtime tells it', () => {
    expect(decodeFlavour(recording.version.runtimeName)).toBe(flavour);
    expect(decodeConfiguredImage(recording.status)).toBe(configured);
    expect(sandboxOf(recording, 'shared').imageRef).toBe(image);
  });

  test('is where the runtime says, or known to have ended, or not there by design', () => {
    for (const [kind, pause] of Object.entries(pauses))
      expect([kind, sandboxOf(recording, kind).pause]).toEqual([kind, pause]);
  });

  test('runs for every ready sandbox that has one, at a PID of its own', () => {
    const pids = [...recording.arranged.keys()].flatMap((kind) => {
      const { pause, state } = sandboxOf(recording, kind);
      expect(pause.kind === 'pid', kind).toBe(state === 'ready' && pause !== undefined && !isDropped(pause));
      return pause.kind === 'pid' ? [pause.pid] : [];
    });
    expect(new Set(pids).size).toBe(name === 'cri-o-1.36.3' ? 1 : 6);
    for (const { pid, stat } of recording.processes.filter((it) => pids.includes(it.pid))) {
      expect(stat).toContain(`${pid} (pause) S `);
    }
  });
});

function isDropped(pause: PauseRef): boolean {
  return pause.kind === 'none' && pause.reason === 'infra-dropped';
}

describe('an answer that makes no sense', () => {
  const [status] = [...readRecording('containerd-1.6.20').sandboxStatus.values()].map(answerOf);
  const withInfo = (info: string) => ({ status: status?.status, info: { info } });

  test.each(['', '{', 'null', '[]', '"pid"', '7', 'undefined', '{"pid":}'])(
    'as verbose JSON (%s) is a problem, not a dead pause',
    (info) => {
      const details = decodeSandboxDetails(withInfo(info), 'containerd');
      expect(details.pause).toEqual({ kind: 'unknown', reason: 'malformed' });
      expect(details.problem).toMatch(/^verbose info is not/);
      expect(details.pidMode).toBeDefined();
    },
  );

  test('is told without a word of it: environments of containers stand there', () => {
    const { problem } = decodeContainerDetails({ status: undefined, info: { info: '{"env":["A=hunter2", oops]}' } });
    const { problem: ofSandbox } = decodeSandboxDetails(withInfo('{"env":["A=hunter2", oops]}'), 'containerd');
    expect([problem, ofSandbox]).toEqual([expect.any(String), 'verbose info is not JSON']);
    expect(problem).not.toContain('hunter2');
  });

  test.each(['-1', '"21809"', '1.5', 'true', 'null', '{}', '1e400'])(
    'as a PID (%s) is a problem of that field',
    (pid) => {
      expect(decodeSandboxDetails(withInfo(`{"pid":${pid}}`), 'containerd').pause).toEqual({
        kind: 'unknown',
        reason: 'malformed',
      });
    },
  );

  test('that holds no status leaves the state to the list', () => {
    const recording = readRecording('containerd-1.6.20');
    const [item] = recording.sandboxes;
    const container = recording.containers.find(({ state }) => state === 1);
    if (item === undefined || container === undefined) throw new Error('an item of each');
    const empty = { status: undefined, info: {} };
    const details = decodeSandboxDetails(empty, 'containerd');
    expect(details.problem).toBe('no status in it');
    expect(decodeSandbox(item, details)).toMatchObject({
      state: 'ready',
      pause: { kind: 'unknown', reason: 'malformed' },
    });
    expect(decodeContainer(container, decodeContainerDetails(empty), 'shared-kernel')).toMatchObject({
      state: 'running',
      pid: { unknown: 'malformed' },
    });
  });

  test('of a runtime that has not told its name yet is still known for CRI-O’s: no pause by design', () => {
    const recording = readRecording('cri-o-1.36.3');
    const id = recording.arranged.get('own')?.sandbox ?? '';
    expect(decodeSandboxDetails(answerOf(recording.sandboxStatus.get(id)), 'unknown').pause).toEqual(dropped);
  });

  test('of any kind at all does not make a decoder throw', () => {
    const info = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc.json().map((it) => `{"pid":${it},"image":${it}}`),
    );
    fc.assert(
      fc.property(info, fc.constantFrom('containerd', 'cri-o', 'cri-dockerd', 'unknown'), (it, flavour) => {
        const details = decodeSandboxDetails(withInfo(it), flavour);
        expect(['pid', 'none', 'unknown']).toContain(details.pause.kind);
        expect(['string', 'undefined']).toContain(typeof details.imageRef);
        decodeContainerDetails({ status: undefined, info: { info: it } });
        expect(['string', 'undefined']).toContain(
          typeof decodeConfiguredImage({ status: undefined, info: { config: it } }),
        );
      }),
    );
  });
});
