/** Whoever follows a document never meets a flag, variable, metric, finding, file or command that is not there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { RECORDINGS } from '../deploy/source/recordings.ts';
import { environmentName, OPTIONS, SWITCHES } from '../src/config/options.ts';
import { parseRequest } from '../src/config/parse.ts';
import { FINDING_IDS } from '../src/core/finding.ts';
import { parseEnter, renderEnterHelp } from '../src/enter/command-line.ts';
import { parsePlugin, renderPluginHelp } from '../src/kubectl/command-line.ts';
import { FAMILIES } from '../src/publish/metrics/families.ts';
import { CODE, linesOf, type Named, named, PAGES, SHIPPED } from './documents.ts';

const EVERYTHING = [...PAGES, ...SHIPPED];
const FLAGS = [...Object.values(OPTIONS), ...Object.values(SWITCHES)].map(({ flag }) => flag);

/** Long flags of the programs of others, by the word in their line that calls them. */
const FOREIGN_FLAGS = {
  'cri-dockerd': ['pod-infra-container-image'],
  crictl: ['creds', 'digests', 'id', 'name', 'namespace', 'pod', 'prune', 'state', 'template', 'timeout'],
  docker: ['build-arg', 'init', 'platform', 'privileged', 'push'],
  journalctl: ['since'],
  npm: ['ignore-scripts'],
  'npm run demo': ['once'],
  ps: ['ppid', 'sort'],
  registry: ['creds'],
  systemctl: ['now'],
  unshare: ['fork', 'mount-proc', 'no-fork'],
  vitest: ['project', 'update'],
  COPY: ['from'],
  'mount namespace': ['mount-proc'],
  'node-problem-detector': ['config.custom-plugin-monitor'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** Set by others, or read by other programs than ours. */
const FOREIGN_VARIABLES = { PAUSEWATCH_DATASOURCE_UID: 'deploy/source', PAUSEWATCH_NO_LAB: 'test' } as const;

/** What is not known, as "docs/install.md: --node.pid-max"; that something was found at all is part of the test. */
function unknown(found: readonly Named[], isKnown: (it: Named) => boolean): string[] {
  expect(found.length).toBeGreaterThan(0);
  return found.filter((it) => !isKnown(it)).map(({ path, name }) => `${path}: ${name}`);
}

function sourcesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' }).map((path) => join(directory, path));
}

test('Every flag is one of ours, or of the program it is given to', () => {
  const helps = `${renderEnterHelp()}${renderPluginHelp()}`;
  const ours = new Set([...FLAGS, ...[...helps.matchAll(/--([a-z][a-z.-]*[a-z])/g)].map(([, flag = '']) => flag)]);
  const isForeign = (flag: string, line: string): boolean =>
    Object.entries<readonly string[]>(FOREIGN_FLAGS).some(
      ([word, flags]) => flags.includes(flag) && line.includes(word),
    );
  const flags = linesOf(EVERYTHING).flatMap((line) => named([line], /(?<![\w-])--([a-z][a-z.-]*[a-z])/g));
  expect(unknown(flags, ({ name, text }) => ours.has(name) || isForeign(name, text))).toEqual([]);
  const used = new Set(flags.map(({ name }) => name));
  expect(
    Object.values<readonly string[]>(FOREIGN_FLAGS)
      .flat()
      .filter((flag) => !used.has(flag)),
  ).toEqual([]);
});

test('Every environment variable is that of a flag, or read by what is named for it', () => {
  const ours = new Set(FLAGS.map(environmentName));
  const isRead = (name: string): boolean =>
    Object.entries(FOREIGN_VARIABLES).some(
      ([variable, place]) =>
        name === variable &&
        sourcesBelow(place).some((path) => /\.(ts|mjs)$/.test(path) && readFileSync(path, 'utf8').includes(name)),
    );
  expect(unknown(named(EVERYTHING, /\b(PAUSEWATCH_[A-Z_]+)\b/g), ({ name }) => ours.has(name) || isRead(name))).toEqual(
    [],
  );
});

test('Every metric is exported or recorded', () => {
  const exist = new Set([...FAMILIES.map(({ name }) => name as string), ...RECORDINGS.map(({ record }) => record)]);
  const whole = named(EVERYTHING, /(?<![\w/-])((?:[a-z_]+:)?pausewatch_[a-z0-9_]*[a-z0-9](?::[a-z0-9]+)?)(?![\w(])/g);
  expect(unknown(whole, ({ name }) => exist.has(name))).toEqual([]);
  const patterns = EVERYTHING.flatMap(({ path, text }) =>
    [...text.matchAll(/\b(pausewatch_[a-z_]*_)\(([a-z_|]+)\)/g)].flatMap(([, stem = '', ends = '']) =>
      ends.split('|').map((end) => ({ path, text, name: stem + end })),
    ),
  );
  expect(unknown(patterns, ({ name }) => exist.has(name))).toEqual([]);
});

test('Every finding is in the catalog', () => {
  const ids: ReadonlySet<string> = new Set(FINDING_IDS);
  const labels = named(EVERYTHING, /finding\s*=~?\s*\\*"([a-z|-]+)\\*"/g).flatMap((it) =>
    it.name.split('|').map((name) => ({ ...it, name })),
  );
  const links = named(EVERYTHING, /\/(?:findings|runbooks)\/([a-z]+(?:-[a-z]+)+)/g);
  expect(unknown([...labels, ...links], ({ name }) => ids.has(name))).toEqual([]);
  const stems = new Set(FINDING_IDS.map((id) => id.split('-')[0]));
  const words = named(PAGES, /`([a-z]+(?:-[a-z]+)+)`/g).filter(({ name }) => stems.has(name.split('-')[0]));
  expect(unknown(words, ({ name }) => ids.has(name) || NO_FINDINGS.has(name))).toEqual([]);
});

/** Begin like a finding and are something else: a kind of parent, a reason why nothing is told. */
const NO_FINDINGS: ReadonlySet<string> = new Set(['container-init']);

test('Every file and directory that is named exists', () => {
  const paths = named(EVERYTHING, /(?<![\w/.@:-])((?:deploy|docs|proto|src|test)\/[\w./*-]*\w)/g);
  expect(unknown(paths, ({ name }) => isThere(name))).toEqual([]);
  const links = named(PAGES, /\]\(([^)#:]+)(?:#[^)]*)?\)/g);
  expect(unknown(links, ({ path, name }) => isThere(join(dirname(path), name)))).toEqual([]);
  const all = new Set(['src', 'test', 'deploy'].flatMap(sourcesBelow).map((path) => basename(path)));
  const files = named(PAGES, /`([a-z-]+(?:\.test)?\.(?:ts|mjs))`/g);
  expect(unknown(files, ({ name }) => all.has(name) || existsSync(name))).toEqual([]);
});

const SOURCES = 'docs/sources.md';

/** Ids of what a text rests on, as "L4" or "case 12"; the cases of a switch end in a colon. */
function sourcesNamedIn(text: string): string[] {
  const measured = [...text.matchAll(/\bL\d{1,2}\b/g)].map(([id]) => id);
  const cases = [...text.matchAll(/\b[Cc]ases?\s+(\d+(?:(?:,|,? and)\s+\d+)*)(?![\d:])/g)];
  return [...measured, ...cases.flatMap(([, list = '']) => list.match(/\d+/g) ?? []).map((number) => `case ${number}`)];
}

test('Everything that code and pages rest on is told in docs/sources.md, and nothing else is', () => {
  const texts = [...CODE, ...PAGES].filter(({ path }) => path !== SOURCES);
  const entries = readFileSync(SOURCES, 'utf8').matchAll(/^(?:- \*\*(L\d+)\*\* |\| (case \d+) \| \[)/gm);
  const told = [...entries].map(([, measured, published]) => measured ?? published ?? '');
  expect(told.filter((id, at) => told.indexOf(id) !== at)).toEqual([]);
  expect(new Set(told)).toEqual(new Set(texts.flatMap(({ text }) => sourcesNamedIn(text))));
});

test('Every published failure has its issue and the findings whose tests name it, and their pages exist', () => {
  const text = readFileSync(SOURCES, 'utf8');
  const targets = new Map(
    [...text.matchAll(/^\[(.+)\]: (\S+)$/gm)].map(([, label = '', target = '']) => [label, target]),
  );
  const rows = [...text.matchAll(/^\| (case \d+) \| (\[.+)$/gm)].map(
    ([, id = '', cells = '']) => [id, [...cells.matchAll(/\[([^\]]+)\]/g)].map(([, label = '']) => label)] as const,
  );
  for (const [id, [issue = '', ...findings]] of rows) {
    expect(targets.get(issue), id).toMatch(/^https:\/\/github\.com\/[\w-]+\/[\w-]+\/issues\/\d+$/);
    expect(findings, id).not.toEqual([]);
    for (const finding of findings) expect(targets.get(finding), `${id}: ${finding}`).toBe(`findings/${finding}.md`);
  }
  const pages = [...targets.values()].filter((target) => !target.startsWith('https:'));
  expect(pages.filter((page) => !existsSync(join('docs', page)))).toEqual([]);
  expect([...targets.keys()].toSorted()).toEqual([...new Set(rows.flatMap(([, labels]) => labels))].toSorted());
  const linked = new Map(rows);
  const tested = CODE.filter(({ path }) => path.startsWith('test/core/cases-')).flatMap((file) =>
    file.text.split(/^ {4}id: '/m).flatMap((part) => sourcesNamedIn(part).map((id) => [id, part.split("'")[0] ?? ''])),
  );
  const published = tested.filter(([id = '']) => id.startsWith('case '));
  expect(published.filter(([id = '', finding = '']) => linked.get(id)?.includes(finding) !== true)).toEqual([]);
});

/** A path, in which one `*` may stand in the last part. */
function isThere(path: string): boolean {
  const [head = '', tail] = basename(path).split('*');
  if (tail === undefined) return existsSync(path);
  return readdirSync(dirname(path)).some((name) => name.startsWith(head) && name.endsWith(tail));
}

/** How each of our programs is called in a block of code or between backticks, and who reads the rest of the line. */
const PROGRAMS = [
  [
    'pausewatch',
    /^(?:npx )?(?:pausewatch|node dist\/pausewatch\.js) (.+)$/,
    (words: string[]) => parseRequest(words, {}),
  ],
  ['pausewatch-enter', /^pausewatch-enter (.+)$/, (words: string[]) => parseEnter(words, {})],
  ['kubectl pausewatch', /^kubectl pausewatch( .+)?$/, (words: string[]) => parsePlugin(words)],
] as const;

test.each(PROGRAMS)('Every command line of %s is understood', (_, pattern, parse) => {
  const code = named(PAGES, /^```\w*\n([\s\S]*?)^```|`([^`\n]+)`/gm);
  const commands = linesOf(code.map(({ path, name }) => ({ path, text: name }))).flatMap(({ path, text }) => {
    const line = text.replace(/ +#.*/, '');
    const rest = pattern.exec(line);
    return rest === null ? [] : [{ path, text: line, name: rest[1] ?? '' }];
  });
  const isUnderstood = ({ name }: Named): boolean =>
    parse(name.split(' ').filter((word) => word !== '')).kind !== 'mistakes';
  expect(unknown(commands, isUnderstood)).toEqual([]);
});
