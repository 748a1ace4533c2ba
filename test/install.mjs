/** Installs the packages of this checkout when they are not there yet. Plain Node: it runs before anything is installed. */
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const LOCK = `${ROOT}package-lock.json`;
const INSTALLED = `${ROOT}node_modules/.package-lock.json`;

/** Says in one sentence what is missing, and ends, when this Node is too old. */
export function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  console.error(`pausewatch needs Node 20.19 or newer; this is ${process.versions.node}.`);
  process.exit(2);
}

/** Runs `npm ci` unless the installed packages are those of the lock file. */
export function installPackages() {
  if (existsSync(INSTALLED) && statSync(INSTALLED).mtimeMs >= statSync(LOCK).mtimeMs) return;
  console.error('Installing the packages of this checkout (npm ci) …');
  const { status } = spawnSync('npm', ['ci', '--no-fund', '--no-audit'], { cwd: ROOT, stdio: ['ignore', 2, 2] });
  if (status === 0) return;
  console.error('npm ci failed; see above. It needs the npm registry.');
  process.exit(2);
}

/** Runs a program of this checkout and gives its exit code; the packages must be installed. */
export function run(command, args, options = {}) {
  return spawnSync(command, args, { cwd: ROOT, stdio: 'inherit', ...options });
}
