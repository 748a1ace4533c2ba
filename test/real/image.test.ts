/** A real dockerd builds the image from the Dockerfile: it starts, holds what it should, and is the same every time. */
import { execFileSync } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nodeRoot } from '../deploy/agent-image.ts';
import { findProgram, unpackPackages } from '../lab/debian-packages.ts';
import { type DockerLab, startDockerLab } from '../lab/docker-lab.ts';
import { type ImageSpec, renderDockerArchive } from '../lab/images.ts';

const BUILD_IMAGE = 'stand-in/build:1';
const RUN_IMAGE = 'stand-in/run:1';

let docker: DockerLab;

beforeAll(async () => {
  docker = await startDockerLab();
  await docker.api.call('POST', '/images/load?quiet=1', renderDockerArchive([await buildImage(), runImage()]));
});

afterAll(() => docker?.close());

/** Node where distroless has it. */
function runImage(): ImageSpec {
  return { reference: RUN_IMAGE, files: nodeRoot('nodejs/bin/node'), entrypoint: ['/nodejs/bin/node'] };
}

/** Node, and an npm whose registry is a tar file: no network is needed, and nothing is resolved anew. */
async function buildImage(): Promise<ImageSpec> {
  const busybox = findProgram(await unpackPackages({ names: ['busybox-static'] }, () => undefined), 'busybox');
  const npm = '#!/bin/busybox sh\n[ "$1" = ci ] && exec /bin/busybox tar -xf /packages.tar\nexit 1\n';
  const packages = execFileSync('tar', ['-c', ...packagesToBuild()], { maxBuffer: 256 * 1024 * 1024 });
  return {
    reference: BUILD_IMAGE,
    files: [
      ...nodeRoot('bin/node'),
      { path: 'bin/busybox', content: readFileSync(realpathSync(busybox)) },
      { path: 'bin/npm', content: Buffer.from(npm) },
      { path: 'packages.tar', content: packages, mode: 0o644 },
    ],
    entrypoint: ['/bin/node'],
  };
}

/** What the program is made of, and the bundler. */
function packagesToBuild(): readonly string[] {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly optional?: boolean }>>;
  };
  const bundler = new Set(['node_modules/esbuild', `node_modules/@esbuild/linux-${process.arch}`]);
  return Object.entries(packages)
    .filter(([path, { dev = false }]) => path !== '' && (bundler.has(path) || !dev))
    .map(([path]) => path);
}

/** Builds it without a cache and without a network; throws when there is no image afterwards. */
async function build(tag: string): Promise<ImageConfig> {
  const context = execFileSync('tar', ['-c', ...contextPaths()], { maxBuffer: 256 * 1024 * 1024 });
  const args = encodeURIComponent(JSON.stringify({ BUILD_IMAGE, RUN_IMAGE, REVISION: 'a1b2c3d' }));
  const query = `t=${tag}&nocache=1&networkmode=none&cgroupparent=${docker.cgroup}&buildargs=${args}`;
  await docker.api.call('POST', `/build?${query}`, context);
  return ((await docker.api.call('GET', `/images/${tag}/json`)) as { readonly Config: ImageConfig }).Config;
}

/** What the image says about itself. */
interface ImageConfig {
  readonly Entrypoint: readonly string[];
  readonly Cmd: readonly string[];
  readonly User: string;
  readonly Labels: Readonly<Record<string, string>>;
}

/** The Dockerfile and what it copies; .dockerignore lets nothing else through. */
function contextPaths(): readonly string[] {
  const copied = [...readFileSync('Dockerfile', 'utf8').matchAll(/^COPY (?!--from)(.*) \S+$/gm)];
  return ['Dockerfile', ...copied.flatMap(([, paths = '']) => paths.split(' '))];
}

/** Runs a program of the image with a read-only root and without a network; returns what it printed. */
async function runIn(image: string, entrypoint: readonly string[], words: readonly string[]): Promise<string> {
  const { Id } = (await docker.api.call('POST', '/containers/create', {
    Image: image,
    ...(entrypoint.length === 0 ? {} : { Entrypoint: entrypoint }),
    Cmd: words,
    Tty: true,
    HostConfig: { NetworkMode: 'none', CgroupParent: docker.cgroup, ReadonlyRootfs: true, OomScoreAdj: 0 },
  })) as { readonly Id: string };
  await docker.api.call('POST', `/containers/${Id}/start`);
  await docker.api.call('POST', `/containers/${Id}/wait`);
  return String(await docker.api.call('GET', `/containers/${Id}/logs?stdout=1`)).trim();
}

const HASHES = `const { createHash } = require('node:crypto');
const { readdirSync, readFileSync } = require('node:fs');
const directory = '/usr/lib/pausewatch/';
for (const name of readdirSync(directory)) console.log(name, createHash('sha256').update(readFileSync(directory + name)).digest('hex'));`;

test('two builds give the same files, and the program in them starts', async () => {
  const config = await build('pausewatch:first');
  await build('pausewatch:second');
  expect(config).toMatchObject({
    Entrypoint: ['/nodejs/bin/node', '/usr/lib/pausewatch/pausewatch.mjs'],
    Cmd: ['serve'],
    User: '0:0',
    Labels: { 'org.opencontainers.image.title': 'pausewatch', 'org.opencontainers.image.revision': 'a1b2c3d' },
  });
  const [first, second] = [
    await runIn('pausewatch:first', ['/nodejs/bin/node'], ['-e', HASHES]),
    await runIn('pausewatch:second', ['/nodejs/bin/node'], ['-e', HASHES]),
  ];
  expect(first).toBe(second);
  expect(first.split(/\r?\n/).map((line) => line.split(' ')[0])).toEqual([
    'LICENSE',
    'pausewatch.LICENSES.txt',
    'pausewatch.mjs',
  ]);
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string };
  expect(await runIn('pausewatch:first', [], ['--version'])).toContain(version);
}, 300_000);
