/** What the path of a cgroup tells of the pod in it. */
import { describe, expect, test } from 'vitest';
import { chargedId, idsInPath, podPlaceOf } from '../../src/core/cgroup-path.ts';
import { idOf } from './snapshot-builder.ts';

const A = idOf('a');
const B = idOf('b');
const UID = '0d9c6f4e-aaaa-4bbb-8ccc-1234567890ab';
const SLICE = `kubepods-burstable-pod${UID.replaceAll('-', '_')}.slice`;

describe('the place of a process in the kubelet’s tree', () => {
  test.each([
    ['cgroupfs', `/kubepods/burstable/pod${UID}/${A}`, '/kubepods'],
    ['systemd', `/kubepods.slice/kubepods-burstable.slice/${SLICE}/cri-containerd-${A}.scope`, '/kubepods.slice'],
    ['a cgroup namespace', `/../../kubepods/pod${UID}/${A}`, '/kubepods'],
    ['a cgroup root of the kubelet’s own', `/kubelet/kubepods/pod${UID}/${A}`, '/kubelet/kubepods'],
    ['what lies below a container', `/kubepods/pod${UID}/${A}/system.slice/cron.service`, '/kubepods'],
  ])('is read from a path of %s', (_, path, root) => {
    expect(podPlaceOf(path)).toEqual({ root, uid: UID, id: A });
  });

  test.each([
    ['of no pod', '/system.slice/docker.service'],
    ['of a pod and no container', `/kubepods/pod${UID}`],
    ['of a conmon', `/kubepods/pod${UID}/crio-conmon-${A}.scope`],
    ['of a kubelet inside a container', `/docker/${B}/kubelet/kubepods/pod${UID}/${A}`],
    ['that is none', undefined],
  ])('is not to be had from one %s', (_, path) => {
    expect(podPlaceOf(path)).toBeUndefined();
  });
});

describe('the id a path is charged to', () => {
  const sandboxOf = (id: string) => ({ [A]: 's1', [B]: 's2' })[id];
  const nested = `/kubepods/podx/${A}/${B}`;

  test('is the outermost whose cgroup is there, wherever a nested one claims to be', () => {
    expect(chargedId(nested, sandboxOf, { [A]: `/kubepods/podx/${A}`, [B]: `/kubepods/pody/${B}` })).toBe(A);
    expect(chargedId(nested, sandboxOf, { [A]: `/kubepods/podx/${A}`, [B]: nested })).toBe(A);
    expect(chargedId(nested, sandboxOf, { [B]: nested })).toBe(B);
  });

  test('is the innermost of one sandbox', () => {
    expect(chargedId(nested, () => 's1', { [A]: `/kubepods/podx/${A}`, [B]: nested })).toBe(B);
  });

  test('is the outermost known one where cgroups could not be located, and none of unknown ids', () => {
    expect(chargedId(nested, sandboxOf, {})).toBe(A);
    expect(chargedId(`/x/${idOf('c')}`, sandboxOf, {})).toBeUndefined();
  });

  test('is found in every form runtimes give it, and not in parts of longer numbers', () => {
    expect(idsInPath(`/x/crio-${A}/docker-${B}.scope/0${A}`)).toEqual([A, B]);
  });
});
