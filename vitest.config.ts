import { defineConfig } from 'vitest/config';

/** Tests that need real containers; everything else is fast and runs anywhere. */
const REAL = ['test/lab/**/*.test.ts', 'test/real/**/*.test.ts'];

/** Of these the ones that take minutes and want the machine for themselves: `npm run test:long`. */
const LONG = ['test/real/churn.test.ts', 'test/real/differential.test.ts'];

export default defineConfig({
  test: {
    projects: [
      {
        test: { name: 'fast', include: ['test/**/*.test.ts'], exclude: REAL, testTimeout: 60_000 },
      },
      {
        test: {
          name: 'real',
          include: REAL,
          exclude: LONG,
          globalSetup: ['test/lab/sweep-first.ts'],
          fileParallelism: false,
          // Real runtimes on a busy machine: what fails twice in a row is a fault.
          retry: 1,
          testTimeout: 60_000,
          hookTimeout: 300_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'long',
          include: LONG,
          globalSetup: ['test/lab/sweep-first.ts'],
          fileParallelism: false,
          hookTimeout: 300_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
