// Runs before the tests on real pods: what killed labs left behind must not be taken for a trace of a test.
import { labObstacle } from './preflight.ts';
import { sweepLeftovers } from './remove-lab.ts';
import { prepareTools } from './tools.ts';

/** Called by the test runner, once. */
export async function setup(): Promise<void> {
  if (labObstacle() !== undefined) return;
  const progress = (message: string): void => void process.stderr.write(`lab: ${message}\n`);
  const tools = await prepareTools(undefined, progress);
  await sweepLeftovers(tools.busybox, progress);
}
