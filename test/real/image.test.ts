/** A real dockerd builds the image from the Dockerfile, by both of its builders: it starts, and is the same every time. */
import { execFileSync } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nodeRoot } from '../deploy/agent-image.ts';
import { findProgram, unpackPackages } from '../lab/debian-packages.ts';
import { dockerBuild } from '../lab/docker-command.ts';
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

async function inspectImage(tag: string): Promise<ImageDetails> {
  return (await docker.api.call('GET', `/images/${tag}/json`)) as ImageDetails;
}

/** What dockerd says of an image. */
interface ImageDetails {
  readonly Config: ImageConfig;
  readonly Size: number;
}

/** What the image says about itself. */
interface ImageConfig {
  readonly Entrypoint: readonly string[];
  readonly Cmd: readonly string[];
  readonly User: string;
  readonly Labels: Readonly<Record<string, string>>;
}

/** Makes a container with a read-only root and without a network, and starts it; returns its id. */
async function start(image: string, entrypoint: readonly string[], words: readonly string[]): Promise<string> {
  const { Id } = (await docker.api.call('POST', '/containers/create', {
    Image: image,
    ...(entrypoint.length === 0 ? {} : { Entrypoint: entrypoint }),
    ...(words.length === 0 ? {} : { Cmd: words }),
    Tty: true,
    HostConfig: { NetworkMode: 'none', CgroupParent: docker.cgroup, ReadonlyRootfs: true, OomScoreAdj: 0 },
  })) as { readonly Id: string };
  await docker.api.call('POST', `/containers/${Id}/start`);
  return Id;
}

async function printed(id: string): Promise<string> {
  return String(await docker.api.call('GET', `/containers/${id}/logs?stdout=1&stderr=1`)).trim();
}

/** What a program of the image prints until it ends. */
async function runIn(image: string, entrypoint: readonly string[], words: readonly string[]): Promise<string> {
  const id = await start(image, entrypoint, words);
  await docker.api.call('POST', `/containers/${id}/wait`);
  return printed(id);
}

/** Milliseconds from the start of the container, as the image starts by itself, to its word that it listens. */
async function startTime(image: string): Promise<number> {
  const id = await start(image, [], []);
  try {
    for (const deadline = Date.now() + 30_000; ; await sleep(50)) {
      const text = await printed(id);
      const listening = /^time=(\S+) .*msg=listening/m.exec(text)?.[1];
      if (listening === undefined && Date.now() < deadline) continue;
      if (listening === undefined) throw new Error(`it does not listen: ${text}`);
      const { State } = (await docker.api.call('GET', `/containers/${id}/json`)) as {
        readonly State: { readonly StartedAt: string };
      };
      return Date.parse(listening) - Date.parse(State.StartedAt);
    }
  } finally {
    await docker.api.call('DELETE', `/containers/${id}?force=1`);
  }
}

/** Name, size and hash of every file that the image adds. */
const FILES = `const { createHash } = require('node:crypto');
const { readdirSync, readFileSync } = require('node:fs');
for (const name of readdirSync('/usr/lib/pausewatch')) {
  const content = readFileSync('/usr/lib/pausewatch/' + name);
  console.log(name, content.length, createHash('sha256').update(content).digest('hex'));
}`;

async function filesOf(image: string): Promise<readonly string[]> {
  return (await runIn(image, ['/nodejs/bin/node'], ['-e', FILES])).split(/\r?\n/);
}

/** What docs/install.md states, in its own words. */
function stated(pattern: RegExp): number {
  return Number(pattern.exec(readFileSync('docs/install.md', 'utf8').replaceAll(/\s+/g, ' '))?.[1]);
}

const ARGS = { BUILD_IMAGE, RUN_IMAGE, REVISION: 'a1b2c3d' };

test.each(['classic', 'BuildKit'] as const)(
  'The %s builder makes an image that starts as it should',
  async (builder) => {
    const tag = `pausewatch:${builder.toLowerCase()}`;
    await dockerBuild(docker, builder, tag, ARGS);
    expect((await inspectImage(tag)).Config).toMatchObject({
      Entrypoint: ['/nodejs/bin/node', '/usr/lib/pausewatch/pausewatch.mjs'],
      Cmd: ['serve'],
      User: '0:0',
      Labels: { 'org.opencontainers.image.title': 'pausewatch', 'org.opencontainers.image.revision': 'a1b2c3d' },
    });
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string };
    expect(await runIn(tag, [], ['--version'])).toBe(`pausewatch ${version} (a1b2c3d)`);
  },
  300_000,
);

test('Two builds give the same files, whichever builder made them', async () => {
  await dockerBuild(docker, 'classic', 'pausewatch:again', ARGS);
  const [classic, buildKit, again] = await Promise.all(
    ['classic', 'buildkit', 'again'].map((it) => filesOf(`pausewatch:${it}`)),
  );
  expect(classic?.map((line) => line.split(' ')[0])).toEqual(['LICENSE', 'pausewatch.LICENSES.txt', 'pausewatch.mjs']);
  expect(buildKit).toEqual(classic);
  expect(again).toEqual(classic);
}, 300_000);

test('The image adds no more to its base, and starts no later, than docs/install.md says', async () => {
  const [{ Size: whole }, { Size: base }] = [await inspectImage('pausewatch:buildkit'), await inspectImage(RUN_IMAGE)];
  const addedMb = (whole - base) / 1e6;
  const startMs = Math.min(await startTime('pausewatch:buildkit'), await startTime('pausewatch:buildkit'));
  console.log(`the image adds ${addedMb.toFixed(2)} MB to its base and listens ${startMs} ms after its start`);
  expect(addedMb).toBeGreaterThan(0.5);
  expect(addedMb).toBeLessThan(stated(/more than ([\d.]+) MB/));
  expect(startMs).toBeGreaterThan(0);
  expect(startMs).toBeLessThan(1000 * stated(/more than (\d+) s after its start/));
}, 120_000);
