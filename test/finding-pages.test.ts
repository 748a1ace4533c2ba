/** The pages in docs/findings: one for each finding, its facts written from the catalog, its words fit for 3 a.m. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CATALOG, type CatalogEntry } from '../src/core/catalog/catalog.ts';
import { EVIDENCE } from '../src/core/evidence/evidence.ts';
import { factsOf } from '../src/publish/page/runbook.ts';

const DIRECTORY = 'docs/findings';
const BEGIN = '<!-- facts: written by npm run docs -->';
const END = '<!-- end of facts -->';

const pageOf = (id: string): string => readFileSync(join(DIRECTORY, `${id}.md`), 'utf8');

/** What the catalog knows of a finding, as the page shows it. */
function renderFacts(entry: CatalogEntry): string {
  const facts = factsOf(entry).map(([term, fact]) => `| ${term} | ${fact} |`);
  const evidence = Object.entries(EVIDENCE[entry.id]).map(([key, what]) => `| \`${key}\` | ${what} |`);
  return [`| \`${entry.id}\` | |`, '|---|---|', ...facts, '', '| evidence | says |', '|---|---|', ...evidence].join(
    '\n',
  );
}

function withFacts(page: string, entry: CatalogEntry): string {
  const [before, rest] = [page.slice(0, page.indexOf(BEGIN)), page.slice(page.indexOf(END))];
  return `${before.replace(/^# .*$/m, `# ${entry.title}`)}${BEGIN}\n\n${renderFacts(entry)}\n\n${rest}`;
}

test('There is one page for each finding whose evidence is described, and no other', () => {
  const pages = readdirSync(DIRECTORY).map((name) => name.replace(/\.md$/, ''));
  expect(pages.toSorted()).toEqual(Object.keys(EVIDENCE).toSorted());
  expect(CATALOG.map(({ id }) => id).filter((id) => !pages.includes(id))).toEqual([]);
});

/** Programs a node has, beside shell words; crictl, ctr, kubectl and pausewatch's own port need no explanation. */
const PROGRAMS = new Set(
  'systemctl journalctl crictl ctr kubectl kubelet ls cat grep head tail ps ss df dmesg uname sort uniq wc tr cut echo sha256sum curl pidof nsenter'.split(
    ' ',
  ),
);
/** Subcommands that crictl's own manual lists. */
const CRICTL = new Set('version pods ps inspect inspectp inspecti images info pull stopp rmp rmi stats'.split(' '));

describe.each(Object.keys(EVIDENCE))('The page of %s', (id) => {
  const page = pageOf(id);
  const words = page.slice(page.indexOf('## Meaning'));

  test('has the same four headings, each with something below', () => {
    expect([...page.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)).toEqual([
      'Meaning',
      'Impact',
      'Diagnosis',
      'Mitigation',
    ]);
    for (const part of words.split(/^## .*$/m).slice(1)) expect(part.trim().length).toBeGreaterThan(40);
    expect(page.match(/^```/gm)?.length ?? 0).toBeGreaterThan(0);
  });

  test('uses only commands that a node has and subcommands that crictl has', () => {
    const code = [...words.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, lines]) => lines ?? '').join('');
    const commands = code
      .split('\n')
      .flatMap((line) => line.split(/ \| |\$\(/))
      .filter((line) => line.trim() !== '');
    for (const command of commands) {
      const [program = '', ...rest] = command.trim().split(/ +/);
      expect(PROGRAMS, command).toContain(program);
      const subcommand = rest.find((word, index) => !word.startsWith('-') && rest[index - 1] !== '--timeout');
      if (program === 'crictl') expect(CRICTL, command).toContain(subcommand);
    }
  });

  test('reads of /proc what there is to read', () => {
    const lines = [...words.matchAll(/^```sh\n([^]*?)^```$/gm)].flatMap(([, block]) =>
      (block ?? '').trim().split('\n'),
    );
    // A kernel stack is root's alone to read; the rest is run as it stands, on this very process.
    const runnable = lines.filter(
      (line) => /^(cat|grep|ls|cut|tr|sha256sum) .*\/proc\/\w*PID/.test(line) && !line.includes('/stack'),
    );
    for (const line of runnable) {
      const command = line.replaceAll(/\b\w*PID\b(?=\/)/g, String(process.pid));
      const { stderr } = spawnSync('sh', ['-c', command], { encoding: 'utf8' });
      expect({ line, stderr }).toEqual({ line, stderr: '' });
    }
  });

  test('names no finding that does not exist', () => {
    const named = [
      ...words.matchAll(
        /`((?:pause|sandbox|zombies|shim|pid|node|container|init|orphan|exec|namespace|runtime|cgroup)-[a-z-]+)`/g,
      ),
    ];
    for (const [, other] of named) expect(Object.keys(EVIDENCE)).toContain(other);
  });
});

test.each(CATALOG)(
  'The facts on the page of $id are those of the catalog (npm run docs writes them)',
  async (entry) => {
    await expect(withFacts(pageOf(entry.id), entry)).toMatchFileSnapshot(join('..', DIRECTORY, `${entry.id}.md`));
  },
);
