/** `npm run bench`: installs what is needed, then measures the agent beside the exporters people know. */
import { installPackages, requireNode, run } from './install.mjs';

requireNode();
installPackages();
process.on('SIGINT', () => undefined);
const { status } = run('node', ['--import', 'tsx', 'test/bench/bench.ts', ...process.argv.slice(2)]);
process.exit(status ?? 1);
