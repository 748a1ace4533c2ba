/** What starts the program outside the tests starts it with flags it knows, and as the documents say. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseRequest } from '../../src/config/parse.ts';
import type { DaemonSetManifest } from './kustomize.ts';

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string };
const unit = readFileSync('deploy/systemd/pausewatch.service', 'utf8');
const dockerfile = readFileSync('Dockerfile', 'utf8');

test('The DaemonSet starts the program with flags it knows', () => {
  const daemonSet = parse(readFileSync('deploy/kustomize/base/daemonset.yaml', 'utf8')) as DaemonSetManifest;
  const [{ args, env }] = daemonSet.spec.template.spec.containers;
  expect(env.map(({ name }) => name)).toEqual(['NODE_NAME']);
  expect(parseRequest(args, { NODE_NAME: 'node-1' })).toMatchObject({
    kind: 'run',
    config: {
      command: 'serve',
      nodeName: 'node-1',
      procfs: '/host/proc',
      cgroupfs: '/host/sys/fs/cgroup',
      run: '/host/run',
    },
  });
});

test('The DaemonSet and the image carry the version of the package', () => {
  expect(readFileSync('deploy/kustomize/base/kustomization.yaml', 'utf8')).toContain(`newTag: ${manifest.version}`);
  expect(dockerfile).toContain(`ARG VERSION=${manifest.version}`);
});

test('node-problem-detector runs a scan of one line, within its time and length', () => {
  const config = JSON.parse(readFileSync('deploy/node-problem-detector/pausewatch.json', 'utf8')) as {
    readonly pluginConfig: { readonly max_output_length: number; readonly timeout: string };
    readonly conditions: readonly { readonly type: string }[];
    readonly rules: readonly {
      readonly condition: string;
      readonly path: string;
      readonly args: readonly string[];
      readonly timeout: string;
    }[];
  };
  expect(config.pluginConfig.max_output_length).toBeGreaterThanOrEqual(80);
  for (const { condition, path, args, timeout } of config.rules) {
    expect(config.conditions.map(({ type }) => type)).toContain(condition);
    expect(unit).toContain(`ExecStart=${path} ${args[0]} `);
    expect(Number.parseInt(timeout, 10)).toBeLessThan(Number.parseInt(config.pluginConfig.timeout, 10));
    expect(parseRequest(args.slice(1), {})).toMatchObject({ kind: 'run', config: { command: 'scan', output: 'line' } });
  }
});

test('The systemd unit starts the program with flags it knows and one capability', () => {
  const words = /^ExecStart=(.*)$/m.exec(unit)?.[1]?.split(' ') ?? [];
  expect(parseRequest(words.slice(2), {})).toMatchObject({ kind: 'run', config: { command: 'serve' } });
  expect(unit).toMatch(/^CapabilityBoundingSet=CAP_SYS_PTRACE$/m);
});

const HAS_SYSTEMD = spawnSync('systemd-analyze', ['--version']).status === 0;

test.runIf(HAS_SYSTEMD)('systemd accepts the unit and counts it as well confined', () => {
  const path = 'deploy/systemd/pausewatch.service';
  const verify = spawnSync('systemd-analyze', ['verify', path], { encoding: 'utf8' });
  // It also minds that the program is not installed here.
  const complaints = verify.stderr
    .split('\n')
    .filter((line) => line !== '' && !/is not executable|No such file/.test(line));
  expect(complaints).toEqual([]);
  const security = execFileSync('systemd-analyze', ['security', '--offline=true', '--no-pager', path], {
    encoding: 'utf8',
  });
  const exposure = Number(/Overall exposure level for pausewatch\.service: ([\d.]+)/.exec(security)?.[1]);
  expect(exposure).toBeLessThanOrEqual(2.5);
});

test('The image needs no shell: every instruction is in exec form, and both builders understand it', () => {
  const runs = dockerfile.split('\n').filter((line) => /^(RUN|ENTRYPOINT|CMD)\b/.test(line));
  expect(runs.length).toBeGreaterThan(3);
  expect(runs.filter((line) => !/^(RUN|ENTRYPOINT|CMD) \[".*"\]$/.test(line))).toEqual([]);
  expect(dockerfile).not.toMatch(/^# ?syntax=|--mount=/m);
});

test('Everything the image is built from is copied, and let through to the builder', () => {
  const ignore = readFileSync('.dockerignore', 'utf8').split('\n');
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, paths = '']) => paths.split(' '));
  const read = [...readFileSync('build.mjs', 'utf8').matchAll(/new URL\('([^']+?)\/?', import\.meta\.url\)/g)];
  expect(copied).toEqual(expect.arrayContaining(['build.mjs', 'src', ...read.map(([, path]) => path)]));
  for (const path of copied) {
    expect(existsSync(path)).toBe(true);
    expect(ignore).toContain(`!${path.replace(/^\.\//, '')}`);
  }
});
