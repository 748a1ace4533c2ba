import { defineConfig } from 'vitest/config';

/** Tests that need real containers; everything else is fast and runs anywhere. */
const REAL = ['test/lab/**/*.test.ts', 'test/real/**/*.test.ts'];

/** Of these the ones that judge the node as a whole, measure it, or watch the clock: they have the machine for themselves. */
const ALONE = [
  'test/lab/**/*.test.ts',
  ...['daemonset', 'demo', 'faults', 'healthy', 'limits', 'runtime-faults', 'tally'].map(
    (name) => `test/real/${name}.test.ts`,
  ),
];

/** Real runtimes on a busy machine: what fails twice in a row is a fault. */
const ON_PODS = { retry: 1, testTimeout: 60_000, hookTimeout: 300_000, globalSetup: ['test/lab/sweep-first.ts'] };

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'fast', include: ['test/**/*.test.ts'], exclude: REAL, testTimeout: 60_000, maxWorkers: 3 } },
      {
        test: { name: 'real', include: REAL, exclude: ALONE, ...ON_PODS, maxWorkers: 3, sequence: { groupOrder: 1 } },
      },
      {
        test: { name: 'alone', include: ALONE, ...ON_PODS, fileParallelism: false, sequence: { groupOrder: 2 } },
      },
    ],
  },
});
