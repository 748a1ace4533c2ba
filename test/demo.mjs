/** `npm run demo`: installs and builds what is needed, then starts the demo. */
import { installPackages, requireNode, run } from './install.mjs';

requireNode();
installPackages();
console.error('Building the program …');
if (run('node', ['build.mjs']).status !== 0) process.exit(2);
// Ctrl-C reaches the demo as well, which cleans up and ends by itself.
process.on('SIGINT', () => undefined);
const { status } = run('node', ['--import', 'tsx', 'test/demo/demo.ts', ...process.argv.slice(2)]);
process.exit(status ?? 1);
