/** Recordings of real pods: judged like the node they were taken of, and, redacted, without a name of it. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lab, startLab } from '../lab/lab.ts';
import { allFindings, type SandboxesDocument } from './document.ts';
import { run, scanDocument } from './program.ts';

const PROGRAM = 'dist/pausewatch.js';

let lab: Lab;
let directory: string;

beforeAll(async () => {
  lab = await startLab();
  directory = mkdtempSync(join(tmpdir(), 'pausewatch-record-'));
  await lab.runPod({
    namespace: 'till',
    name: 'ledger',
    containers: [{ name: 'book', command: ['zoo', 'leak-init', '12'] }],
  });
  const orphaned = await lab.runPod({
    namespace: 'till',
    name: 'drawer',
    containers: [{ name: 'coin', command: ['zoo', 'reaper'] }],
  });
  process.kill(orphaned.pausePid, 'SIGKILL');
  await lab.runPod({
    namespace: 'till',
    name: 'counter',
    pidMode: 'pod',
    containers: [{ name: 'sum', command: ['zoo', 'reaper'] }],
  });
});

afterAll(async () => {
  rmSync(directory, { recursive: true, force: true });
  await lab?.close();
});

/** Records the lab into a new file. */
async function record(name: string, ...flags: string[]): Promise<string> {
  const file = join(directory, name);
  const own = ['--runtime-endpoint', lab.endpoint, '--node-name', 'till-node', '--settle', '600ms'];
  expect(await run(process.execPath, [PROGRAM, 'record', '-o', file, ...own, ...flags])).toMatchObject({
    code: 0,
    stderr: expect.stringContaining(`wrote ${file}: 3 sandboxes, two looks, `),
  });
  return file;
}

async function replayDocument(file: string): Promise<SandboxesDocument> {
  const { stdout } = await run(process.execPath, [PROGRAM, 'replay', file, '-o', 'json']);
  return JSON.parse(stdout) as SandboxesDocument;
}

/** Findings of the pods, by what names do not decide. */
function verdicts(document: SandboxesDocument): readonly string[] {
  const found = document.sandboxes.flatMap(({ id, findings }) => findings.map((it) => `${id} ${it.id} ${it.severity}`));
  return found.toSorted();
}

test('A recording, plain or redacted, is judged like the node', async () => {
  const live = await scanDocument(lab);
  const plain = await replayDocument(await record('plain.json'));
  const redacted = await replayDocument(await record('redacted.json', '--redact'));
  expect(allFindings(live).map(({ id }) => id)).toEqual(
    expect.arrayContaining(['pause-dead-containers-running', 'zombies-container-init']),
  );
  expect(verdicts(plain)).toEqual(verdicts(live));
  expect(verdicts(redacted)).toEqual(verdicts(live));
});

test('A redacted recording of a real node holds no name of it, of its pods and of its programs', async () => {
  const plain = await record('named.json');
  const redacted = await record('nameless.json', '--redact');
  expect([statSync(plain).mode & 0o777, statSync(redacted).mode & 0o777]).toEqual([0o600, 0o600]);
  const [named, nameless] = [readFileSync(plain, 'utf8'), readFileSync(redacted, 'utf8')];
  const names = [
    'till-node',
    '"till"',
    'ledger',
    'drawer',
    'counter',
    '"book"',
    '"coin"',
    'zoo',
    basename(dirname(lab.endpoint)),
  ];
  for (const name of names) {
    expect({ name, plain: named.includes(name), redacted: nameless.includes(name) }).toEqual({
      name,
      plain: true,
      redacted: false,
    });
  }
});
