/** Pins, on a containerd that can pin (1.7, of another Debian release). */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lab, startLab } from '../lab/lab.ts';
import { scanDocument } from './program.ts';

const IMAGE = 'registry.k8s.io/pause:3.8';

let lab: Lab;

beforeAll(async () => {
  lab = await startLab({ containerdSuite: 'trixie' });
});

afterAll(() => lab?.close());

async function nodeFindings() {
  return (await scanDocument(lab)).nodeFindings;
}

test('An image that was there before it was configured is not pinned, until somebody does as the remedy says', async () => {
  await lab.addPauseImage(IMAGE, 'reaps');
  const pod = await lab.runPod({
    name: 'web',
    pauseImage: IMAGE,
    containers: [{ name: 'app', command: ['zoo', 'reaper'] }],
  });
  expect(await nodeFindings()).toMatchObject([
    {
      id: 'pause-image-unpinned',
      severity: 'warning',
      evidence: { image: IMAGE, configured: true, pullable: true },
      remedy: expect.stringContaining('io.cri-containerd.pinned=pinned'),
    },
  ]);
  // Importing it again may not do: this containerd was seen to leave what it knew already as it was.
  await lab.containerd.ctr(['images', 'label', IMAGE, 'io.cri-containerd.pinned=pinned']);
  await lab.containerd.stop();
  await lab.containerd.start();
  await expect.poll(nodeFindings, { timeout: 20_000 }).toEqual([]);
  await pod.remove();
});
