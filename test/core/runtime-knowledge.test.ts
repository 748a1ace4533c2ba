/** What is known of versions of runtimes: where to go from a faulty one. */
import { expect, test } from 'vitest';
import { firstSoundVersion, knownFaults } from '../../src/core/runtime-knowledge.ts';

const containerd = (version: string) => ({ flavour: 'containerd', version }) as const;

test('From every faulty version the way leads to one of its own line without any known fault', () => {
  const lines = ['1.6', '1.7', '2.0', '2.1', '2.2', '2.3'];
  const versions = lines.flatMap((line) => Array.from({ length: 60 }, (_, patch) => `${line}.${patch}`));
  const faulty = versions.filter((version) => knownFaults(containerd(version)).length > 0);
  expect(faulty).toEqual(expect.arrayContaining(['1.6.10', '1.6.29', '1.6.35', '1.7.14', '1.7.21', '2.3.3']));
  for (const version of faulty) {
    const sound = firstSoundVersion(containerd(version)) ?? '';
    expect(knownFaults(containerd(sound)), `${version} → ${sound}`).toEqual([]);
    expect(sound.split('.').slice(0, 2)).toEqual(version.split('.').slice(0, 2));
  }
});

test('A version without a known fault, and a runtime of which none is known, are left as they are', () => {
  expect(firstSoundVersion(containerd('1.7.24~ds1'))).toBeUndefined();
  expect(firstSoundVersion(containerd('unversioned'))).toBeUndefined();
  expect(firstSoundVersion({ flavour: 'cri-o', version: '1.7.14' })).toBeUndefined();
});

test.each([
  ['1.7.14', 2],
  ['1.7.15', 1],
  ['1.6.31', 1],
  ['1.6.36', 0],
])('containerd %s has %i known faults (cases 27 and 33)', (version, count) => {
  expect(knownFaults(containerd(version))).toHaveLength(count);
});
