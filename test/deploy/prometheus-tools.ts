/** Prometheus' own programs, from Debian's package, unpacked privately. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { findProgram, unpackPackages } from '../lab/debian-packages.ts';

/** What promtool said. */
export interface PromtoolOutcome {
  readonly passed: boolean;
  readonly output: string;
}

/** Path of `prometheus` or `promtool`. */
export async function prometheusProgram(name: 'prometheus' | 'promtool'): Promise<string> {
  return findProgram(await unpackPackages({ names: ['prometheus'] }, () => undefined), name);
}

/** `promtool check rules` of a text. */
export function checkRules(rules: string): Promise<PromtoolOutcome> {
  return withFiles({ 'rules.yaml': rules }, (directory) => promtool(directory, ['check', 'rules', 'rules.yaml']));
}

/** `promtool test rules`: the stories told about these rules. */
export function testRules(rules: string, tests: readonly object[]): Promise<PromtoolOutcome> {
  const story = stringify(
    { rule_files: ['rules.yaml'], evaluation_interval: '1m', tests },
    { lineWidth: 0, aliasDuplicateObjects: false },
  );
  return withFiles({ 'rules.yaml': rules, 'tests.yaml': story }, (directory) =>
    promtool(directory, ['test', 'rules', 'tests.yaml']),
  );
}

async function promtool(cwd: string, words: readonly string[]): Promise<PromtoolOutcome> {
  const program = await prometheusProgram('promtool');
  return new Promise((resolve) => {
    execFile(program, [...words], { cwd, maxBuffer: 16 * 1024 * 1024 }, (error, stdout, stderr) => {
      resolve({ passed: error === null, output: stdout + stderr });
    });
  });
}

async function withFiles<T>(
  files: Readonly<Record<string, string>>,
  work: (directory: string) => Promise<T>,
): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'pausewatch-prometheus-'));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
    return await work(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
