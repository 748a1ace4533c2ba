/** What a person is told who lists processes in a PID namespace that holds but a part of the pod. */
import { expect, test } from 'vitest';
import { describeUnseen, listsProcesses } from '../../src/enter/unseen-containers.ts';
import { containerView, sandboxView } from '../publish/report-builder.ts';

function viewWith(sharedBy: readonly string[], facts: Parameters<typeof sandboxView>[2] = {}) {
  const view = sandboxView('shop', 'checkout', {
    containers: [
      containerView('app'),
      containerView('sidecar'),
      containerView('migrate', { state: 'exited', pid: undefined }),
    ],
    ...facts,
  });
  return { ...view, namespaces: { ...view.namespaces, pid: { ...view.namespaces.pid, sharedBy } } };
}

test('Containers with PID namespaces of their own are named, with the way to see them', () => {
  expect(describeUnseen(viewWith([]))).toEqual([
    'ps here shows pause only: app and sidecar have PID namespaces of their own',
    '--mount app enters that of app and starts in its root directory',
  ]);
  expect(describeUnseen(viewWith(['app']))[0]).toBe(
    'ps here shows pause and app only: sidecar has a PID namespace of its own',
  );
});

test('Nothing is said where all are seen, or nothing of it is known', () => {
  expect(describeUnseen(viewWith(['app', 'sidecar']))).toEqual([]);
  expect(describeUnseen(viewWith([], { pause: undefined, noPauseReason: 'infra-dropped' }))).toEqual([]);
});

test.each([
  [['ps', 'aux'], true],
  [['/usr/bin/top'], true],
  [['ss', '-tlnp'], false],
  [[], false],
])('%j lists processes: %s', (command, expected) => {
  expect(listsProcesses(command)).toBe(expected);
});
