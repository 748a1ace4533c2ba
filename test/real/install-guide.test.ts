/** Who follows docs/install.md gets what it says: its blocks are taken from the page and executed. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { parseRequest } from '../../src/config/parse.ts';
import { build, daemonSetOf } from '../deploy/kustomize.ts';
import { type Manifest, mistakesIn } from '../deploy/manifest-check.ts';

/** A block of docs/install.md, with a digest where it leaves one out. */
function shown(pattern: RegExp): string {
  const found = pattern.exec(readFileSync('docs/install.md', 'utf8'))?.[1];
  if (found === undefined) throw new Error(`docs/install.md shows nothing like ${pattern}`);
  return found.replace('sha256:...', `sha256:${'a'.repeat(64)}`);
}

const SHOWN_IMAGE = `registry.example.org/pausewatch@sha256:${'a'.repeat(64)}`;

test('The kustomization that docs/install.md shows builds, with its image, flags and policy file', async () => {
  const root = mkdtempSync(join(tmpdir(), 'pausewatch-install-'));
  try {
    cpSync('deploy/kustomize', join(root, 'deploy/kustomize'), { recursive: true });
    const mine = join(root, 'my-pausewatch');
    mkdirSync(mine);
    const kustomization = shown(/cat > my-pausewatch\/kustomization\.yaml <<'END'\n([\s\S]*?)END\n/);
    writeFileSync(
      join(mine, 'kustomization.yaml'),
      kustomization + shown(/^```\n(configMapGenerator:\n[\s\S]*?)```$/m),
    );
    cpSync('deploy/policy.example.yaml', join(mine, 'policy.yaml'));
    const manifests = await build(mine);
    expect(manifests.flatMap((manifest) => mistakesIn(manifest) ?? [manifest.kind])).toEqual([]);
    expect(manifests.map(({ kind }) => kind)).toContain('PodMonitor');
    const { spec } = daemonSetOf(manifests).spec.template;
    const [{ image, args, volumeMounts }] = spec.containers;
    expect(image).toBe(SHOWN_IMAGE);
    const directory = volumeMounts.find(({ name }) => name === 'policy')?.mountPath ?? 'nowhere';
    const words = args.map((word) => word.replace(directory, mine));
    expect(parseRequest(words, {})).toMatchObject({
      kind: 'run',
      config: { pidMax: 4_194_304, policy: expect.anything() },
    });
    // With a hash of the file in its name, so that a new policy is rolled out.
    const policy = manifests.find(({ metadata }) => metadata.name.startsWith('pausewatch-policy-'));
    expect(spec.volumes).toContainEqual({ name: 'policy', configMap: { name: policy?.metadata.name } });
  } finally {
    rmSync(root, { recursive: true });
  }
});

test('The command that docs/install.md shows puts an image into the one file', () => {
  const [command = ''] = shown(/^(sed .*deploy\/pausewatch\.yaml) \| kubectl/m).split(' | ');
  const objects = parseAllDocuments(execFileSync('sh', ['-c', command], { encoding: 'utf8' }));
  const daemonSet = daemonSetOf(objects.map((it) => it.toJS() as Manifest));
  expect(daemonSet.spec.template.spec.containers[0].image).toBe(SHOWN_IMAGE);
});

test('The command that docs/install.md shows puts the place of the runbooks into every file that links to them', () => {
  const command = shown(/^(sed -i [^`]*)$/m);
  const linking = execFileSync('grep', [
    '-rl',
    'https://pausewatch.example/docs',
    'deploy',
    '--include=*.yaml',
    '--include=*.json',
  ]);
  const paths = command.split(/\s+/).filter((word) => word.startsWith('deploy/'));
  expect(paths.toSorted()).toEqual(String(linking).trim().split('\n').toSorted());
});

test('docs/install.md lists every overlay', () => {
  const listed = [
    ...readFileSync('docs/install.md', 'utf8').matchAll(/^\| `([a-z0-9-]+)` \| (?:containerd|CRI-O|k3s|Docker)/gm),
  ];
  expect(listed.map(([, name = '']) => name).toSorted()).toEqual(
    ['base', ...readdirSync('deploy/kustomize/overlays')].toSorted(),
  );
});
