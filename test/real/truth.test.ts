/** What pausewatch says of healthy and leaking pods equals what was arranged, in every PID mode and network. */
import { readFileSync, readlinkSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Lab, startLab } from '../lab/lab.ts';
import type { LabPod } from '../lab/pod.ts';
import { aboveInfo, allFindings, findingIds, type SandboxesDocument, sandboxOf } from './document.ts';
import { run, scanDocument, startAgent } from './program.ts';

const LEAKS = [
  { name: 'good', command: ['zoo', 'reaper'] },
  { name: 'init', command: ['zoo', 'leak-init', '3'] },
  { name: 'below', command: ['zoo', 'leak-below', '2', '--', 'reaper'] },
] as const;

const CASES = (['container', 'pod', 'node'] as const).flatMap((pidMode) =>
  (['host', 'cni'] as const).map((network) => ({ pidMode, network, name: `${pidMode}-${network}` })),
);

let lab: Lab;
let document: SandboxesDocument;
const pods = new Map<string, LabPod>();

beforeAll(async () => {
  lab = await startLab();
  await Promise.all(
    CASES.map(async ({ name, pidMode, network }) => {
      pods.set(name, await lab.runPod({ name, namespace: 'truth', pidMode, network, containers: LEAKS }));
    }),
  );
  document = await scanDocument(lab);
});

afterAll(() => lab?.close());

function podOf(name: string): LabPod {
  const pod = pods.get(name);
  if (pod === undefined) throw new Error(`no pod ${name}`);
  return pod;
}

function inode(pid: number, kind: string): number {
  return Number(/\[(\d+)\]/.exec(readlinkSync(`/proc/${pid}/ns/${kind}`))?.[1]);
}

describe.each(CASES)('A pod with PID mode $pidMode and network $network', ({ name, pidMode }) => {
  test('is mapped to its own pause process', () => {
    const { pause, state, pidMode: told, noPauseReason } = sandboxOf(document, name);
    expect({ told, state, noPauseReason }).toEqual({ told: pidMode, state: 'ready', noPauseReason: null });
    expect(pause).toMatchObject({ pid: podOf(name).pausePid, state: 'S', reaps: 'yes', exe: '/pause' });
  });

  test('shows the namespaces of pause and who shares them', () => {
    const { namespaces } = sandboxOf(document, name);
    const pod = podOf(name);
    for (const kind of ['net', 'ipc', 'uts', 'pid', 'mnt', 'user']) {
      const held = inode(pod.pausePid, kind);
      const sharing = pod.containers.filter(({ pid }) => inode(pid, kind) === held).map((it) => it.name);
      expect({ kind, ...namespaces[kind] }).toEqual({ kind, inode: held, heldByPause: true, sharedBy: sharing });
    }
  });

  test('names the first process of each container', () => {
    const told = sandboxOf(document, name).containers.map(({ name: container, pid }) => [container, pid]);
    const truth = podOf(name).containers.map(({ name: container, pid }) => [container, pid]);
    expect(Object.fromEntries(told)).toEqual(Object.fromEntries(truth));
  });

  test('counts the zombies of each container', () => {
    const counts = sandboxOf(document, name).containers.map((container) => [container.name, container.zombies]);
    expect(Object.fromEntries(counts)).toEqual({ good: 0, init: 3, below: 2 });
    expect(sandboxOf(document, name).zombies.count).toBe(5);
  });

  test('tells who fails to reap, and what kind of parent that is', () => {
    const leaker = podOf(name).container('init').pid;
    const { items } = sandboxOf(document, name).zombies;
    for (const { container, pid, parent } of items) {
      expect(parent?.pid).toBe(Number(/^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]));
      const isInit = parent?.pid === leaker && pidMode === 'container';
      expect({ container, kind: parent?.kind }).toEqual({ container, kind: isInit ? 'container-init' : 'process' });
    }
    expect(items.filter(({ container }) => container === 'init').every(({ parent }) => parent?.pid === leaker)).toBe(
      true,
    );
  });

  test('raises what its leaks deserve and nothing else', () => {
    const expected =
      pidMode === 'container'
        ? ['zombies-app-parent', 'zombies-container-init']
        : ['zombies-app-parent', 'zombies-app-parent'];
    expect(findingIds(document, name)).toEqual(expected);
  });
});

test('Everything could be judged', () => {
  expect(document.complete).toBe(true);
  expect(document.sandboxes).toHaveLength(CASES.length);
});

test('Zombies in a nested PID namespace belong to their container', async () => {
  await lab.runPod({
    name: 'nested',
    namespace: 'truth',
    containers: [{ name: 'outer', command: ['zoo', 'nested', 'leak-init', '4'], capabilities: ['SYS_ADMIN'] }],
  });
  const seen = sandboxOf(await scanDocument(lab), 'nested');
  expect(seen.containers).toMatchObject([{ name: 'outer', zombies: 4 }]);
  expect(new Set(seen.zombies.items.map(({ parent }) => parent?.kind))).toEqual(new Set(['process']));
});

test('A process may be called anything: its zombie is counted and named all the same', async () => {
  const name = ') Z 1 (\n\x1b[31m';
  const hex = Buffer.from(name).toString('hex');
  await lab.runPod({
    name: 'hostile',
    namespace: 'truth',
    containers: [{ name: 'app', command: ['zoo', 'rename', hex, '--', 'leak-init', '2'] }],
  });
  const seen = sandboxOf(await scanDocument(lab), 'hostile');
  expect(seen.zombies.count).toBe(2);
  expect(seen.zombies.items.map(({ comm }) => comm)).toEqual([name, name]);
});

test('A private cgroup namespace of the reader changes nothing', async () => {
  const args = ['-C', process.execPath, 'dist/pausewatch.js', 'scan', '--runtime-endpoint', lab.endpoint, '-o', 'json'];
  const { stdout } = await run('unshare', args);
  const inside: SandboxesDocument = JSON.parse(stdout);
  const outside = await scanDocument(lab);
  const essence = ({ sandboxes, complete }: SandboxesDocument) => ({
    complete,
    sandboxes: sandboxes.map(({ name, containers, zombies, pids, pause }) => ({
      name,
      containers,
      pause: pause?.pid,
      pids: pids.current,
      zombies: zombies.items.map(({ pid, container, parent }) => ({ pid, container, kind: parent?.kind })),
    })),
  });
  expect(essence(inside)).toEqual(essence(outside));
});

test('Read from a PID namespace of its own, /proc is told not to be the node’s, and nobody is called dead', async () => {
  const program = [
    process.execPath,
    'dist/pausewatch.js',
    'scan',
    '--settle',
    '300ms',
    '--runtime-endpoint',
    lab.endpoint,
  ];
  const { code, stdout } = await run('unshare', ['-p', '-f', '--mount-proc', ...program, '-o', 'json']);
  const seen: SandboxesDocument = JSON.parse(stdout);
  expect({ code, complete: seen.complete, findings: aboveInfo(allFindings(seen)) }).toEqual({
    code: 2,
    complete: false,
    findings: [],
  });
  const faults = seen.sources.flatMap(({ source, faults: its }) => its.map(({ message }) => [source, message]));
  expect(faults).toContainEqual(['procfs', expect.stringContaining('--path.procfs')]);
});

test('The running agent says the same as the scan, and ends with 0 on SIGTERM', async () => {
  const agent = await startAgent(lab, '--settle', '1s');
  const seen = await agent.until(({ complete }) => complete);
  for (const { name } of CASES) expect(findingIds(seen, name)).toEqual(findingIds(document, name));
  expect(await agent.stop()).toBe(0);
});
