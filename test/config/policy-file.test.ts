/** The policy file: what it may say, what is refused, and that its example is what holds without one. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseRequest } from '../../src/config/parse.ts';
import { readPolicy } from '../../src/config/policy-file.ts';
import { hashPolicy } from '../../src/config/policy-hash.ts';
import { fileName, POLICY_KEYS } from '../../src/config/policy-keys.ts';
import { DEFAULT_POLICY, type Policy } from '../../src/core/policy.ts';
import { renderPolicyExample } from './policy-example.ts';

const EXAMPLE = 'deploy/policy.example.yaml';

function policyOf(text: string): Policy {
  const reading = readPolicy(text);
  if ('mistakes' in reading) throw new Error(reading.mistakes.join('\n'));
  return reading.value;
}

function mistakesOf(text: string): readonly string[] {
  const reading = readPolicy(text);
  return 'mistakes' in reading ? reading.mistakes : [];
}

function write(text: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'pausewatch-policy-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 'policy.yaml');
  writeFileSync(path, text);
  return path;
}

describe('the example of a policy file', () => {
  const example = readFileSync(EXAMPLE, 'utf8');

  test('is what the table of keys says (npm run golden writes it anew)', async () => {
    await expect(renderPolicyExample()).toMatchFileSnapshot(`../../${EXAMPLE}`);
  });

  test('holds exactly the defaults', () => {
    expect(policyOf(example)).toEqual(DEFAULT_POLICY);
  });

  test('names every key of the policy', () => {
    for (const key of Object.keys(DEFAULT_POLICY)) expect(example).toMatch(new RegExp(`^${fileName(key)}:`, 'm'));
  });
});

describe('a policy file', () => {
  test('changes what it names and nothing else', () => {
    const policy = policyOf(
      'zombiesWarnCount: 50\ntrendSpan: 90s\nminimumPauseVersion: "3.10"\nignoredNamespaces: [ci]\n',
    );
    expect(policy).toEqual({
      ...DEFAULT_POLICY,
      zombiesWarnCount: 50,
      trendSpanMs: 90_000,
      minimumPauseVersion: '3.10',
      ignoredNamespaces: ['ci'],
    });
  });

  test('may switch a finding off, and change how long it must hold', () => {
    const { findings } = policyOf(
      'findings:\n  zombies-host: { enabled: false }\n  pause-stopped:\n    looks: 2\n    confirmAfter: 5m\n',
    );
    expect(findings).toEqual({
      'zombies-host': { enabled: false },
      'pause-stopped': { enabled: true, looks: 2, confirmAfterMs: 300_000 },
    });
  });

  test.each(['', '---\n', '# nothing\n'])('that says nothing (%j) is the default', (text) => {
    expect(policyOf(text)).toEqual(DEFAULT_POLICY);
  });

  test('with mistakes is refused with all of them, by line', () => {
    const text = [
      'zombiesWarnCount: many',
      'zombies_warn_age: 5m',
      'trendSpan: 90',
      'nodePidUtilization: 80',
      'minimumPauseVersion: 3.10',
      'ignoredNamespaces: kube-system',
      'findings:',
      '  pause-stoped: { enabled: false }',
      '  pause-stopped: { enabled: no, looks: 3, loud: true }',
      '  pause-zombie: off',
    ].join('\n');
    expect(mistakesOf(text)).toEqual([
      'line 1: zombiesWarnCount must be a whole number of at least 1, not "many"',
      'line 2: unknown key "zombies_warn_age"; did you mean "zombiesWarnAge"?',
      expect.stringMatching(/^line 3: trendSpan must be a duration with its unit .*, not "90"$/),
      'line 4: nodePidUtilization must be a number above 0 and up to 1, not 80',
      'line 5: minimumPauseVersion must be a version in quotes ("3.10"), not 3.1',
      'line 6: ignoredNamespaces must be a list of words, not "kube-system"',
      expect.stringMatching(/^line 8: unknown finding "pause-stoped"/),
      'line 9: enabled must be true or false, not "no"',
      'line 9: looks must be one of 1, 2, not 3',
      'line 9: unknown key "loud"',
      'line 10: pause-zombie must hold keys (enabled, looks, confirmAfter)',
    ]);
  });

  test('has the number of looks as a number: a text would be compared with numbers later', () => {
    expect(mistakesOf('findings:\n  pause-stopped: { looks: "2" }')).toEqual([
      'line 2: looks must be one of 1, 2, not "2"',
    ]);
  });

  test('that is no YAML, names a key twice, or is a list is refused', () => {
    expect(mistakesOf('a: [1\nb: 2')[0]).toMatch(/^line \d: /);
    expect(mistakesOf('churnCount: 3\nchurnCount: 4')).toEqual([expect.stringMatching(/^line 2: .*unique/)]);
    expect(mistakesOf('- churnCount')).toEqual(['line 1: must be a list of "key: value" lines']);
  });

  test('is never an error of ours, whatever it holds', () => {
    const names = [...Object.keys(POLICY_KEYS).map(fileName), 'findings', 'x'];
    const value = fc.oneof(
      fc.string(),
      fc.jsonValue().map((it) => JSON.stringify(it)),
    );
    const line = fc.tuple(fc.constantFrom(...names), value).map(([name, it]) => `${name}: ${it}`);
    fc.assert(
      fc.property(fc.array(line, { maxLength: 4 }), (lines) => {
        const reading = readPolicy(lines.join('\n'));
        expect('value' in reading || reading.mistakes.every((mistake) => /^line \d+: /.test(mistake))).toBe(true);
      }),
    );
  });
});

describe('the hash of a policy', () => {
  const hashOf = (text: string): string => hashPolicy(policyOf(text));

  test('is one for all files that say the same', () => {
    const lines = [
      'ignoredNamespaces: [ci, dev]',
      'churnCount: 9',
      'findings:\n  sandbox-churn: { looks: 2, confirmAfter: 5m }\n  pause-stopped: { enabled: false }',
    ];
    const same = [
      'findings:\n  pause-stopped: { enabled: false }\n  sandbox-churn: { confirmAfter: 300s, looks: 2 }',
      'churnCount: 9',
      'ignoredNamespaces: [dev, ci, dev]',
    ];
    expect(hashOf(same.join('\n'))).toBe(hashOf(lines.join('\n')));
    expect(hashOf(readFileSync(EXAMPLE, 'utf8'))).toBe(hashPolicy(DEFAULT_POLICY));
  });

  test('is another for a file that says something else, whatever it is about', () => {
    const said = [
      '',
      'churnCount: 9',
      'exitsEarlyCount: 9',
      'ignoredNamespaces: [ci]',
      'ignoredNamespaces: [dev]',
      'pauseCommands: [ci]',
      'findings:\n  pause-stopped: { enabled: false }',
      'findings:\n  pause-stopped: { looks: 2 }',
      'findings:\n  pause-stopped: { confirmAfter: 2s }',
      'findings:\n  pause-zombie: { enabled: false }',
    ];
    expect(new Set(said.map(hashOf)).size).toBe(said.length);
  });
});

describe('--policy.file', () => {
  test('is read with the command line, and its mistakes are told together with the others', () => {
    const good = parseRequest(['scan', '--policy.file', write('churnCount: 9\n')], {});
    expect(good).toMatchObject({ kind: 'run', config: { policy: { churnCount: 9 } } });
    const path = write('churnCount: 0\nchurn: 1\n');
    expect(parseRequest(['scan', '--loud'], { PAUSEWATCH_POLICY_FILE: path })).toEqual({
      kind: 'mistakes',
      mistakes: [
        'unknown flag --loud',
        `PAUSEWATCH_POLICY_FILE ${path}, line 1: churnCount must be a whole number of at least 1, not 0`,
        `PAUSEWATCH_POLICY_FILE ${path}, line 2: unknown key "churn"; did you mean "churnWindow"?`,
      ],
    });
  });

  test('that is not there is a mistake, not a default', () => {
    expect(parseRequest(['--policy.file=/nowhere.yaml'], {})).toEqual({
      kind: 'mistakes',
      mistakes: ['--policy.file names "/nowhere.yaml", which cannot be read (ENOENT)'],
    });
  });

  test('that has no end is not waited for', () => {
    expect(parseRequest(['--policy.file=/dev/zero'], {})).toEqual({
      kind: 'mistakes',
      mistakes: ['--policy.file names "/dev/zero", which is no file of at most 1 MiB'],
    });
  });
});
