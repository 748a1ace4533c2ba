/** Every runtime of the contract in a process that can be stopped: `stand-in-process.ts <directory>`. Says "ready" on stdout. */
import { PROFILES } from './profiles.ts';
import { socketOf } from './serve-apart.ts';

const directory = process.argv[2] ?? '.';
await Promise.all(PROFILES.map((profile) => profile.serve(socketOf(profile, directory))));
// With whoever started it.
process.stdin.once('end', () => process.exit()).resume();
console.log('ready');
