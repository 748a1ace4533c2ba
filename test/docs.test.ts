/** What the documents list is what the program has. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CATALOG } from '../src/core/catalog/catalog.ts';
import { FINDING_IDS } from '../src/core/finding.ts';
import { ask } from './publish/site-builder.ts';

const readme = readFileSync('README.md', 'utf8');
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Readonly<Record<string, Record<string, string>>>;

test('The README lists every finding of the catalog, with its title, and no other', () => {
  const listed = [...readme.matchAll(/^\| `([a-z-]+)` \| (.+) \|$/gm)].map(([, id, title]) => [id, title]);
  expect(listed).toEqual(CATALOG.map(({ id, title }) => [id, title]));
});

test('The catalog holds every finding id once, in the order of causes', () => {
  expect(CATALOG.map(({ id }) => id)).toEqual([...FINDING_IDS]);
});

test('docs/decisions.md says why each runtime dependency is there', () => {
  const decisions = readFileSync('docs/decisions.md', 'utf8');
  for (const name of Object.keys(manifest['dependencies'] ?? {})) expect(decisions).toContain(`| \`${name}\` |`);
});

test('Packages and routes are counted right', () => {
  const words = [
    'no',
    'one',
    'two',
    'three',
    'four',
    'five',
    'six',
    'seven',
    'eight',
    'nine',
    'ten',
    'eleven',
    'twelve',
  ];
  const packages = Object.keys(manifest['dependencies'] ?? {}).length;
  const { allowed } = (JSON.parse(ask('/nowhere').text) as { error: { allowed: string[] } }).error;
  expect(readFileSync('docs/security.md', 'utf8')).toContain(`Node, ${words[packages]} packages`);
  expect(readFileSync('docs/decisions.md', 'utf8')).toContain(`(${words[allowed.length]} GET routes`);
});

test('Every version of a dependency is exact', () => {
  const versions = [
    ...Object.values(manifest['dependencies'] ?? {}),
    ...Object.values(manifest['devDependencies'] ?? {}),
  ];
  expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
});
