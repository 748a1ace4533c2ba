import { basename } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { OWN_NAMESPACES } from './test/lab/namespace-worker.ts';
import { labObstacle } from './test/lab/preflight.ts';

/** Tests that need real containers; everything else is fast and runs anywhere. */
const REAL = ['test/lab/**/*.test.ts', 'test/real/**/*.test.ts'];

/** What takes minutes, in the order in which it begins: begun last, it would be waited for alone. */
const LONGEST = ['contract', 'churn', 'full-node', 'limits', 'differential', 'image'];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = LONGEST.indexOf(basename(moduleId, '.test.ts'));
      return at < 0 ? LONGEST.length : at;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      // Many of these wait for deadlines: three side by side keep two cores busy.
      { test: { name: 'fast', include: ['test/**/*.test.ts'], exclude: REAL, testTimeout: 60_000, maxWorkers: 3 } },
      {
        test: {
          name: 'real',
          include: REAL,
          // Where there can be no lab they are only counted, which needs no rights.
          pool: labObstacle() === undefined ? OWN_NAMESPACES : 'forks',
          globalSetup: ['test/lab/sweep-first.ts'],
          // Some wait and some start pods: three side by side keep two cores busy.
          maxWorkers: 3,
          // Real runtimes on a busy machine: what fails twice in a row is a fault.
          retry: 1,
          testTimeout: 120_000,
          hookTimeout: 300_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
