/** `kubectl pausewatch`, the built program, against a stand-in for kubectl with real agents behind it. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { makeNode } from '../program/fixture-node.ts';
import { ensureBuilt, type Finished, poll, startAgent } from '../program/program.ts';

vi.setConfig({ testTimeout: 60_000 });
beforeAll(ensureBuilt, 60_000);

const PLUGIN = fileURLToPath(new URL('../../dist/kubectl-pausewatch.js', import.meta.url));
const STAND_IN = fileURLToPath(new URL('stand-in.mjs', import.meta.url));

/** A pod as the stand-in knows it. */
interface PodFacts {
  readonly name: string;
  readonly namespace: string;
  readonly node?: string;
  readonly port?: number;
  readonly phase?: string;
  readonly leaving?: boolean;
  /** port-forward says this and ends. */
  readonly fails?: string;
  /** port-forward says this first, in one breath with where it listens. */
  readonly greets?: string;
  /** The port-forward opens and nothing ever comes through it. */
  readonly mute?: boolean;
}

/** A cluster of the stand-in. */
interface Cluster {
  start(...args: string[]): { readonly finished: Promise<Finished>; kill(signal: NodeJS.Signals): void };
  run(...args: string[]): Promise<Finished>;
  log(): { readonly event: string; readonly pid: number; readonly pod?: string; readonly args?: string[] }[];
}

