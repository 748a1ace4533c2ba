/** The whole of /metrics and /sandboxes over one recorded node: what dashboards and scripts hold on to. */
import { beforeAll, describe, expect, test } from 'vitest';
import { makeNode } from './fixture-node.ts';
import { ensureBuilt, poll, startAgent } from './program.ts';

beforeAll(ensureBuilt, 60_000);

/** Families whose numbers are those of the moment or of the machine. */
const OF_THE_MOMENT =
  /^((?:process_|nodejs_|pausewatch_audit_duration|pausewatch_last_audit|pausewatch_audits|\w+_timestamp_seconds)[^ ]*) \S+$/gm;

function steadyMetrics(text: string, root: string, socket: string): string {
  return text
    .replaceAll(OF_THE_MOMENT, '$1 N')
    .replaceAll(/(version|revision|nodejs_version|arch|hash)="[^"]*"(?=.*\} 1$)/gm, (pair, name: string) =>
      pair.includes('1.6.20') || pair.includes('"3.') ? pair : `${name}="…"`,
    )
    .replaceAll(socket, '/run/containerd/containerd.sock')
    .replaceAll(root, '');
}

function steadyJson(text: string, root: string, socket: string): string {
  const steady = JSON.stringify(
    JSON.parse(text),
    (key, value: unknown) =>
      /^(takenAt|answeredAt|since|firstSeenAt|oldestFirstSeenAt)$/.test(key) && value !== null ? 'TIME' : value,
    2,
  );
  return `${steady.replaceAll(socket, '/run/containerd/containerd.sock').replaceAll(root, '')}\n`;
}

describe('one recorded node', () => {
  test('as a whole', async () => {
    const node = await makeNode({ without: ['cni', 'bare', 'exited'] });
    const agent = await startAgent(node.flags);
    await poll(
      async () => ((await agent.get('/metrics')).body.includes('pausewatch_pod_zombies{') ? true : undefined),
      () => agent.stderr(),
    );
    const [metrics, sandboxes] = [await agent.get('/metrics'), await agent.get('/sandboxes')];
    const { root, server } = node;
    await expect(steadyMetrics(metrics.body, root, server.socket)).toMatchFileSnapshot('golden/recorded-node.prom');
    await expect(steadyJson(sandboxes.body, root, server.socket)).toMatchFileSnapshot(
      'golden/recorded-node.json.golden',
    );
  });
});
