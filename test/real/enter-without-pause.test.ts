/** `pausewatch-enter` where CRI-O dropped the infra container: there is no pause, so a container of the pod leads in. */
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ContainerState } from '../../src/runtime/cri/generated/runtime/v1/cri.ts';
import { ensureBuilt } from '../program/program.ts';
import { type CriServer, recordedAnswers, startCriServer } from '../runtime/cri-server.ts';
import { readRecording } from '../runtime/recording.ts';
import { ENTER, enterPod } from './enter-program.ts';
import { run } from './program.ts';
import { type UnsharedPod, unsharePod } from './unshared-pod.ts';

const POD = 'default/own';
const ENDED = 'd'.repeat(64);
const SIDE = 'e'.repeat(64);

let pod: UnsharedPod;
let runtime: CriServer;
/** PID by id of a container, as the runtime tells it. */
const told = new Map<string, number>();

beforeAll(async () => {
  await ensureBuilt();
  pod = await unsharePod('walled', ['sleep 7771 & exec sleep 7772', 'exec sleep 7773']);
}, 60_000);

afterAll(() => pod?.end());

/** CRI-O's recorded answers, with the processes above in place of those that it was recorded with. */
beforeEach(async () => {
  const recording = readRecording('cri-o-1.36.3');
  const answers = recordedAnswers(recording);
  const { sandbox, container: app } = recording.arranged.get('own') ?? {};
  const listed = answers.containers.find(({ id }) => id === app);
  if (app === undefined || listed === undefined) throw new Error('no recorded container');
  const named = (id: string, name: string, state = listed.state) => ({
    ...listed,
    id,
    metadata: { name, attempt: 0 },
    state,
  });
  const [first = 0, second = 0] = pod.inits;
  told.clear();
  told.set(app, first).set(SIDE, second);
  runtime = await startCriServer({
    answers: {
      ...answers,
      sandboxes: answers.sandboxes.filter(({ id }) => id === sandbox),
      containers: [named(ENDED, 'migrate', ContainerState.CONTAINER_EXITED), listed, named(SIDE, 'side')],
      containerStatus: (id) => {
        const { status } = answers.containerStatus(app);
        if (status === undefined) throw new Error('no recorded status');
        const state = id === ENDED ? ContainerState.CONTAINER_EXITED : status.state;
        return { status: { ...status, id, state }, info: { info: JSON.stringify({ pid: told.get(id) ?? 0 }) } };
      },
    },
  });
});

function namespacesOf(pid: number): string[] {
  return ['net', 'ipc', 'uts', 'pid'].map((kind) => readlinkSync(`/proc/${pid}/ns/${kind}`));
}

const TELL_NAMESPACES = 'for n in net ipc uts pid; do readlink /proc/self/ns/$n; done';
/** Command lines of all processes that are seen, less those of the line of shell itself. */
const TELL_PROCESSES = `for p in /proc/[0-9]*; do tr '\\0' ' ' <$p/cmdline; echo; done | grep '^sleep' | sort`;

describe('A pod whose pause was dropped', () => {
  test('is entered through its first container that runs', async () => {
    const { code, stdout, stderr } = await enterPod(runtime, POD, TELL_NAMESPACES, []);
    const [app = 0] = pod.inits;
    expect({ code, stderr, inside: stdout.trimEnd().split('\n') }).toEqual({
      code: 0,
      stderr: '',
      inside: namespacesOf(app),
    });
    const own = namespacesOf(process.pid);
    expect(namespacesOf(app).filter((it) => own.includes(it))).toEqual([]);
  });

  test('looks from inside as it does to that container: its processes, its host name, its network', async () => {
    const { stdout } = await enterPod(runtime, POD, `hostname; ${TELL_PROCESSES}; cat /proc/net/dev`, []);
    const network = readFileSync(`/proc/${pod.inits[0]}/net/dev`, 'utf8');
    expect(stdout).toBe(`walled\nsleep 7771 \nsleep 7772 \n${network}`);
    expect(network).not.toBe(readFileSync('/proc/self/net/dev', 'utf8'));
    expect(hostname()).not.toBe('walled');
  });

  test('shows the processes and files of another container when asked to, in the same network', async () => {
    const line = `${TELL_NAMESPACES}; ${TELL_PROCESSES}; echo $CONTAINER_ROOT`;
    const { code, stdout } = await enterPod(runtime, POD, line, ['--mount=side']);
    const [app = 0, side = 0] = pod.inits;
    const [net, ipc, uts] = namespacesOf(app);
    const pid = namespacesOf(side)[3];
    expect([code, stdout.split('\n')]).toEqual([0, [net, ipc, uts, pid, 'sleep 7773 ', '/proc/1/root', '']]);
  });

  test('tells a person at a shell whose namespaces these are', async () => {
    const flags = [ENTER, POD, '--runtime-endpoint', runtime.endpoint];
    const { code, stderr } = await run('env', ['SHELL=/bin/true', process.execPath, ...flags]);
    expect(code).toBe(0);
    expect(stderr).toContain(`in ${POD}: net, ipc, uts, pid of container app (PID ${pod.inits[0]})\n`);
  });

  test('is refused when no container runs, or only dead PIDs are told', async () => {
    const dead = Number(readFileSync('/proc/sys/kernel/pid_max', 'utf8')) - 1;
    for (const id of told.keys()) told.set(id, dead);
    const { code, stderr } = await enterPod(runtime, POD, 'true', []);
    expect([code, stderr]).toEqual([
      125,
      `pausewatch-enter: cannot enter ${POD}: there is no pause by design (infra-dropped) and no container runs here.\n`,
    ]);
  });

  test('is refused where the PID that is told lives among the namespaces of the host', async () => {
    for (const id of told.keys()) told.set(id, process.pid);
    const { code, stderr } = await enterPod(runtime, POD, 'true', []);
    expect([code, stderr]).toEqual([125, expect.stringContaining('has no namespaces of its own')]);
  });
});