function makeCluster(pods: readonly PodFacts[], refuse?: string, says?: string): Cluster {
  const directory = mkdtempSync(join(tmpdir(), 'pausewatch-kubectl-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, 'cluster.json'), JSON.stringify({ pods, refuse, says }));
  writeFileSync(join(directory, 'log'), '');
  symlinkSync(STAND_IN, join(directory, 'kubectl'));
  const start: Cluster['start'] = (...args) => {
    const env = { PATH: `${directory}${delimiter}${process.env['PATH'] ?? ''}`, STAND_IN: directory, COLUMNS: '120' };
    const child = spawn(process.execPath, [PLUGIN, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const finished = new Promise<Finished>((resolve) => {
      child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
    });
    return { finished, kill: (signal) => void child.kill(signal) };
  };
  const log: Cluster['log'] = () =>
    readFileSync(join(directory, 'log'), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  return { start, run: (...args) => start(...args).finished, log };
}

/** An agent over a node made of files, as a pod of the DaemonSet. */
async function makeAgent(node: string, without: readonly string[] = []): Promise<PodFacts> {
  const files = await makeNode({ without });
  const agent = await startAgent([...files.flags, `--node-name=${node}`]);
  await poll(
    async () => ((await agent.get('/sandboxes')).body.includes('"complete":true') ? true : undefined),
    () => agent.stderr(),
  );
  return { name: `pausewatch-${node}`, namespace: 'watch', node, port: Number(new URL(agent.url).port) };
}

/** Port-forwards that were opened and never closed, and the most that were open at once. */
function forwards(log: ReturnType<Cluster['log']>): { readonly left: number; readonly most: number } {
  let [open, most] = [0, 0];
  for (const { event } of log) {
    if (event === 'open') open++;
    if (event === 'close') open--;
    most = Math.max(most, open);
  }
  return { left: open, most };
}

// Dozens of programs at once on a busy machine: what fails twice in a row is a fault.
describe('kubectl pausewatch', { retry: 1 }, () => {
  test('joins what the agents say into a table by node, by namespace and by image, worst first', async () => {
    const sick = await makeAgent('worker-1');
    const well = await makeAgent('worker-2', ['deadpause', 'own', 'shared', 'hostpid', 'cni']);
    const cluster = makeCluster([sick, well]);
    const [byNode, byNamespace, byImage] = await Promise.all([
      cluster.run(),
      cluster.run('--by', 'namespace'),
      cluster.run('--by=image', '-n', 'watch', '--context', 'prod', '--kubeconfig', '/k'),
    ]);
    expect([byNode.code, byNamespace.code, byImage.code, byNode.stderr]).toEqual([0, 0, 0, '']);
    const rows = (text: string) =>
      text
        .split('\n')
        .slice(0, 4)
        .map((line) => line.trim().split(/ {2,}/));
    expect(rows(byNode.stdout).slice(0, 3)).toEqual([
      ['NODE', 'NODES', 'PODS', 'FINE', 'NOT JUDGED', 'CRITICAL', 'WARNING', 'INFO', 'ZOMBIES'],
      ['worker-1', '1', '7', '1', '0', '1', '1', '6', '5'],
      ['worker-2', '1', '2', '1', '0', '0', '1', '1', '0'],
    ]);
    expect(byNode.stdout).toMatch(/^critical worker-1 {2}default\/deadpause {2}pause-dead-containers-running/m);
    expect(rows(byNamespace.stdout)[1]).toEqual(['default', '2', '9', '2', '0', '1', '2', '5', '5']);
    expect(rows(byImage.stdout)[1]?.slice(1)).toEqual(['2', '9', '2', '0', '1', '2', '5', '5']);
    expect(rows(byImage.stdout)[1]?.[0]).toMatch(/pause/);
    const passed = cluster.log().filter(({ args }) => args?.includes('--context'));
    expect(passed).toHaveLength(3);
    for (const { args } of passed) expect(args?.slice(0, 4)).toEqual(['--context', 'prod', '--kubeconfig', '/k']);
    expect(forwards(cluster.log()).left).toBe(0);
  });

  test('prints everything as one document, each finding and sandbox with its node', async () => {
    const cluster = makeCluster([await makeAgent('worker-1')]);
    const { code, stdout } = await cluster.run('-o', 'json');
    const document = JSON.parse(stdout) as Record<string, readonly Record<string, unknown>[]>;
    expect([code, document['schemaVersion'], document['unanswered']]).toEqual([0, 1, []]);
    expect(document['nodes']).toMatchObject([{ node: 'worker-1', pod: 'watch/pausewatch-worker-1', complete: true }]);
    expect(document['sandboxes']).toHaveLength(8);
    expect(document['findings']?.map(({ id }) => id)).toContain('pause-dead-containers-running');
    for (const it of [...(document['sandboxes'] ?? []), ...(document['findings'] ?? [])])
      expect(it['node']).toBe('worker-1');
  });

  test('names the nodes that did not answer and why, and shows the others', async () => {
    const agent = await makeAgent('worker-1');
    const pods: PodFacts[] = [
      agent,
      { name: 'p-pending', namespace: 'watch', node: '', phase: 'Pending' },
      {
        name: 'p-refused',
        namespace: 'watch',
        node: 'worker-3',
        fails: 'error: unable to upgrade connection: Forbidden',
      },
      { name: 'p-nobody', namespace: 'watch', node: 'worker-4', port: 2 },
      { name: 'p-leaving', namespace: 'watch', node: 'worker-1', leaving: true },
    ];
    const cluster = makeCluster(pods);
    const { code, stdout } = await cluster.run();
    expect(code).toBe(2);
    expect(stdout).toMatch(/^worker-1 /m);
    const missing = stdout.split('\n').filter((line) => line.startsWith('did not answer'));
    expect(missing).toEqual([
      'did not answer: no node yet (watch/p-pending): the pod is Pending',
      'did not answer: worker-3 (watch/p-refused): error: unable to upgrade connection: Forbidden',
      expect.stringMatching(/^did not answer: worker-4 \(watch\/p-nobody\): cannot reach the agent at http:/),
    ]);
    expect(forwards(cluster.log()).left).toBe(0);
    expect((await cluster.run('--node', 'worker-1')).code).toBe(0);
    const lost = await cluster.run('--node', 'worker-9');
    expect([lost.code, lost.stderr]).toEqual([2, expect.stringContaining('no agent runs on node worker-9')]);
  });

  test('hears where a port-forward listens, whatever kubectl says before it', async () => {
    const cluster = makeCluster([{ ...(await makeAgent('worker-1')), greets: 'Using the plugin of the day\n\n' }]);
    const { code, stdout } = await cluster.run();
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^worker-1 /m)]);
    expect(forwards(cluster.log()).left).toBe(0);
  });

  test('has at most eight port-forwards open, and closes every one', async () => {
    const { port } = await makeAgent('worker-1');
    const pods = Array.from({ length: 20 }, (_, i) => ({
      name: `p-${i}`,
      namespace: 'watch',
      node: `n-${i}`,
      port: port ?? 0,
    }));
    const cluster = makeCluster(pods);
    const { code, stdout } = await cluster.run();
    expect(code).toBe(0);
    expect(stdout).toMatch(/^worker-1 +20 +140 /m);
    const { left, most } = forwards(cluster.log());
    expect(left).toBe(0);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(8);
  });

  test('closes them on Ctrl-C too, without waiting for an agent that says nothing', async () => {
    const pods = Array.from({ length: 3 }, (_, i) => ({
      name: `p-${i}`,
      namespace: 'watch',
      node: `n-${i}`,
      port: 2,
      mute: true,
    }));
    const cluster = makeCluster(pods);
    const running = cluster.start();
    await poll(
      () => (forwards(cluster.log()).most === 3 ? true : undefined),
      () => JSON.stringify(cluster.log()),
    );
    running.kill('SIGINT');
    expect((await running.finished).code).toBe(130);
    expect(forwards(cluster.log()).left).toBe(0);
    for (const { pid } of cluster.log()) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  test.each([
    ['node', 'sum by (instance, finding) (pausewatch_findings) > 0'],
    ['namespace', 'sum by (namespace, finding, level) (pausewatch_pod_finding)'],
    ['image', 'sum by (image, version) (pausewatch_pause_image_sandboxes)'],
  ])('asks no more than 50 nodes: beyond that it prints what to ask Prometheus (by %s)', async (by, query) => {
    const pods = Array.from({ length: 51 }, (_, i) => ({ name: `p-${i}`, namespace: 'watch', node: `n-${i}` }));
    const cluster = makeCluster(pods);
    const { code, stdout, stderr } = await cluster.run('--by', by);
    expect([code, stdout]).toEqual([2, `${query}\n`]);
    expect(stderr).toContain('51 nodes are too many');
    expect(cluster.log().filter(({ args }) => args?.includes('port-forward'))).toEqual([]);
  });

  test('says in one line what kubectl refused, that there is no agent, or that there is no kubectl', async () => {
    const refused = await makeCluster([], 'error: You must be logged in to the server (Unauthorized)').run();
    expect(refused).toMatchObject({
      code: 2,
      stdout: '',
      stderr: 'kubectl-pausewatch: error: You must be logged in to the server (Unauthorized)\n',
    });
    for (const says of ['Forbidden', '{"items":{}}', '[]']) {
      const odd = await makeCluster([], undefined, says).run();
      expect(odd.stderr).toBe('kubectl-pausewatch: kubectl get pods -o json did not answer with a list of pods\n');
    }
    expect((await makeCluster([], undefined, '{"items":[null]}').run()).stderr).toContain('no pod has the label');
    const none = await makeCluster([]).run('-n', 'empty');
    expect(none.stderr).toBe('kubectl-pausewatch: no pod has the label app.kubernetes.io/name=pausewatch in empty\n');
    const wrong = await makeCluster([]).run('--by=rack', '-A', '-n', 'x', 'word');
    expect([wrong.code, wrong.stderr.trim().split('\n')]).toEqual([
      64,
      expect.arrayContaining([expect.stringContaining('--by must be one of')]),
    ]);
    expect(wrong.stderr.trim().split('\n')).toHaveLength(4);
    const child = spawn(process.execPath, [PLUGIN], { env: { PATH: '/nowhere' }, stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
    await new Promise((resolve) => child.once('close', resolve));
    expect(stderr).toBe('kubectl-pausewatch: kubectl is not on the PATH\n');
  });
});
