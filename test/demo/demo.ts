// `npm run demo`: real pods in trouble, the agent on top of them, the table a person sees, and no trace afterwards.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { parseArgs } from 'node:util';
import { cacheDirectory } from '../lab/cache-directory.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { labObstacle } from '../lab/preflight.ts';
import { startDemoPods } from './demo-pods.ts';

const PROGRAM = 'dist/pausewatch.js';
const USUAL_PORT = 10_961;

/** Progress goes to stderr: stdout carries the table and the addresses. */
function say(line: string): void {
  process.stderr.write(`demo: ${line}\n`);
}

/** The agent's usual port, or another one when that is taken. */
async function freePort(): Promise<number> {
  for (const port of [USUAL_PORT, 0]) {
    const server = createServer();
    const listening = once(server, 'listening').then(
      () => true,
      () => false,
    );
    server.listen(port, '127.0.0.1');
    if (!(await listening)) continue;
    const address = server.address();
    server.close();
    await once(server, 'close');
    if (address !== null && typeof address === 'object') return address.port;
  }
  throw new Error('there is no free port on 127.0.0.1');
}

/** Runs `pausewatch scan` and shows its output as it is. */
async function printTable(lab: Lab): Promise<void> {
  const args = [PROGRAM, 'scan', '--node-name', 'demo', '--runtime-endpoint', lab.endpoint, '--fail-on', 'never'];
  const [code] = await once(spawn(process.execPath, args, { stdio: 'inherit' }), 'exit');
  if (code !== 0) throw new Error(`pausewatch scan ended with ${String(code)}`);
}

async function startAgent(lab: Lab, url: string): Promise<ChildProcess> {
  const address = new URL(url).host;
  const flags = ['--node-name', 'demo', '--runtime-endpoint', lab.endpoint, '--web.listen-address', address];
  // It would log each finding that the table has just told, a moment later and in other words.
  const agent = spawn(process.execPath, [PROGRAM, 'serve', ...flags, '--log.level', 'error'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  for (let tries = 0; tries < 50; tries++) {
    const ready = await fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (ready) return agent;
    if (agent.exitCode !== null) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  agent.kill();
  throw new Error('the agent did not become ready');
}

/** Suggestions, each to be copied into another terminal. */
function whatToTry(url: string, endpoint: string, stoppedPause: number): string {
  return `
In another terminal, in this directory:
  npx pausewatch inspect shop/search --agent ${url}
  kill -CONT ${stoppedPause}
      the pause of shop/search goes on and reaps: pause-stopped clears within half a minute
  npx pausewatch-enter shop/checkout --mount app \\
      --runtime-endpoint ${endpoint} -- ps aux
`;
}

async function showAndWait(lab: Lab, stoppedPause: number, interrupted: Promise<void>): Promise<void> {
  const url = `http://127.0.0.1:${await freePort()}`;
  const agent = await startAgent(lab, url);
  const paths = ['/', '/sandboxes', '/findings', '/metrics'];
  process.stdout.write(`\nThe agent serves the same here:\n${paths.map((path) => `  ${url}${path}\n`).join('')}`);
  process.stdout.write(whatToTry(url, lab.endpoint, stoppedPause));
  process.stdout.write('\nCtrl-C ends the demo and removes it.\n');
  await Promise.race([interrupted, once(agent, 'exit')]);
  agent.kill();
  if (agent.exitCode === null && agent.signalCode === null) await once(agent, 'exit');
}

async function demo(): Promise<void> {
  const { values } = parseArgs({ options: { once: { type: 'boolean', default: false } } });
  const obstacle = labObstacle();
  if (obstacle !== undefined) {
    say(obstacle);
    process.exitCode = 2;
    return;
  }
  let stopped = false;
  const interrupted = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        stopped = true;
        resolve();
      });
    }
  });
  let lab: Lab | undefined;
  try {
    lab = await startLab({ progress: say });
    const { stoppedPause } = await startDemoPods(lab, say);
    say('looking twice, 2 s apart');
    await printTable(lab);
    if (!values.once) await showAndWait(lab, stoppedPause, interrupted);
  } catch (error) {
    // Whatever was under way when Ctrl-C came has failed, since the lab goes first.
    if (!stopped) throw error;
  } finally {
    say('removing pods, containerd, cgroups, namespaces, mounts and files');
    await lab?.close();
  }
  say(`removed. What stays: node_modules and dist here, and the unpacked packages in ${cacheDirectory()}.`);
}

await demo();
