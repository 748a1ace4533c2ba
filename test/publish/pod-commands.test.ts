/** The commands that a person copies from page or terminal: they lead to the same runtime. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { podDocument } from '../../src/publish/documents/pod-document.ts';
import { isWellKnownEndpoint } from '../../src/publish/documents/well-known-endpoint.ts';
import { DEEP_POD } from './deep-pod.ts';
import { report } from './report-builder.ts';

const REPORT = report({ sandboxes: [DEEP_POD.view] });

test.each([
  ['unix:///run/containerd/containerd.sock', ''],
  ['unix:///host/run/k3s/containerd/containerd.sock', ''],
  ['unix:///tmp/lab/containerd.sock', ' --runtime-endpoint unix:///tmp/lab/containerd.sock'],
])('Our own commands name the runtime %s as far as they must', (runtimeEndpoint, flags) => {
  const view = { ...DEEP_POD.view, pauseHealth: 'alive', runtimeEndpoint } as const;
  const commands = podDocument(REPORT, [{ ...DEEP_POD, view }], '').sandboxes[0]?.commands.map(
    ({ command }) => command,
  );
  expect(commands?.slice(0, 2)).toEqual([
    `pausewatch inspect c0ffee0000000${flags}`,
    `pausewatch-enter c0ffee0000000${flags}`,
  ]);
});

test('The sockets that need not be named are those that detection tries', () => {
  const source = readFileSync('src/runtime/detect.ts', 'utf8');
  const tried = [...source.matchAll(/^ {2}\['(.+\.sock)', \w+\],$/gm)].map(([, socket]) => socket);
  expect(tried.length).toBeGreaterThan(3);
  for (const socket of tried) expect(isWellKnownEndpoint(`unix:///run/${socket}`)).toBe(true);
});
