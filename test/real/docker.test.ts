/** A real dockerd without CRI, its pods made as dockershim made them: found, judged, kept while it is away. */
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DOCKER_IMAGES, type DockerLab, startDockerLab } from '../lab/docker-lab.ts';
import { type DockerPod, type DockerPodSpec, startDockerPod } from '../lab/docker-pod.ts';
import { takeTraces } from '../lab/traces.ts';
import { allFindings, findingIds, type SandboxesDocument, sandboxOf } from './document.ts';
import { type RunningAgent, run, scanDocument, startAgent } from './program.ts';

const before = takeTraces();
const hadKey = existsSync('/etc/docker');
let lab: DockerLab;
let agent: RunningAgent;
const pods = new Map<string, DockerPod>();

/** Starts a pod of this name. */
async function runPod(name: string, facts: Partial<DockerPodSpec> = {}): Promise<DockerPod> {
  const usual = { pidMode: 'container', pauseImage: DOCKER_IMAGES.pause, appImage: DOCKER_IMAGES.app } as const;
  const spec = { name, uid: `uid-of-${name}`, command: ['zoo', 'reaper'], ...usual, ...facts };
  const pod = await startDockerPod(lab.api, spec, lab.cgroup);
  pods.set(name, pod);
  return pod;
}

/** The pod of this name. */
function podOf(name: string): DockerPod {
  const pod = pods.get(name);
  if (pod === undefined) throw new Error(`no pod ${name}`);
  return pod;
}

beforeAll(async () => {
  lab = await startDockerLab();
  await runPod('own');
  await runPod('shared', { pidMode: 'pod' });
  await runPod('host', { pidMode: 'node' });
  // No labels, a name that had to be changed after a conflict, and a vendor's own pause.
  await runPod('old', { isLabelled: false, suffix: 'd3adb33f', attempt: 3, pauseImage: DOCKER_IMAGES.custom });
  await runPod('doomed');
  agent = await startAgent(lab, '--audit.interval', '2s', '--settle', '1s');
});

afterAll(async () => {
  await agent?.stop();
  await lab?.close();
});

function isUp({ runtimes }: SandboxesDocument): boolean {
  return runtimes.every(({ up }) => up);
}

test('The pods of a dockerd are found by label and by name, with PID mode, pause and image', async () => {
  const document = await scanDocument(lab);
  expect(document.runtimes).toMatchObject([{ name: 'docker', flavour: 'docker', up: true }]);
  console.log(`dockerd ${document.runtimes[0]?.version}`);
  expect(allFindings(document).filter(({ severity }) => severity !== 'info')).toEqual([]);
  const facts = document.sandboxes.map(({ name, namespace, pidMode, image }) => [name, namespace, pidMode, image?.ref]);
  expect(facts).toEqual([
    ['doomed', 'shop', 'container', DOCKER_IMAGES.pause],
    ['host', 'shop', 'node', DOCKER_IMAGES.pause],
    ['old', 'shop', 'container', DOCKER_IMAGES.custom],
    ['own', 'shop', 'container', DOCKER_IMAGES.pause],
    ['shared', 'shop', 'pod', DOCKER_IMAGES.pause],
  ]);
  for (const { name, id, pause, containers } of document.sandboxes) {
    const { sandboxId, pausePid, appPid } = podOf(name);
    expect([id, pause?.pid, pause?.state, containers[0]?.pid]).toEqual([sandboxId, pausePid, 'S', appPid]);
  }
});

test('Nobody has to name the socket: it is among the well-known ones', async () => {
  const args = ['dist/pausewatch.js', 'scan', '-o', 'json', '--settle', '600ms', '--path.run', lab.directory.path];
  const { stdout, stderr } = await run(process.execPath, args);
  if (stdout === '') throw new Error(stderr);
  const document = JSON.parse(stdout) as SandboxesDocument;
  expect(document.runtimes).toMatchObject([{ flavour: 'docker', up: true }]);
  expect(document.sandboxes).toHaveLength(5);
});

test('A pause that is killed is found, and counted as a death by signal', async () => {
  await agent.until((document) => isUp(document) && sandboxOf(document, 'doomed').pause !== null);
  process.kill(podOf('doomed').pausePid, 'SIGKILL');
  await agent.until((document) => findingIds(document, 'doomed').includes('pause-dead-containers-running'), 20_000);
  // dockerd tells a moment later how it ended.
  const counted = expect.stringMatching(/^pausewatch_pause_deaths_total\{reason="signal"\} 1$/m);
  await expect.poll(() => agent.text('/metrics'), { timeout: 20_000 }).toEqual(counted);
});

test('A stopped pause of a shared PID namespace is found', async () => {
  process.kill(podOf('shared').pausePid, 'SIGSTOP');
  const document = await agent.until((it) => findingIds(it, 'shared').includes('pause-stopped'), 20_000);
  const [finding] = sandboxOf(document, 'shared').findings;
  expect(finding).toMatchObject({ id: 'pause-stopped', severity: 'critical' });
  process.kill(podOf('shared').pausePid, 'SIGCONT');
  await agent.until((it) => findingIds(it, 'shared').length === 0, 20_000);
});

test('A vendor’s pause that does not reap is found by what it does, whatever its name', async () => {
  const orphans = ['zoo', 'orphans', '4'];
  await runPod('leaking', { pidMode: 'pod', pauseImage: DOCKER_IMAGES.custom, command: orphans });
  const document = await agent.until((it) =>
    it.sandboxes.some(({ name, zombies }) => name === 'leaking' && zombies.count === 4),
  );
  expect(findingIds(document, 'leaking')).toContain('pause-not-reaping');
});

test('A dockerd that hangs: the pods of its last answer stay', async () => {
  await lab.freeze();
  const down = await agent.until((document) => !isUp(document), 20_000);
  expect(down.sandboxes).toHaveLength(6);
  expect(down.nodeFindings.map(({ id }) => id)).toContain('runtime-unreachable');
  lab.unfreeze();
  await agent.until(isUp, 20_000);
});

test('A dockerd that is killed and comes back with live restore: the same pods, judged as before', async () => {
  await lab.kill();
  const down = await agent.until((document) => !isUp(document), 20_000);
  expect(sandboxOf(down, 'own').pause).toMatchObject({ pid: podOf('own').pausePid, state: 'S' });
  await lab.start(true);
  const back = await agent.until((document) => isUp(document), 30_000);
  expect(sandboxOf(back, 'own').pause).toMatchObject({ pid: podOf('own').pausePid, state: 'S' });
  expect(back.runtimes[0]?.conditions).toMatchObject([{ type: 'LiveRestoreEnabled', status: true }]);
  expect(findingIds(back, 'own')).toEqual([]);
});

test('Nothing of it stays behind', async () => {
  expect(await agent.stop()).toBe(0);
  await lab.close();
  for (let i = 0; i < 50 && JSON.stringify(takeTraces()) !== JSON.stringify(before); i++) await sleep(100);
  expect(takeTraces()).toEqual(before);
  expect(existsSync('/etc/docker')).toBe(hadKey);
});
