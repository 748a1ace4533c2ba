/** A real Alertmanager keeps back what another alert explains, and nothing else. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../deploy/free-port.ts';
import { findProgram, unpackPackages } from '../lab/debian-packages.ts';

let url: string;
let stop: () => Promise<void>;

beforeAll(async () => {
  const directory = mkdtempSync(join(tmpdir(), 'pausewatch-alertmanager-'));
  const root = await unpackPackages({ names: ['prometheus-alertmanager'] }, () => undefined);
  const config = `${readFileSync('deploy/alertmanager/inhibitions.yaml', 'utf8')}route: {receiver: none}\nreceivers: [{name: none}]\n`;
  writeFileSync(join(directory, 'alertmanager.yml'), config);
  url = `http://127.0.0.1:${await freePort()}`;
  const child = spawn(
    'unshare',
    [
      // Debian's reads its templates from /usr/share, wherever it was unpacked.
      '--mount',
      'sh',
      '-c',
      'mount --bind "$0" /usr/share && exec "$@"',
      join(root, 'usr/share'),
      findProgram(root, 'prometheus-alertmanager'),
      `--config.file=${join(directory, 'alertmanager.yml')}`,
      `--storage.path=${directory}`,
      `--web.listen-address=${url.slice('http://'.length)}`,
      '--cluster.listen-address=',
    ],
    { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let log = '';
  child.stderr.on('data', (chunk) => {
    log += String(chunk);
  });
  stop = async () => {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'exit');
    rmSync(directory, { recursive: true, force: true });
  };
  while (
    !(await fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    ))
  ) {
    if (child.exitCode !== null) throw new Error(`alertmanager ended: ${log}`);
    await sleep(100);
  }
});

afterAll(() => stop?.());

/** Labels of an alert. */
type Labels = Readonly<Record<string, string>>;

/** An alert as Alertmanager has it. */
interface HeldAlert {
  readonly labels: Labels;
  readonly status: { readonly state: string; readonly inhibitedBy: readonly string[] };
}

/** Sends alerts and says which of them are kept back. */
async function keptBack(alerts: readonly Labels[]): Promise<string[]> {
  const cluster = String(performance.now());
  const body = JSON.stringify(alerts.map((labels) => ({ labels: { ...labels, cluster } })));
  const sent = await fetch(`${url}/api/v2/alerts`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body,
  });
  expect(sent.status).toBe(200);
  for (;;) {
    const all = (await (await fetch(`${url}/api/v2/alerts`)).json()) as readonly HeldAlert[];
    const ours = all.filter(({ labels }) => labels['cluster'] === cluster);
    if (ours.length === alerts.length && ours.every(({ status }) => status.state !== 'unprocessed')) {
      const held = ours.filter(({ status }) => status.inhibitedBy.length > 0);
      return held.map(({ labels }) => `${labels['alertname']} ${labels['node'] ?? labels['pool'] ?? ''}`).toSorted();
    }
    await sleep(100);
  }
}

const POD = { namespace: 'shop', pod: 'checkout' };

test('a node that is not ready silences its pods, its agent and itself, not its neighbour', async () => {
  expect(
    await keptBack([
      { alertname: 'KubeNodeNotReady', node: 'a' },
      { alertname: 'PausewatchPauseDead', node: 'a', ...POD },
      { alertname: 'PausewatchAgentDown', node: 'a' },
      { alertname: 'PausewatchRuntimeZombies', node: 'a' },
      { alertname: 'PausewatchPauseDead', node: 'b', ...POD },
      { alertname: 'KubePodCrashLooping', node: 'a', ...POD },
    ]),
  ).toEqual(['PausewatchAgentDown a', 'PausewatchPauseDead a', 'PausewatchRuntimeZombies a']);
});

test('a blind agent silences what it last said of its node', async () => {
  expect(
    await keptBack([
      { alertname: 'PausewatchAgentBlind', node: 'a', source: 'runtime' },
      { alertname: 'PausewatchPauseStopped', node: 'a', ...POD },
      { alertname: 'PausewatchPauseStopped', node: 'b', ...POD },
    ]),
  ).toEqual(['PausewatchPauseStopped a']);
});

test('a node out of PIDs silences the tickets of its pods', async () => {
  expect(
    await keptBack([
      { alertname: 'PausewatchNodePidExhaustion', node: 'a' },
      { alertname: 'PausewatchZombieBuildup', node: 'a', ...POD },
      { alertname: 'PausewatchShimStuck', node: 'a' },
    ]),
  ).toEqual(['PausewatchZombieBuildup a']);
});

test('a page about many nodes takes the place of the tickets about each, within its pool', async () => {
  expect(
    await keptBack([
      { alertname: 'PausewatchPauseImageMissingWidely', pool: 'gpu' },
      { alertname: 'PausewatchPauseImageMissing', pool: 'gpu' },
      { alertname: 'PausewatchPauseImageMissing', pool: 'web' },
    ]),
  ).toEqual(['PausewatchPauseImageMissing gpu']);
});
