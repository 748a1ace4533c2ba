/** Pods that are not like the others: behind a machine, static, with a user namespace; and how a pause ended. */
import { describe, expect, test } from 'vitest';
import {
  addPauseContainer,
  decodeConditions,
  decodeContainer,
  decodeContainerDetails,
  decodeSandbox,
  decodeSandboxDetails,
} from '../../src/runtime/cri/decode.ts';
import { NamespaceMode, PodSandboxState } from '../../src/runtime/cri/generated/runtime/v1/cri.ts';
import { isolationOf } from '../../src/runtime/isolation.ts';
import { containerItem, sandboxItem } from './cri-server.ts';
import { answerOf, readRecording } from './recording.ts';

const OPTIONS = { network: 0, pid: NamespaceMode.CONTAINER, ipc: 0, targetId: '', usernsOptions: undefined } as const;

/** Details of a ready sandbox whose verbose part is this. */
function details(info: object, options: object = {}, state: PodSandboxState = PodSandboxState.SANDBOX_READY) {
  const namespaces = { options: { ...OPTIONS, ...options } };
  const status = { ...sandboxItem(1, { state }), linux: { namespaces } };
  return decodeSandboxDetails({ status, info: { info: JSON.stringify(info) } }, 'containerd');
}

describe('isolation', () => {
  test.each([
    ['io.containerd.kata.v2', '', 'vm'],
    ['io.containerd.kata-qemu.v2', '', 'vm'],
    ['aws.firecracker', '', 'vm'],
    ['io.containerd.runsc.v1', 'sandboxed', 'user-space-kernel'],
    ['io.containerd.runc.v2', 'kata', 'shared-kernel'],
    ['io.containerd.runc.v2', '', 'shared-kernel'],
    [undefined, 'kata-clh', 'vm'],
    [undefined, 'gvisor', 'user-space-kernel'],
    [undefined, 'runsc', 'user-space-kernel'],
    [undefined, 'crun', 'shared-kernel'],
    [undefined, 'katalog', 'shared-kernel'],
    ['', '', 'shared-kernel'],
  ])('of shim %s and handler "%s" is %s', (type, handler, isolation) => {
    expect(isolationOf(type, handler)).toBe(isolation);
  });

  test('hides pause and the first processes of the containers: the PIDs named are the machine’s', () => {
    const known = details({ pid: 4711, image: 'registry.k8s.io/pause:3.9', runtimeType: 'io.containerd.kata.v2' });
    expect(decodeSandbox(sandboxItem(1), known)).toMatchObject({
      isolation: 'vm',
      pause: { kind: 'none', reason: 'vm-runtime' },
      imageRef: 'registry.k8s.io/pause:3.9',
    });
    const container = decodeContainerDetails({ status: undefined, info: { info: '{"pid":4711}' } });
    expect(decodeContainer(containerItem(1), container, 'vm').pid).toEqual({ unknown: 'unsupported' });
  });

  test('does not hide that the sandbox has ended', () => {
    const known = details({ pid: 0, runtimeType: 'io.containerd.kata.v2' }, {}, PodSandboxState.SANDBOX_NOTREADY);
    expect(decodeSandbox(sandboxItem(1), known).pause).toEqual({ kind: 'none', reason: 'exited' });
  });
});

describe('a static pod', () => {
  test.each([
    ['file', true],
    ['api', false],
    ['http', false],
  ])('is one whose configuration came from a file: %s', (source, isStatic) => {
    const annotations = { 'kubernetes.io/config.source': source, 'kubernetes.io/config.hash': 'secret' };
    const sandbox = decodeSandbox(sandboxItem(1, { annotations }), 'timeout');
    expect(sandbox.isStatic).toBe(isStatic);
    expect(JSON.stringify(sandbox)).not.toContain('secret');
  });
});

describe('a user namespace', () => {
  test('is the pod’s own where it was asked for, and the node’s where it was not', () => {
    expect(details({ pid: 1 }, { usernsOptions: { mode: NamespaceMode.POD } }).userMode).toBe('pod');
    expect(details({ pid: 1 }, { usernsOptions: { mode: NamespaceMode.NODE } }).userMode).toBe('node');
    expect(details({ pid: 1 }).userMode).toBe('node');
  });
});

describe('between the death of pause and the runtime’s notice', () => {
  test.each(['stopped', 'deleted'])('containerd tells by processStatus %s, and is asked again', (processStatus) => {
    expect(details({ pid: 4711, processStatus })).toMatchObject({
      pause: { kind: 'none', reason: 'exited' },
      isPassing: true,
    });
  });

  test('CRI-O tells the old PID of a sandbox that is not ready, and is asked again', () => {
    expect(details({ pid: 4711 }, {}, PodSandboxState.SANDBOX_NOTREADY)).toMatchObject({
      pause: { kind: 'pid', pid: 4711 },
      isPassing: true,
    });
  });

  test.each(['running', 'unknown'])('a processStatus of %s says nothing against the PID', (processStatus) => {
    expect(details({ pid: 4711, processStatus })).toMatchObject({
      pause: { kind: 'pid', pid: 4711 },
      isPassing: false,
    });
  });
});

describe('the end of a pause', () => {
  test('is told by cri-dockerd with the exit code of the sandbox’s container', () => {
    const recording = readRecording('cri-dockerd-0.4.3');
    const endOf = (kind: string) => {
      const id = recording.arranged.get(kind)?.sandbox ?? '';
      const own = decodeSandboxDetails(answerOf(recording.sandboxStatus.get(id)), 'cri-dockerd');
      return addPauseContainer(own, decodeContainerDetails(answerOf(recording.containerStatus.get(id)))).pauseEnd;
    };
    expect(endOf('deadpause')).toEqual({ exitCode: 137, oomKilled: false });
    expect(endOf('stopped')).toEqual({ exitCode: 0, oomKilled: false });
    expect(endOf('own')).toBeUndefined();
  });
});

describe('conditions', () => {
  test('are those of the runtime, deprecated settings among them since containerd 1.7', () => {
    const types = (name: 'containerd-1.6.20' | 'containerd-2.1.9') =>
      decodeConditions(readRecording(name).status).map(({ type, status }) => [type, status]);
    expect(types('containerd-1.6.20')).toEqual([
      ['RuntimeReady', true],
      ['NetworkReady', true],
    ]);
    expect(types('containerd-2.1.9').at(-1)).toEqual(['ContainerdHasNoDeprecationWarnings', true]);
  });
});
