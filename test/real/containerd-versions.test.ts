/** The same pods on newer containerds than the host's own, from other Debian releases, run with the host's runc. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { type Lab, startLab } from '../lab/lab.ts';
import { takeTraces } from '../lab/traces.ts';
import { allFindings, findingIds, sandboxOf } from './document.ts';
import { scanDocument, startAgent } from './program.ts';

/** Release and the generation of its containerd. */
const SUITES = [
  ['trixie', /^1\.7\./],
  ['forky', /^2\.\d/],
] as const;

/** A container per pod that looks after its children. */
const APP = { name: 'app', command: ['zoo', 'reaper'] };

/** Without the release in the archive there is nothing to test: said by name, never counted as passed. */
async function startOrSay(suite: string): Promise<Lab | string> {
  try {
    return await startLab({ containerdSuite: suite });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (!message.startsWith('apt could not fetch')) throw error;
    return `the archive has no containerd of ${suite}: ${message}`;
  }
}

/** Pods of every kind: silence, and everything known. */
async function auditAll(lab: Lab, version: RegExp): Promise<void> {
  const [own] = await Promise.all([
    lab.runPod({ name: 'own', containers: [APP] }),
    lab.runPod({ name: 'shared', pidMode: 'pod', containers: [{ name: 'app', command: ['zoo', 'orphans', '3'] }] }),
    lab.runPod({ name: 'static', annotations: { 'kubernetes.io/config.source': 'file' }, containers: [APP] }),
    lab.runPod({ name: 'host', pidMode: 'node', containers: [APP] }),
  ]);
  const document = await scanDocument(lab);
  expect(document.runtimes).toMatchObject([{ name: 'containerd', up: true }]);
  const [runtime] = document.runtimes;
  expect(runtime?.version).toMatch(version);
  expect(runtime?.conditions.map(({ type }) => type)).toContain('ContainerdHasNoDeprecationWarnings');
  expect(allFindings(document).filter(({ severity }) => severity !== 'info')).toEqual([]);
  expect(sandboxOf(document, 'own').pause).toMatchObject({ pid: own.pausePid, state: 'S', reaps: 'yes' });
  const kinds = document.sandboxes.map(({ name, pidMode, isStatic }) => [name, pidMode, isStatic]);
  expect(kinds).toEqual([
    ['host', 'node', false],
    ['own', 'container', false],
    ['shared', 'pod', false],
    ['static', 'container', true],
  ]);
  for (const { image } of document.sandboxes) expect(image?.ref).toBe('registry.k8s.io/pause:3.9');
}

describe.each(SUITES)('containerd of %s', (suite, version) => {
  const before = takeTraces();
  let lab: Lab | undefined;
  afterAll(async () => {
    await lab?.close();
  });

  test('is audited like any other, and its litter is nobody’s alarm', async ({ skip }) => {
    const started = await startOrSay(suite);
    if (typeof started === 'string') {
      skip(started);
    } else {
      lab = started;
      await auditAll(lab, version);
    }
  });

  test('a pause that is killed is found, and the pod is nobody’s when it is removed', async ({ skip }) => {
    skip(lab === undefined, `no containerd of ${suite}`);
    if (lab === undefined) return;
    const agent = await startAgent(lab, '--audit.interval', '2s', '--settle', '1s');
    const pod = await lab.runPod({ name: 'doomed', containers: [APP] });
    await agent.until(({ sandboxes }) => sandboxes.some(({ name, pause }) => name === 'doomed' && pause !== null));
    process.kill(pod.pausePid, 'SIGKILL');
    await agent.until((document) => findingIds(document, 'doomed').includes('pause-dead-containers-running'), 20_000);
    await pod.remove();
    await agent.until(({ sandboxes }) => !sandboxes.some(({ name }) => name === 'doomed'), 20_000);
    expect(await agent.stop()).toBe(0);
  });

  test('nothing of it stays behind', async ({ skip }) => {
    skip(lab === undefined, `no containerd of ${suite}`);
    if (lab === undefined) return;
    await lab.close();
    lab = undefined;
    for (let i = 0; i < 50 && JSON.stringify(takeTraces()) !== JSON.stringify(before); i++) await sleep(100);
    expect(takeTraces()).toEqual(before);
  });
});
