/** The documents and what is shipped beside them, as texts that name things. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A text somebody follows, or a part of it. */
export interface Document {
  readonly path: string;
  readonly text: string;
}

/** A name, and where it stands. */
export interface Named extends Document {
  readonly name: string;
}

/** What people read: README and its neighbours, every page below docs. */
export const PAGES = readAll(['README.md', 'SECURITY.md', 'CONTRIBUTING.md', ...filesBelow('docs', /\.md$/)]);

/** What machines read: manifests, rules, dashboards, the unit, the image. */
export const SHIPPED = readAll(['Dockerfile', ...filesBelow('deploy', /\.(ya?ml|json|service)$/)]);

/** What people write for machines: everything but what generators write. */
export const CODE = readAll(
  ['src', 'test', 'deploy/source'].flatMap((directory) => filesBelow(directory, /^(?!.*\bgenerated\/).*\.(ts|mjs)$/)),
);

function filesBelow(directory: string, name: RegExp): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((path) => name.test(path))
    .map((path) => join(directory, path))
    .toSorted();
}

function readAll(paths: readonly string[]): readonly Document[] {
  return paths.map((path) => ({ path, text: readFileSync(path, 'utf8') }));
}

/** Each line as a document of its own. */
export function linesOf(documents: readonly Document[]): readonly Document[] {
  return documents.flatMap(({ path, text }) => text.split('\n').map((line) => ({ path, text: line })));
}

/** What the first group of a pattern that matched holds, with where it stands. */
export function named(documents: readonly Document[], pattern: RegExp): readonly Named[] {
  return documents.flatMap(({ path, text }) =>
    [...text.matchAll(pattern)].map(
      ([, ...groups]): Named => ({ path, text, name: groups.find((it) => it !== undefined) ?? '' }),
    ),
  );
}
