/** The manifests are what Kubernetes takes, ask for the least, and combine. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { build, buildText, daemonSetOf, kustomizeProgram } from '../deploy/kustomize.ts';
import { type Manifest, mistakesIn } from '../deploy/manifest-check.ts';

const OVERLAYS = readdirSync('deploy/kustomize/overlays').toSorted();

test('There is an overlay for every component', () => {
  expect(OVERLAYS).toEqual(readdirSync('deploy/kustomize/components').toSorted());
  expect(OVERLAYS).toEqual(['canary', 'crio', 'docker', 'k3s', 'no-ptrace', 'openshift', 'prometheus-operator']);
});

test.each(OVERLAYS)('Every object of overlay %s satisfies the schema of its kind', async (overlay) => {
  const manifests = await build(join('deploy/kustomize/overlays', overlay));
  expect(manifests.length).toBeGreaterThanOrEqual(4);
  const judged = manifests.map((manifest) => [manifest.kind, mistakesIn(manifest)]);
  const unjudged = judged.filter(([, mistakes]) => mistakes === undefined).map(([kind]) => kind);
  expect(judged.filter(([, mistakes]) => mistakes !== undefined && mistakes.length > 0)).toEqual([]);
  expect(unjudged).toEqual(overlay === 'openshift' ? ['SecurityContextConstraints'] : []);
});

test('The check of objects finds a misspelt field, a wrong value and a missing one', async () => {
  const text = await buildText('deploy/kustomize/base');
  const wrongs = [
    ['readOnlyRootFilesystem:', 'readOnlyRootFileSystem:', '/readOnlyRootFileSystem: no such field'],
    ['minReadySeconds: 30', 'minReadySeconds: soon', 'minReadySeconds'],
    ['  selector:\n    matchLabels', '  choice:\n    matchLabels', 'selector'],
  ] as const;
  for (const [from, to, complaint] of wrongs) {
    expect(text).toContain(from);
    const daemonSet = text.split('\n---\n').find((part) => part.includes('kind: DaemonSet')) ?? '';
    const mistakes = mistakesIn(parse(daemonSet.replace(from, to)) as Manifest) ?? [];
    expect(mistakes.join('\n')).toContain(complaint);
  }
});

test('deploy/pausewatch.yaml, for kubectl apply -f, is the base as it is', async () => {
  const text = await buildText('deploy/kustomize/base');
  await expect(`# Generated from deploy/kustomize/base.\n${text}`).toMatchFileSnapshot('../../deploy/pausewatch.yaml');
});

test('The base asks for one capability, three read-only mounts and nothing of the host but them', async () => {
  const { spec } = daemonSetOf(await build('deploy/kustomize/base')).spec.template;
  const [container] = spec.containers;
  expect([spec.hostPID, spec.hostNetwork, spec.hostIPC]).toEqual([undefined, undefined, undefined]);
  expect(spec.automountServiceAccountToken).toBe(false);
  expect(spec.securityContext.seccompProfile).toEqual({ type: 'RuntimeDefault' });
  expect(container.securityContext).toMatchObject({
    privileged: false,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'], add: ['SYS_PTRACE'] },
  });
  expect(container.volumeMounts.every(({ readOnly }) => readOnly)).toBe(true);
  expect(container.volumeMounts.map(({ recursiveReadOnly }) => recursiveReadOnly)).toEqual(Array(3).fill('IfPossible'));
  expect(spec.volumes.map(({ hostPath }) => hostPath.path)).toEqual(['/proc', '/sys/fs/cgroup', '/run/containerd']);
});

test('The observer stays alive when the runtime does not: liveness asks for the loop only', async () => {
  const [container] = daemonSetOf(await build('deploy/kustomize/base')).spec.template.spec.containers;
  expect(container.livenessProbe.httpGet.path).toBe('/healthz');
  expect(container.readinessProbe.httpGet.path).toBe('/readyz');
});

test.each([
  ['crio', '/run/crio'],
  ['k3s', '/run/k3s/containerd'],
  ['docker', '/run'],
  ['openshift', '/run/crio'],
] as const)("Overlay %s mounts %s in place of containerd's directory", async (overlay, path) => {
  const { spec } = daemonSetOf(await build(`deploy/kustomize/overlays/${overlay}`)).spec.template;
  const [container] = spec.containers;
  const paths = spec.volumes.map(({ hostPath }) => hostPath.path).toSorted();
  expect(paths).toEqual(['/proc', '/sys/fs/cgroup', path].toSorted());
  expect(container.volumeMounts.find(({ name }) => name === 'runtime')).toEqual({
    name: 'runtime',
    mountPath: `/host${path}`,
    readOnly: true,
    recursiveReadOnly: 'IfPossible',
  });
});

test('Without ptrace there is no capability at all, and the AppArmor profile is kept', async () => {
  const [container] = daemonSetOf(await build('deploy/kustomize/overlays/no-ptrace')).spec.template.spec.containers;
  expect(container.securityContext.capabilities).toEqual({ drop: ['ALL'] });
  expect(container.securityContext.appArmorProfile).toEqual({ type: 'RuntimeDefault' });
});

test('The constraint of OpenShift allows what the DaemonSet asks for and no more', async () => {
  const manifests = await build('deploy/kustomize/overlays/openshift');
  const { spec } = daemonSetOf(manifests).spec.template;
  const [container] = spec.containers;
  const constraint = manifests.find(({ kind }) => kind === 'SecurityContextConstraints');
  expect(constraint).toMatchObject({
    allowHostDirVolumePlugin: true,
    allowHostNetwork: false,
    allowHostPID: false,
    allowPrivilegedContainer: false,
    allowedCapabilities: container.securityContext.capabilities.add,
    requiredDropCapabilities: container.securityContext.capabilities.drop,
    readOnlyRootFilesystem: container.securityContext.readOnlyRootFilesystem,
    volumes: ['hostPath'],
  });
  expect(container.securityContext.seLinuxOptions).toEqual({ type: 'spc_t' });
  const binding = manifests.find(({ kind }) => kind === 'RoleBinding');
  expect(binding).toMatchObject({ subjects: [{ name: 'pausewatch', namespace: 'pausewatch' }] });
});

test('Only labelled nodes get the canary', async () => {
  const { spec } = daemonSetOf(await build('deploy/kustomize/overlays/canary')).spec.template;
  expect(spec.nodeSelector).toEqual({ 'kubernetes.io/os': 'linux', 'pausewatch/canary': 'true' });
});

test('The PodMonitor relabels as the plain scrape configuration does', async () => {
  const manifests = await build('deploy/kustomize/overlays/prometheus-operator');
  const monitor = manifests.find(({ kind }) => kind === 'PodMonitor') as Manifest & {
    readonly spec: {
      readonly podMetricsEndpoints: readonly {
        readonly honorLabels: boolean;
        readonly relabelings: readonly Readonly<Record<string, unknown>>[];
      }[];
    };
  };
  const plain = parse(readFileSync('deploy/prometheus/scrape.yaml', 'utf8')) as {
    readonly scrape_configs: readonly { readonly relabel_configs: readonly Readonly<Record<string, unknown>>[] }[];
  };
  const [endpoint] = monitor.spec.podMetricsEndpoints;
  expect(endpoint?.honorLabels).toBe(true);
  const inSnakeCase = endpoint?.relabelings.map((rule) =>
    Object.fromEntries(
      Object.entries(rule).map(([key, value]) => [key.replaceAll(/[A-Z]/g, (it) => `_${it.toLowerCase()}`), value]),
    ),
  );
  expect(inSnakeCase).toEqual(plain.scrape_configs[0]?.relabel_configs.slice(1));
});

test('Components combine, and an image is set by its digest', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'pausewatch-kustomize-'));
  try {
    cpSync('deploy/kustomize', directory, { recursive: true });
    const mine = join(directory, 'mine');
    mkdirSync(mine);
    const components = ['crio', 'no-ptrace', 'canary', 'prometheus-operator'].map((name) => `../components/${name}`);
    const kustomization = {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      resources: ['../base'],
      components,
    };
    writeFileSync(join(mine, 'kustomization.yaml'), stringify(kustomization));
    const image = `registry.example.org/pausewatch@sha256:${'0'.repeat(64)}`;
    execFileSync(await kustomizeProgram(), ['edit', 'set', 'image', `pausewatch=${image}`], { cwd: mine });
    const manifests = await build(mine);
    expect(manifests.flatMap((manifest) => mistakesIn(manifest) ?? [manifest.kind])).toEqual([]);
    const { spec } = daemonSetOf(manifests).spec.template;
    expect(spec.containers[0].image).toBe(image);
    expect(spec.nodeSelector['pausewatch/canary']).toBe('true');
    expect(spec.containers[0].securityContext.capabilities).toEqual({ drop: ['ALL'] });
    expect(spec.volumes.map(({ hostPath }) => hostPath.path)).toContain('/run/crio');
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('docs/security.md states the requests and limits of the manifests', async () => {
  const [{ resources }] = daemonSetOf(await build('deploy/kustomize/base')).spec.template.spec.containers;
  const { requests, limits } = resources;
  expect(readFileSync('docs/security.md', 'utf8')).toContain(
    `Requests are ${requests.cpu} CPU and ${requests.memory}, limits ${limits.cpu} and ${limits.memory}.`,
  );
});
