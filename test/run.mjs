/** `npm test`: every check and every test, one after the other, and one last line that sums them up; `--checks`: no tests. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installPackages, requireNode, run } from './install.mjs';

requireNode();
installPackages();

const WITHOUT_LAB = process.env.PAUSEWATCH_NO_LAB === '1';
const BIN = 'node_modules/.bin';

/** Each is one command that must succeed. */
const CHECKS = [
  ['types', `${BIN}/tsc`, ['-p', '.']],
  ['types of core, which may know nothing of Node', `${BIN}/tsc`, ['-p', 'src/core']],
  ['lint', `${BIN}/oxlint`, ['src', 'test', 'deploy']],
  ['format', `${BIN}/biome`, ['check', '--error-on-warnings', '.']],
  ['unused files, exports and packages', `${BIN}/knip`, []],
  ['generated code is what the .proto files generate', 'node', ['test/check-generated.mjs']],
  ['build', 'node', ['build.mjs']],
];

const total = { passed: 0, failed: 0, skipped: 0 };

for (const [name, command, args] of CHECKS) {
  const started = performance.now();
  const { status } = run(command, args);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
  if (status === 0) total.passed++;
  else total.failed++;
}

if (!process.argv.includes('--checks')) {
  runTests('fast', 'rules, parsers, program');
  if (WITHOUT_LAB) skipTests('real');
  else if (labIsPossible()) runTests('real', 'real pods');
}

console.log(`${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`);
process.exitCode = total.failed > 0 ? 1 : 0;

/** Runs one project of vitest.config.ts and adds its numbers. */
function runTests(project, what) {
  console.log(`\nTests: ${what}`);
  const directory = mkdtempSync(join(tmpdir(), 'pausewatch-test-'));
  const file = join(directory, 'result.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const args = ['run', '--project', project, ...reporters];
  const { status } = run(`${BIN}/vitest`, args);
  const counted = countTests(file);
  total.passed += counted.passed;
  total.skipped += counted.skipped;
  total.failed += Math.max(counted.failed, status === 0 ? 0 : 1);
  rmSync(directory, { recursive: true, force: true });
}

function countTests(file) {
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(readFileSync(file, 'utf8'));
    return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests + numTodoTests };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

/** Where the lab cannot run that is a failure, unless it was asked to go on without. */
function labIsPossible() {
  const { status, stdout } = run(`${BIN}/tsx`, ['test/lab/obstacle.ts'], { stdio: ['ignore', 'pipe', 'inherit'] });
  if (status === 0) return true;
  console.log(`FAILED real pods: ${String(stdout).trim()} PAUSEWATCH_NO_LAB=1 goes on without them.`);
  total.failed++;
  return false;
}

function skipTests(project) {
  const { stdout } = run(`${BIN}/vitest`, ['list', '--project', project, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const skipped = JSON.parse(String(stdout)).length;
  total.skipped += skipped;
  console.log(`\nSkipped: ${skipped} tests on real pods, because PAUSEWATCH_NO_LAB=1.`);
}
