/** `npm run demo`: installs and builds what is needed, then starts the demo. */
import { parseArgs } from 'node:util';
import { installPackages, requireNode, run } from './install.mjs';

const HELP = `npm run demo starts a private containerd with nine real pods, five of them in trouble, prints what
pausewatch scan says of them, and then serves the same until Ctrl-C, which removes it all.

  npm run demo            the table, then the agent with its pages
  npm run demo -- --once  only the table

It needs Debian, root, apt-get and Node 20.19 or newer.
`;

/** What a person asked for; a mistake is one line and exit code 64. */
function readArguments() {
  try {
    const options = {
      once: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    };
    return parseArgs({ options }).values;
  } catch (error) {
    console.error(`demo: ${error.message.split('.')[0]}; npm run demo -- --help tells what there is`);
    return process.exit(64);
  }
}

const asked = readArguments();
if (asked.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
// Said before anything is installed or built, since then nothing of that was of use.
if (process.getuid?.() !== 0) {
  console.error('npm run demo needs root (it makes namespaces, mounts and cgroups): sudo npm run demo');
  process.exit(2);
}
requireNode();
installPackages();
console.error('Building the program …');
if (run('node', ['build.mjs']).status !== 0) process.exit(2);
// Ctrl-C reaches the demo as well, which cleans up and ends by itself.
process.on('SIGINT', () => undefined);
// Without it tsx keeps what it compiled in /tmp.
const env = { ...process.env, TSX_DISABLE_CACHE: '1' };
const { status } = run('node', ['--import', 'tsx', 'test/demo/demo.ts', ...(asked.once ? ['--once'] : [])], { env });
process.exit(status ?? 1);
