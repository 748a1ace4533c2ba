import { defineConfig } from 'vitest/config';

/** Tests that need real containers; everything else is fast and runs anywhere. */
const REAL = ['test/lab/**/*.test.ts', 'test/real/**/*.test.ts'];

/** Of these the ones that take minutes and want the machine for themselves: `npm run test:long`. */
const LONG = ['test/real/churn.test.ts', 'test/real/differential.test.ts'];

/** One lab at a time: several side by side make two cores wait for each other, and see each other's leavings. */
const ON_PODS = { fileParallelism: false, hookTimeout: 300_000, globalSetup: ['test/lab/sweep-first.ts'] };

export default defineConfig({
  test: {
    projects: [
      // Many of these wait for deadlines: three side by side keep two cores busy.
      { test: { name: 'fast', include: ['test/**/*.test.ts'], exclude: REAL, testTimeout: 60_000, maxWorkers: 3 } },
      {
        test: {
          name: 'real',
          include: REAL,
          exclude: LONG,
          ...ON_PODS,
          // Real runtimes on a busy machine: what fails twice in a row is a fault.
          retry: 1,
          testTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      { test: { name: 'long', include: LONG, ...ON_PODS, sequence: { groupOrder: 2 } } },
    ],
  },
});
