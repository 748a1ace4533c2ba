// Prints what stands in the lab's way on this machine and ends with 1; with nothing in its way, ends with 0.
import { labObstacle } from './preflight.ts';

const obstacle = labObstacle();
if (obstacle !== undefined) {
  process.stdout.write(`${obstacle}\n`);
  process.exitCode = 1;
}
