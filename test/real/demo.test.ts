/** The demo shows what it promises and leaves nothing behind; promtool has nothing to say about the metrics. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { findProgram, unpackPackages } from '../lab/debian-packages.ts';
import { startLab } from '../lab/lab.ts';
import { takeTraces } from '../lab/traces.ts';
import { run, startAgent } from './program.ts';

const EXPECTED = [
  ['shop/payments', 'pause-dead-containers-running'],
  ['shop/search', 'pause-stopped'],
  ['legacy/batch', 'pause-not-reaping'],
  ['image registry.k8s.io/pause:3.0', 'pause-image-too-old'],
  ['image k8s.gcr.io/pause:3.6', 'pause-image-legacy-registry'],
  ['ci/runner', 'zombies-container-init'],
  ['data/importer', 'zombies-app-parent'],
] as const;

test('npm run demo -- --once prints the table, exits with 0 and leaves no trace', async () => {
  const before = takeTraces();
  const { code, stdout } = await run('npm', ['run', '--silent', 'demo', '--', '--once']);
  expect(code).toBe(0);
  const lines = stdout.split('\n');
  for (const [heading, finding] of EXPECTED) {
    const at = lines.findIndex((line) => line.startsWith(heading));
    expect({ heading, finding: lines[at + 1] }).toEqual({ heading, finding: expect.stringContaining(finding) });
  }
  expect(stdout).toContain('4 of 9 pods fine');
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
  expect(takeTraces()).toEqual(before);
});

test('Ctrl-C ends the demo with the agent up and leaves no trace', async () => {
  const before = takeTraces();
  const demo = spawn('node', ['test/demo.mjs'], { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const progress = text(demo.stderr);
  for await (const chunk of demo.stdout) if (String(chunk).includes('Ctrl-C ends the demo')) break;
  process.kill(-(demo.pid ?? Number.NaN), 'SIGINT');
  const [code] = await once(demo, 'exit');
  expect(code).toBe(0);
  expect(await progress).toContain('removed. What stays:');
  expect(takeTraces()).toEqual(before);
});

test('promtool finds nothing to complain about in /metrics', async () => {
  const lab = await startLab();
  try {
    await lab.runPod({ name: 'leaking', containers: [{ name: 'app', command: ['zoo', 'leak-init', '3'] }] });
    const agent = await startAgent(lab, '--settle', '500ms');
    await agent.until(({ complete }) => complete);
    const promtool = findProgram(await unpackPackages({ names: ['prometheus'] }, () => undefined), 'promtool');
    expect(existsSync(promtool)).toBe(true);
    const check = spawn(promtool, ['check', 'metrics'], { stdio: ['pipe', 'pipe', 'pipe'] });
    check.stdin.end(await agent.text('/metrics'));
    const [out, errors] = await Promise.all([text(check.stdout), text(check.stderr), once(check, 'exit')]);
    expect({ code: check.exitCode, out, errors }).toEqual({ code: 0, out: '', errors: '' });
    await agent.stop();
  } finally {
    await lab.close();
  }
});
