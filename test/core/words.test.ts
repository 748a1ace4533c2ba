/** Sentences whose evidence cannot be had from a snapshot of this test's making alone, read as they stand. */
import { expect, test } from 'vitest';
import type { Evidence, Finding } from '../../src/core/finding.ts';
import { explain } from '../../src/core/words/explain.ts';

const found = (id: Finding['id'], evidence: Evidence): Finding => ({
  id,
  severity: 'warning',
  confirmed: true,
  sinceMs: 0,
  atLeast: false,
  subject: { kind: 'sandbox', namespace: 'shop', pod: 'web' },
  evidence,
});
const UNDER_PAUSE = { pausePid: 1001, zombies: 3, exe: '/pause', handlesChild: null, signalsCaught: null };

test('Zombies under the pause of a pod that does not share: whoever entered its namespaces left them', () => {
  const image = 'k8s.gcr.io/pause:3.0';
  const { summary, remedy } = explain(found('pause-not-reaping', { ...UNDER_PAUSE, image, sharedPidNamespace: false }));
  expect(summary).toMatch(/^3 zombies under pause .*which does not reap; the pod does not share its PID namespace/);
  expect(summary).toMatch(/left by whoever entered that of pause\.$/);
  expect(remedy).toMatch(/^The containers are innocent\. .*--ppid 1001.*pause 3\.1 or later/);
  expect(remedy).not.toMatch(/shareProcessNamespace|init inside a container/);
});

test('A pause whose mask was not read and whose image has no version of upstream gets a newer image', () => {
  const image = 'localhost/kubernetes/pause';
  const { remedy } = explain(found('pause-not-reaping', { ...UNDER_PAUSE, image, sharedPidNamespace: true }));
  expect(remedy).toMatch(/^Set the sandbox image to pause 3\.1 or later/);
});
