/** The agent's image without an image builder: what the Dockerfile puts together, packed from this machine's parts. */
import { execFileSync } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ImageSpec } from '../lab/images.ts';
import type { TarEntry } from '../lab/tar.ts';

/** Reference the DaemonSet names; containerd knows images by their full names. */
const DOCKER_PREFIX = 'docker.io/library/';

/** Node's own libraries where the dynamic linker looks for them, and the program where the Dockerfile copies it. */
export function agentImage(reference: string): ImageSpec {
  const dockerfile = readFileSync('Dockerfile', 'utf8');
  const entrypoint = JSON.parse(/^ENTRYPOINT (.*)$/m.exec(dockerfile)?.[1] ?? '[]') as string[];
  const [interpreter, program] = entrypoint;
  if (interpreter === undefined || program === undefined) throw new Error('the Dockerfile has no ENTRYPOINT');
  const files = [
    ...nodeRoot(interpreter.slice(1)),
    { path: program.slice(1), content: readFileSync('dist/pausewatch.js') },
  ];
  return {
    reference: reference.includes('/') ? reference : `${DOCKER_PREFIX}${reference}`,
    files: [...directoriesOf([files.at(-1) ?? { path: program }]), ...files],
    entrypoint,
    user: /^USER (.*)$/m.exec(dockerfile)?.[1] ?? '',
    environment: [...dockerfile.matchAll(/^(?:ENV| {4})\s*([A-Z_]+=\w+)/gm)].map(([, variable = '']) => variable),
  };
}

/** This machine's Node at a path of an image, its libraries where the dynamic linker looks for them. */
export function nodeRoot(path: string): readonly TarEntry[] {
  const node = realpathSync(process.execPath);
  const files = [
    { path, content: readFileSync(node) },
    ...librariesOf(node).map((library): TarEntry => ({ path: library.slice(1), content: readFileSync(library) })),
  ];
  return [...directoriesOf(files), ...files];
}

/** Shared libraries and the dynamic linker itself (ldd(1)). */
function librariesOf(program: string): readonly string[] {
  const lines = execFileSync('ldd', [program], { encoding: 'utf8' }).split('\n');
  return lines.map((line) => /(\/\S+) \(0x/.exec(line)?.[1]).filter((path) => path !== undefined);
}

function directoriesOf(files: readonly TarEntry[]): readonly TarEntry[] {
  const paths = new Set<string>();
  for (const { path } of files) {
    for (let directory = dirname(path); directory !== '.'; directory = dirname(directory)) paths.add(directory);
  }
  return [...paths].toSorted().map((path) => ({ path, kind: 'directory' }));
}
