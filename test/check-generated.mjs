/** Generates the CRI code anew and compares: what is committed must be what the .proto files say. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './install.mjs';

const directory = mkdtempSync(join(tmpdir(), 'pausewatch-gen-'));
let different = 0;
try {
  for (const path of ['proto', 'buf.yaml', 'buf.gen.yaml', 'test/lab/proto', 'test/lab/buf.gen.yaml']) {
    cpSync(path, join(directory, path), { recursive: true });
  }
  symlinkSync(join(process.cwd(), 'node_modules'), join(directory, 'node_modules'));
  const buf = join(process.cwd(), 'node_modules/.bin/buf');
  generate([]);
  generate(['--template', 'test/lab/buf.gen.yaml']);
  compare('src/runtime/cri/generated');
  compare('test/lab/generated');

  function generate(args) {
    if (run(buf, ['generate', ...args], { cwd: directory }).status !== 0) process.exit(1);
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}
process.exitCode = different === 0 ? 0 : 1;

function compare(folder) {
  const made = listFiles(join(directory, folder));
  const committed = listFiles(folder);
  for (const file of new Set([...made, ...committed])) {
    if (read(join(directory, folder, file)) === read(join(folder, file))) continue;
    console.error(`${join(folder, file)} is not what its .proto generates; run npm run gen.`);
    different++;
  }
}

function listFiles(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
