/** What runs as pause, or under its name: strange programs, busy ones, and OOM scores, on real pods. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createExeHasher } from '../../src/kernel/processes/exe-hasher.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { allFindings, type FindingJson, findingIds, sandboxOf } from './document.ts';
import { type RunningAgent, scanDocument, startAgent } from './program.ts';

const APP = { name: 'app', command: ['zoo', 'reaper'] };
const ODD = 'registry.k8s.io/pause:3.77';
const BUSY = 'registry.k8s.io/pause:3.78';

let lab: Lab;
let agent: RunningAgent;

beforeAll(async () => {
  lab = await startLab();
  const zoo = readFileSync(lab.programs.zoo);
  await lab.importImages([
    { reference: ODD, files: [{ path: 'odd', content: zoo }], entrypoint: ['/odd', 'reaper'] },
    { reference: BUSY, files: [{ path: 'pause', content: zoo }], entrypoint: ['/pause', 'spin'] },
  ]);
  await lab.runPod({ name: 'sound', containers: [APP] });
  agent = await startAgent(lab, '--audit.interval', '2s', '--settle', '1s');
});

afterAll(async () => {
  await agent?.stop();
  await lab?.close();
});

async function findingOf(pod: string, id: string): Promise<FindingJson | undefined> {
  return sandboxOf(await scanDocument(lab), pod).findings.find((finding) => finding.id === id);
}

test('The pauses of two pods of one image are one file to hash, though each sees it on a device of its own', async () => {
  const pods = [
    await lab.runPod({ name: 'one', containers: [APP] }),
    await lab.runPod({ name: 'two', containers: [APP] }),
  ];
  const files = pods.map(({ pausePid }) => `/proc/${pausePid}/exe`);
  const [one, two] = files.map((file) => statSync(file).dev);
  expect(one).not.toBe(two);
  const hasher = createExeHasher();
  const [first, second] = [await hasher.hash(files[0] ?? ''), await hasher.hash(files[1] ?? '')];
  expect(first).toMatchObject({ value: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) } });
  expect(second).toEqual(first);
  await Promise.all(pods.map((pod) => pod.remove()));
});

test('A pause image with another program: named with its path and its hash, which differs from that of the others', async () => {
  const pod = await lab.runPod({ name: 'odd', pauseImage: ODD, containers: [APP] });
  const finding = await findingOf('odd', 'pause-unexpected-binary');
  expect(finding).toMatchObject({ severity: 'warning', evidence: { pausePid: pod.pausePid, exe: '/odd', image: ODD } });
  expect(finding?.remedy).toMatch(/pauseCommands in the policy/);
  const document = await scanDocument(lab);
  const [odd, sound] = [sandboxOf(document, 'odd').pause?.exeSha256, sandboxOf(document, 'sound').pause?.exeSha256];
  expect(finding?.evidence['exeSha256']).toBe(odd);
  expect(odd).toMatch(/^[0-9a-f]{64}$/);
  expect(sound).not.toBe(odd);
  expect(findingIds(document, 'sound')).toEqual([]);
  await pod.remove();
  expect(allFindings(await scanDocument(lab)).map(({ id }) => id)).not.toContain('pause-unexpected-binary');
});

test('A pause that spins: its CPU time is told, confirmed, and gone with the pod', async () => {
  const pod = await lab.runPod({ name: 'busy', pauseImage: BUSY, containers: [APP] });
  const seen = await agent.until(
    (document) =>
      document.sandboxes.some(
        ({ name, findings }) =>
          name === 'busy' && findings.some(({ id, confirmed }) => id === 'pause-cpu-usage' && confirmed),
      ),
    30_000,
  );
  const finding = sandboxOf(seen, 'busy').findings.find(({ id }) => id === 'pause-cpu-usage');
  expect(finding).toMatchObject({ severity: 'warning', evidence: { pausePid: pod.pausePid, exe: '/pause' } });
  expect(finding?.evidence['cpuPercent']).toBeGreaterThan(5);
  expect(finding?.remedy).toContain(`/proc/${pod.pausePid}/wchan`);
  expect(findingIds(seen, 'sound')).toEqual([]);
  await pod.remove();
  await agent.until((document) => !allFindings(document).some(({ id }) => id === 'pause-cpu-usage'), 30_000);
});

test('A container called pause that works is an impostor; an idle one is a placeholder', async () => {
  const pod = await lab.runPod({ name: 'placeholder', containers: [{ name: 'pause', command: ['zoo', 'reaper'] }] });
  expect(findingIds(await scanDocument(lab), 'placeholder')).toEqual([]);
  const miner = await pod.addContainer({ name: 'Pause', command: ['zoo', 'threads', '3', '--', 'spin'] });
  expect(await findingOf('placeholder', 'pause-impersonation')).toMatchObject({
    severity: 'critical',
    subject: { kind: 'container', container: 'Pause' },
    evidence: { pid: miner.pid, calledPauseBy: ['name'], threads: 4 },
  });
  process.kill(miner.pid, 'SIGKILL');
  await agent.until((document) => findingIds(document, 'placeholder').length === 0, 30_000);
  expect(findingIds(await scanDocument(lab), 'placeholder')).toEqual([]);
  await pod.remove();
});

test('An oom_score_adj of pause that somebody raised is told with the containers it stands behind', async () => {
  const pod = await lab.runPod({ name: 'raised', containers: [APP] });
  const score = `/proc/${pod.pausePid}/oom_score_adj`;
  const before = readFileSync(score, 'utf8');
  writeFileSync(score, '1000');
  const finding = await findingOf('raised', 'pause-oom-score-adj');
  expect(finding).toMatchObject({
    severity: 'warning',
    evidence: { oomScoreAdj: 1000, expected: -998, explainedBy: null, notAbove: [expect.stringMatching(/^app \(/)] },
  });
  expect(finding?.remedy).toContain(score);
  writeFileSync(score, before);
  expect(findingIds(await scanDocument(lab), 'raised')).toEqual([]);
  await pod.remove();
});
