/** Pause images that are missing, misnamed or not the configured one, on a real containerd. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lab, PAUSE_IMAGES, startLab } from '../lab/lab.ts';
import { aboveInfo, type FindingJson, type SandboxesDocument } from './document.ts';
import { type RunningAgent, scanDocument, startAgent } from './program.ts';

const APP = { name: 'app', command: ['zoo', 'reaper'] };

let lab: Lab;
let agent: RunningAgent;

beforeAll(async () => {
  lab = await startLab();
  agent = await startAgent(lab, '--audit.interval', '2s', '--settle', '1s');
});

afterAll(async () => {
  await agent?.stop();
  await lab?.close();
});

function imageFinding({ nodeFindings }: SandboxesDocument, id: string): FindingJson | undefined {
  return nodeFindings.find((finding) => finding.id === id);
}

async function found(id: string): Promise<FindingJson | undefined> {
  return imageFinding(await scanDocument(lab), id);
}

/** Starts containerd with another pause image, and no pod. */
async function configure(image: string): Promise<void> {
  await lab.containerd.stop();
  await lab.containerd.start(image);
}

test('A containerd too old to pin says nothing of pins: one fact about the runtime, and no image is called unpinned', async () => {
  const pod = await lab.runPod({ name: 'plain', containers: [APP] });
  const { nodeFindings } = await scanDocument(lab);
  expect(nodeFindings.map(({ id, severity }) => [id, severity])).toEqual([['runtime-info-incomplete', 'info']]);
  expect(nodeFindings[0]?.evidence).toMatchObject({ missing: ['whether images are pinned'] });
  await pod.remove();
});

test('A pause image removed together with another: the agent says when it last saw it and what went with it', async () => {
  const [image, other] = ['registry.example/pause:3.9', 'registry.example/other:1'];
  await lab.addPauseImage(image, 'reaps');
  await lab.addPauseImage(other, 'reaps');
  const pod = await lab.runPod({ name: 'witness', pauseImage: image, containers: [APP] });
  await agent.until(({ sandboxes }) => sandboxes.some(({ name }) => name === 'witness'), 30_000);
  await Promise.all([lab.cri.removeImage(image), lab.cri.removeImage(other)]);
  const seen = await agent.until((document) => imageFinding(document, 'pause-image-missing') !== undefined, 30_000);
  const finding = imageFinding(seen, 'pause-image-missing');
  expect(finding).toMatchObject({
    severity: 'critical',
    evidence: {
      image,
      configured: true,
      wasPinned: false,
      lastImageId: expect.stringMatching(/^sha256:/),
      sandboxes: 1,
    },
  });
  expect(finding?.evidence['goneWith']).toBeOneOf([0, 1]);
  expect(finding?.summary).toMatch(/it was last seen \d+ s ago/);
  await lab.addPauseImage(image, 'reaps');
  await agent.until((document) => imageFinding(document, 'pause-image-missing') === undefined, 30_000);
  await pod.remove();
});

test('Another image configured: a mismatch until the next pod starts, and only a change to one who saw it', async () => {
  const pod = await lab.runPod({ name: 'older', pauseImage: PAUSE_IMAGES.reaps, containers: [APP] });
  await agent.until(({ sandboxes }) => sandboxes.some(({ name }) => name === 'older'), 30_000);
  await configure(PAUSE_IMAGES.oldRegistry);
  expect(await found('pause-image-config-mismatch')).toMatchObject({
    severity: 'warning',
    evidence: {
      image: PAUSE_IMAGES.oldRegistry,
      running: PAUSE_IMAGES.reaps,
      newestPod: 'default/older',
      madeUnderThisConfig: null,
      sandboxesOnConfigured: 0,
      sandboxesOnOthers: 1,
    },
  });
  const seen = await agent.until((it) => imageFinding(it, 'pause-image-config-mismatch') !== undefined, 30_000);
  expect(imageFinding(seen, 'pause-image-config-mismatch')).toMatchObject({
    severity: 'info',
    evidence: { madeUnderThisConfig: false },
    remedy: expect.stringMatching(/^Nothing is broken/),
  });
  const newer = await lab.runPod({ name: 'newer', pauseImage: PAUSE_IMAGES.oldRegistry, containers: [APP] });
  expect(await found('pause-image-config-mismatch')).toBeUndefined();
  await newer.remove();
  await pod.remove();
});

test('A short name in the configuration is told, and gone when it is written in full', async () => {
  await lab.addPauseImage('docker.io/library/pause:3.9', 'reaps');
  await configure('pause:3.9');
  expect(await found('pause-image-unqualified')).toMatchObject({
    severity: 'info',
    evidence: { image: 'pause:3.9', lacks: ['registry'], refused: false },
  });
  expect(aboveInfo((await scanDocument(lab)).nodeFindings)).toEqual([]);
  await configure(PAUSE_IMAGES.reaps);
  expect(await found('pause-image-unqualified')).toBeUndefined();
});

test('An image of nobody that is known is a fact; upstream’s is none', async () => {
  const image = 'registry.example/mirror/pause:3.9';
  await lab.addPauseImage(image, 'reaps');
  const pod = await lab.runPod({ name: 'mirrored', pauseImage: image, containers: [APP] });
  expect(await found('pause-image-unrecognized')).toMatchObject({
    severity: 'info',
    subject: { kind: 'image', image },
    evidence: { why: 'unknown-repository', sandboxes: 1, pods: ['default/mirrored'] },
  });
  await pod.remove();
  await configure(PAUSE_IMAGES.reaps);
  expect(await found('pause-image-unrecognized')).toBeUndefined();
});

test('The frozen registry: a version that was never published there is told to be out of reach', async () => {
  const image = 'k8s.gcr.io/pause:3.10';
  await lab.addPauseImage(image, 'reaps');
  const pod = await lab.runPod({ name: 'frozen', pauseImage: image, containers: [APP] });
  expect(await found('pause-image-legacy-registry')).toMatchObject({
    severity: 'warning',
    evidence: { publishedThere: false, replacement: 'registry.k8s.io/pause:3.10' },
  });
  await pod.remove();
});

test('The kubelet’s version comes from the policy: another pause than kubeadm’s for it is a fact, until the node runs that one', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'pausewatch-policy-'));
  try {
    const policy = join(directory, 'policy.yaml');
    writeFileSync(policy, 'kubeletVersion: "1.31.2"\n');
    const skew = async () => imageFinding(await scanDocument(lab, '--policy.file', policy), 'pause-image-version-skew');
    const pod = await lab.runPod({ name: 'skewed', pauseImage: PAUSE_IMAGES.reaps, containers: [APP] });
    expect(await skew()).toMatchObject({
      severity: 'info',
      subject: { kind: 'image', image: PAUSE_IMAGES.reaps },
      evidence: { version: '3.9', expected: '3.10', kubeletVersion: '1.31.2', configured: true, sandboxes: 1 },
    });
    await pod.remove();
    const image = 'registry.k8s.io/pause:3.10';
    await lab.addPauseImage(image, 'reaps');
    const newer = await lab.runPod({ name: 'level', pauseImage: image, containers: [APP] });
    expect(await skew()).toBeUndefined();
    await newer.remove();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
