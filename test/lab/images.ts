// Builds container images from files at hand, as an OCI layout in a tar archive; no registry is involved.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Programs } from './programs.ts';
import { renderTar, type TarEntry } from './tar.ts';

/** What is in an image and how it is called. */
export interface ImageSpec {
  /** Full reference as the CRI shows it, for example `registry.k8s.io/pause:3.9`. */
  readonly reference: string;
  readonly files: readonly TarEntry[];
  readonly entrypoint: readonly string[];
  /** `uid:gid`; root if not given. */
  readonly user?: string;
  /** `NAME=value`, besides PATH. */
  readonly environment?: readonly string[];
}

/** Busybox applets the app image has a link for. */
const APPLETS = ['sh', 'sleep', 'cat', 'echo', 'kill', 'ls', 'ps', 'true', 'false', 'mkfifo', 'head', 'tail'] as const;

/** Reference of the app image: busybox and zoo. */
export const APP_IMAGE = 'lab.local/zoo:1';

/** A pause image under any reference; the reference is part of its config, so each has an image id of its own. */
export function pauseImage(reference: string, programs: Programs, kind: 'reaps' | 'no-reap'): ImageSpec {
  const binary = readFileSync(kind === 'reaps' ? programs.pause : programs.pauseNoReap);
  return {
    reference,
    files: [{ path: 'pause', content: binary }],
    entrypoint: ['/pause'],
    user: '65535:65535',
  };
}

/** The image all app containers run unless told otherwise. */
export function appImage(programs: Programs, busybox: string): ImageSpec {
  return {
    reference: APP_IMAGE,
    files: [
      ...['bin', 'etc', 'tmp', 'proc', 'sys', 'dev'].map((path): TarEntry => ({ path, kind: 'directory' })),
      { path: 'etc/passwd', content: Buffer.from('root:x:0:0:root:/:/bin/sh\n'), mode: 0o644 },
      { path: 'bin/busybox', content: readFileSync(busybox) },
      { path: 'bin/zoo', content: readFileSync(programs.zoo) },
      ...APPLETS.map((name): TarEntry => ({ path: `bin/${name}`, kind: 'symlink', content: Buffer.from('busybox') })),
    ],
    entrypoint: ['/bin/zoo'],
  };
}

/** All images in one archive, as `ctr images import` takes it. */
export function renderImageArchive(images: readonly ImageSpec[]): Buffer {
  const blobs = new Map<string, Buffer>();
  const manifests = images.map((image) => ({
    ...addImage(image, blobs),
    annotations: { 'io.containerd.image.name': image.reference, 'org.opencontainers.image.ref.name': image.reference },
  }));
  return renderTar([
    { path: 'oci-layout', content: json({ imageLayoutVersion: '1.0.0' }) },
    { path: 'index.json', content: json({ schemaVersion: 2, manifests }) },
    ...[...blobs].map(([digest, content]): TarEntry => ({ path: `blobs/sha256/${digest}`, content, mode: 0o644 })),
  ]);
}

/** All images in one archive, as `docker load` takes it: the same pieces under another table of contents. */
export function renderDockerArchive(images: readonly ImageSpec[]): Buffer {
  const blobs = new Map<string, Buffer>();
  const contents = images.map((image) => {
    const layer = addBlob('application/vnd.oci.image.layer.v1.tar', renderTar(image.files), blobs);
    const config = addBlob('application/vnd.oci.image.config.v1+json', json(imageConfig(image, layer.digest)), blobs);
    return { Config: blobPath(config), RepoTags: [image.reference], Layers: [blobPath(layer)] };
  });
  return renderTar([
    { path: 'manifest.json', content: json(contents) },
    ...[...blobs].map(([digest, content]): TarEntry => ({ path: `${digest}.blob`, content, mode: 0o644 })),
  ]);
}

function blobPath({ digest }: Descriptor): string {
  return `${digest.replace('sha256:', '')}.blob`;
}

/** Where a piece of an image is found by its content. */
interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

function addImage(image: ImageSpec, blobs: Map<string, Buffer>): Descriptor {
  const layer = addBlob('application/vnd.oci.image.layer.v1.tar', renderTar(image.files), blobs);
  const config = addBlob('application/vnd.oci.image.config.v1+json', json(imageConfig(image, layer.digest)), blobs);
  const manifest = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config,
    layers: [layer],
  };
  return addBlob(manifest.mediaType, json(manifest), blobs);
}

function imageConfig(image: ImageSpec, layerDigest: string): object {
  return {
    created: '2024-01-01T00:00:00Z',
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    config: {
      Entrypoint: image.entrypoint,
      WorkingDir: '/',
      Env: ['PATH=/bin', ...(image.environment ?? [])],
      Labels: { 'org.opencontainers.image.title': image.reference },
      ...(image.user === undefined ? {} : { User: image.user }),
    },
    rootfs: { type: 'layers', diff_ids: [layerDigest] },
  };
}

function addBlob(mediaType: string, content: Buffer, blobs: Map<string, Buffer>): Descriptor {
  const digest = createHash('sha256').update(content).digest('hex');
  blobs.set(digest, content);
  return { mediaType, digest: `sha256:${digest}`, size: content.length };
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
