/** What judging costs. Among the tests on real pods because those run one after the other, with the cores to themselves. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { run } from './program.ts';

test('Judging 1,000 sandboxes with 20,000 processes takes less than 50 ms of CPU', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'pausewatch-judge-'));
  const outfile = join(directory, 'judge.mjs');
  await build({ entryPoints: ['test/bench/judge.ts'], outfile, bundle: true, platform: 'node', format: 'esm' });
  const { stdout, stderr } = await run(process.execPath, [outfile]);
  rmSync(directory, { recursive: true, force: true });
  if (stdout === '') throw new Error(stderr);
  const { processes, best } = JSON.parse(stdout) as { processes: number; best: number };
  console.log(`judging ${processes} processes: ${best.toFixed(1)} ms of CPU`);
  expect(processes).toBeGreaterThan(20_000);
  expect(best).toBeLessThan(50);
});
