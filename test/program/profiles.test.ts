/**
 * A node of every runtime of the contract: recorded as `record` does it, through the adapter that is asked in the node's life, and
 * every output over that recording. The recordings are in test/recording/fixtures/nodes; `npm run golden` writes them anew.
 */
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { PROFILES, type Profile } from '../runtime/contract/profiles.ts';
import { makeNodeFiles } from './node-files.ts';
import { ensureBuilt, runProgram } from './program.ts';

beforeAll(ensureBuilt, 60_000);

/** When the looks were taken, as far as the recordings say: 75 minutes after the pods were made. */
const TAKEN_AT_MS = 1_795_400_700_000;

/** Where the sockets of the profiles are on a node. */
const SOCKETS: Readonly<Record<string, string>> = {
  'containerd 1.6': '/run/containerd/containerd.sock',
  'containerd 1.7': '/run/containerd/containerd.sock',
  'containerd 2.1': '/run/containerd/containerd.sock',
  'CRI-O': '/run/crio/crio.sock',
  'CRI-O, infra kept': '/run/crio/crio.sock',
  'cri-dockerd': '/run/cri-dockerd.sock',
  'Docker Engine 28.5': '/run/docker.sock',
};

/** The name of a profile's files. */
function fileOf({ name }: Profile): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9.]+/g, '-');
}

/** Time between the two looks, as far as the recordings say. */
const SETTLE_MS = 2000;

/** A recording without the moments of this run and the version of this program; one line for each process, pod and image. */
function steadyRecording(text: string): string {
  const recording = JSON.parse(text) as { readonly looks: readonly unknown[] };
  const looks = recording.looks.map((look, at) => {
    const moment = TAKEN_AT_MS + at * SETTLE_MS;
    return JSON.parse(JSON.stringify(look), (key, value: unknown) =>
      key === 'takenAtMs' || key === 'answeredAtMs' ? moment : value,
    ) as unknown;
  });
  const steady = JSON.stringify({ ...recording, toolVersion: undefined, settleMs: SETTLE_MS, looks });
  return `${steady.replaceAll('},{"', '},\n{"')}\n`;
}

/** Lines that can be read, without what the build says of itself. */
function steadyOutput(text: string): string {
  const lines = text.startsWith('{') ? `${JSON.stringify(JSON.parse(text), undefined, 2)}\n` : text;
  return lines.replaceAll(/^(pausewatch_(?:build|policy)_info)\{[^}]*\}/gm, '$1{…}');
}

describe.each(PROFILES)('$name', { timeout: 120_000 }, (profile) => {
  test('a node is recorded, and every output over the recording is what it was', async () => {
    const { door, kernel } = await profile.start();
    const { root, flags, write } = makeNodeFiles(kernel);
    const recorded = await runProgram(['record', `--runtime-endpoint=unix://${door.socket}`, ...flags]);
    expect([recorded.code, recorded.stderr]).toEqual([0, '']);
    const text = steadyRecording(
      recorded.stdout.replaceAll(door.socket, SOCKETS[profile.name] ?? '').replaceAll(root, ''),
    );
    await expect(text).toMatchFileSnapshot(`../recording/fixtures/nodes/${fileOf(profile)}.json`);
    // The same bytes as the file that it was just compared with, or that is about to be written.
    write('node.json', text);
    const outputs = [
      ['table', 'txt'],
      ['json', 'json.golden'],
      ['prometheus', 'prom'],
    ] as const;
    for (const [output, ending] of outputs) {
      const flagsOf = ['-o', output, '--fail-on=never'];
      const run = await runProgram(['replay', join(root, 'node.json'), ...flagsOf], { COLUMNS: '80' });
      expect(run.code).toBe(0);
      // What could not be judged goes to the other stream; people see both.
      const shown = output === 'table' ? run.stderr + run.stdout : run.stdout;
      await expect(steadyOutput(shown)).toMatchFileSnapshot(`golden/nodes/${fileOf(profile)}.${ending}`);
    }
  });
});
