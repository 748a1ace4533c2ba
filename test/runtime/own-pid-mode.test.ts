/** Which PID namespace a container asked for, as real runtimes tell it; and whether its network is still there. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeSandboxDetails } from '../../src/runtime/cri/decode.ts';
import { decodeOwnPidMode } from '../../src/runtime/cri/own-pid-mode.ts';

/** As containerd 1.6, 1.7 and 2.1 answered: the request, without what is 0. */
const byContainerd = (options: unknown) => ({
  pid: 7,
  config: { linux: { security_context: { namespace_options: options } } },
});
/** As CRI-O 1.36 answered: the specification. */
const byCriO = (namespaces: unknown) => ({ pid: 7, privileged: false, runtimeSpec: { linux: { namespaces } } });
const IPC = { type: 'ipc', path: '/var/run/ipcns/dd0ff29d' };

test('containerd repeats what was asked for, and leaves out what is 0: the pod’s', () => {
  expect(
    [{ pid: 1 }, { network: 2 }, { network: 2, pid: 2 }, { pid: 3, target_id: 'x' }]
      .map(byContainerd)
      .map(decodeOwnPidMode),
  ).toEqual(['container', 'pod', 'node', 'target']);
});

test('CRI-O gives the finished specification: a namespace that was joined may be the pod’s or another container’s', () => {
  const specs = [[{ type: 'pid' }, IPC], [IPC, { type: 'pid', path: '/proc/7/ns/pid' }], [IPC]];
  expect(specs.map(byCriO).map(decodeOwnPidMode)).toEqual(['container', undefined, 'node']);
});

test('cri-dockerd does not tell', () => {
  expect(decodeOwnPidMode({ sandboxID: 'x', pid: 7 })).toBeUndefined();
});

test('Whatever else is in the verbose part gives a mode or none, and never throws', () => {
  const modes = ['pod', 'container', 'node', 'target', undefined];
  const key = fc.constantFrom('config', 'runtimeSpec', 'linux', 'namespaces');
  fc.assert(
    fc.property(fc.dictionary(key, fc.jsonValue()), fc.jsonValue(), (info, value) => {
      for (const it of [info, byContainerd(value), byCriO(value)]) expect(modes).toContain(decodeOwnPidMode(it));
    }),
  );
});

test('containerd says whether the network namespace of a sandbox is still there; the others do not say', () => {
  const status = {
    id: 'x',
    metadata: undefined,
    state: 0,
    createdAt: 0n,
    linux: undefined,
    runtimeHandler: '',
  } as const;
  const told = (info: object) =>
    decodeSandboxDetails({ status, info: { info: JSON.stringify(info) } }, 'containerd').netClosed;
  expect(
    [{ netNamespaceClosed: true }, { netNamespaceClosed: false }, {}, { netNamespaceClosed: 'x' }].map(told),
  ).toEqual([true, false, undefined, undefined]);
});
