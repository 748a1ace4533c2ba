/** A real Prometheus scrapes a real agent as it will be scraped: labels survive, every query answers, alerts fire and end. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FLEET_DASHBOARD } from '../../deploy/source/fleet-dashboard.ts';
import { NODE_DASHBOARD } from '../../deploy/source/node-dashboard.ts';
import { listAlerts, renderRuleFile } from '../../deploy/source/rules.ts';
import { type Prometheus, startPrometheus } from '../deploy/prometheus-server.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import type { LabPod } from '../lab/pod.ts';
import { type RunningAgent, startAgent } from './program.ts';

/** Half a second for a minute. */
const SCALE = 1 / 120;
const SECOND = 1000;

let lab: Lab;
let agent: RunningAgent;
let prometheus: Prometheus;
let leaking: LabPod;

beforeAll(async () => {
  lab = await startLab();
  await lab.runPod({ name: 'sound', pidMode: 'pod', containers: [{ name: 'app', command: ['zoo', 'reaper'] }] });
  await lab.runPod({
    name: 'old',
    pidMode: 'pod',
    pauseImage: 'registry.k8s.io/pause:3.0',
    containers: [{ name: 'app', command: ['zoo', 'reaper'] }],
  });
  // Two generations of one pod, both alive, as while a StatefulSet's pod is replaced.
  for (const attempt of [0, 1]) {
    await lab.runPod({ name: 'twice-0', attempt, containers: [{ name: 'app', command: ['zoo', 'leak-init', '3'] }] });
  }
  const stopped = await lab.runPod({
    name: 'stopped',
    pidMode: 'pod',
    containers: [{ name: 'app', command: ['zoo', 'reaper'] }],
  });
  process.kill(stopped.pausePid, 'SIGSTOP');
  leaking = await lab.runPod({
    name: 'leaking',
    namespace: 'ci',
    containers: [{ name: 'app', command: ['zoo', 'leak-init', '1'] }],
  });
  leaking.setPidsLimit(300);
  agent = await startAgent(
    lab,
    '--audit.interval',
    '1s',
    '--settle',
    '500ms',
    '--node-name',
    'lab-node',
    '--node.pid-max',
    '32768',
  );
  prometheus = await startPrometheus(
    {
      address: agent.url.replace('http://', ''),
      labels: {
        // What service discovery and the operator know of the agent's own pod.
        __meta_kubernetes_pod_node_name: 'lab-node',
        __meta_kubernetes_pod_label_app_kubernetes_io_name: 'pausewatch',
        __meta_kubernetes_pod_container_port_name: 'http',
        namespace: 'pausewatch',
        pod: 'pausewatch-x7k2p',
        container: 'pausewatch',
        endpoint: 'http',
      },
    },
    renderRuleFile(SCALE),
  );
  await prometheus.until(
    () => prometheus.query('pausewatch_pod_finding{finding="pause-stopped"}'),
    (it) => it.length > 0,
    60 * SECOND,
  );
});

afterAll(async () => {
  await prometheus?.stop();
  await agent?.stop();
  await lab?.close();
});

test('series keep the labels of the pods that are watched, not those of the agent', async () => {
  const pods = await prometheus.query('pausewatch_pod_pause_up');
  expect(pods.map(({ metric }) => `${metric['namespace']}/${metric['pod']}`).toSorted()).toEqual(
    ['ci/leaking', 'default/old', 'default/sound', 'default/stopped', 'default/twice-0'].toSorted(),
  );
  for (const { metric } of pods) {
    expect(metric).toMatchObject({ node: 'lab-node', instance: 'lab-node', job: 'pausewatch' });
    expect(Object.keys(metric).filter((label) => /^(exported_|container$|endpoint$)/.test(label))).toEqual([]);
  }
  const [up] = await prometheus.query('up');
  expect(up).toMatchObject({
    metric: { node: 'lab-node', instance: 'lab-node', job: 'pausewatch' },
    value: [expect.any(Number), '1'],
  });
});

test('two sandboxes of one pod are one series, which counts the zombies of both', async () => {
  const zombies = await prometheus.until(
    () => prometheus.query('pausewatch_pod_zombies{pod="twice-0"}'),
    (it) => it[0]?.value[1] === '6',
    30 * SECOND,
  );
  expect(zombies).toHaveLength(1);
  expect(await prometheus.query('pausewatch_container_zombies{pod="twice-0",container="app"}')).toHaveLength(1);
});

/** Queries about what this node has none of; all others must answer. */
const NOTHING_TO_SHOW = new Set([
  'Who leaks most',
  'Could not be judged',
  'PIDs of the node',
  'Pause images of the node',
  'The agent: memory and faults',
]);

test.each([...FLEET_DASHBOARD.panels, ...NODE_DASHBOARD.panels])(
  'the panel "$title" shows something',
  async ({ title, queries }) => {
    const answers: number[] = [];
    for (const { expr } of queries) {
      const asked = expr.replaceAll('$cluster', '.*').replaceAll('$node', 'lab-node');
      answers.push(
        NOTHING_TO_SHOW.has(title)
          ? (await prometheus.query(asked)).length
          : (
              await prometheus.until(
                () => prometheus.query(asked),
                (it) => it.length > 0,
                30 * SECOND,
              )
            ).length,
      );
    }
    expect(answers).toHaveLength(queries.length);
  },
);

/** Whether these hold depends on the second they are asked in: the next test waits for them. */
const TIMED = new Set(['PausewatchZombieBuildup', 'PausewatchPidLimitByZombies', 'PausewatchAuditsStale']);

test('every alert expression is understood, and those that hold here are exactly what the lab arranged', async () => {
  const holding: string[] = [];
  for (const { name, expr } of listAlerts(SCALE)) if ((await prometheus.query(expr)).length > 0) holding.push(name);
  expect(holding.filter((name) => !TIMED.has(name))).toEqual(
    listAlerts()
      .map(({ name }) => name)
      .filter((name) =>
        ['PausewatchPauseStopped', 'PausewatchPauseNotReaping', 'PausewatchPauseImageTooOld'].includes(name),
      ),
  );
});

test('a zombie buildup fires, with its pod and remedy, and its end resolves it', async () => {
  // At this scale one zombie in 0.4 s is one in 48 s.
  await leaking.addContainer({ name: 'leak', command: ['zoo', 'drip', '280', '400'] });
  const firing = (name: string) => async () =>
    (await prometheus.alerts()).filter(({ labels, state }) => labels['alertname'] === name && state === 'firing');
  const [alert] = await prometheus.until(firing('PausewatchZombieBuildup'), (it) => it.length > 0, 150 * SECOND);
  expect(alert?.labels).toEqual({
    alertname: 'PausewatchZombieBuildup',
    namespace: 'ci',
    pod: 'leaking',
    node: 'lab-node',
    instance: 'lab-node',
    job: 'pausewatch',
    severity: 'warning',
    owner: 'workload',
  });
  expect(alert?.annotations['summary']).toMatch(/^Pod ci\/leaking on lab-node collects zombies: \d+ and growing\.$/);
  expect(alert?.annotations['runbook_url']).toMatch(/\/docs\/findings\/zombies-container-init\.md$/);
  await leaking.remove();
  expect(await prometheus.until(firing('PausewatchZombieBuildup'), (it) => it.length === 0, 120 * SECOND)).toEqual([]);
}, 300_000);
