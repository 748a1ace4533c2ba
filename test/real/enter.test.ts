/** `pausewatch-enter` on real pods: proved from inside to be where it says, and from outside to leave nothing behind. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Lab, PAUSE_IMAGES, startLab } from '../lab/lab.ts';
import type { LabPod } from '../lab/pod.ts';
import { prepareTools } from '../lab/tools.ts';
import { poll } from '../program/program.ts';
import { startOnTerminal } from '../program/terminal.ts';
import { ENTER, enterPod } from './enter-program.ts';
import { type Outcome, run } from './program.ts';

const CASES = (['container', 'pod', 'node'] as const).flatMap((pidMode) =>
  (['host', 'cni'] as const).map((network) => ({ pidMode, network, name: `${pidMode}-${network}` })),
);
const KINDS = ['net', 'ipc', 'uts', 'pid'] as const;
const HOSTILE = "x'; touch pwned; $(touch pwned) \u001b[31m";

let lab: Lab;
let busybox: string;
const pods = new Map<string, LabPod>();

beforeAll(async () => {
  lab = await startLab();
  ({ busybox } = await prepareTools(undefined, () => undefined));
  await Promise.all(
    [...CASES, { name: HOSTILE, pidMode: 'pod', network: 'host' } as const].map(async ({ name, pidMode, network }) => {
      const containers = [
        { name: 'app', command: ['zoo', 'reaper'] },
        { name: 'side', command: ['zoo', 'leak-init', '1'] },
      ];
      pods.set(name, await lab.runPod({ name, namespace: 'enter', pidMode, network, containers }));
    }),
  );
});

afterAll(() => lab?.close());

function podOf(name: string): LabPod {
  const pod = pods.get(name);
  if (pod === undefined) throw new Error(`no pod ${name}`);
  return pod;
}

const enter = (pod: string, line: string, ...flags: string[]): Promise<Outcome> => enterPod(lab, pod, line, flags);

function link(pid: number | 'self', kind: string): string {
  return readlinkSync(`/proc/${pid}/ns/${kind}`);
}

/** Every mount anybody on this host sees, by mount namespace. */
function mounts(): string[] {
  const seen = new Map<string, string>();
  for (const pid of readdirSync('/proc').filter((it) => /^\d+$/.test(it))) {
    try {
      seen.set(readlinkSync(`/proc/${pid}/ns/mnt`), readFileSync(`/proc/${pid}/mountinfo`, 'utf8'));
    } catch {
      // It ended, or is a zombie.
    }
  }
  return [...seen].map((it) => it.join('\n')).toSorted();
}

describe.each(CASES)('In a pod with PID mode $pidMode and network $network', ({ name, pidMode, network }) => {
  test('a command is in the namespaces of pause, and in the mount namespace of nobody else', async () => {
    const pause = podOf(name).pausePid;
    const { code, stdout, stderr } = await enter(
      `enter/${name}`,
      'for n in net ipc uts pid mnt; do readlink /proc/self/ns/$n; done',
    );
    const inside = stdout.trimEnd().split('\n');
    expect({ code, inside: inside.slice(0, 4) }).toEqual({ code: 0, inside: KINDS.map((kind) => link(pause, kind)) });
    const isHostPid = pidMode === 'node';
    expect([link('self', 'mnt'), link(pause, 'mnt')].includes(inside[4] ?? '')).toBe(isHostPid);
    const own = KINDS.filter((kind) => link(pause, kind) === link('self', kind));
    expect(stderr).toBe(
      own.length === 0 ? '' : `pausewatch-enter: ${own.join(', ')}: the host's own, by the will of the pod\n`,
    );
  });

  test('ps shows the processes of that PID namespace', async () => {
    const { stdout } = await enter(`enter/${name}`, `${busybox} ps -o pid,comm`);
    const shown = stdout
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/));
    const comms = shown.map(([, comm]) => comm);
    const wanted = { pod: ['pause', 'zoo', 'zoo', 'zoo'], container: ['pause'], node: ['containerd', 'pause', 'zoo'] }[
      pidMode
    ];
    expect(comms).toEqual(expect.arrayContaining([...wanted, 'busybox']));
    if (pidMode !== 'node') {
      expect(shown[0]).toEqual(['1', 'pause']);
      expect(comms.filter((it) => it !== 'busybox' && it !== 'sh')).toHaveLength(wanted.length);
    } else expect(shown.map(([pid]) => pid)).toContain(String(process.pid));
  });

  test('who asks for the processes is told which containers are not among them', async () => {
    const args = [ENTER, `enter/${name}`, '--runtime-endpoint', lab.endpoint, '--', 'ps', '-o', 'pid,comm'];
    const { stderr } = await run(process.execPath, args);
    const notice = 'ps here shows pause only: app and side have PID namespaces of their own';
    expect(stderr.includes(notice)).toBe(pidMode === 'container');
  });

  test('ip and hostname tell whose network and name it is', async () => {
    const { stdout } = await enter(`enter/${name}`, `hostname; ${busybox} ip -o addr`);
    const [told = '', ...addresses] = stdout.trimEnd().split('\n');
    const { stdout: ofHost } = await run(busybox, ['ip', '-o', 'addr']);
    const own = (line: string) => line.split(/\s+/).slice(1, 4).join(' ');
    // Bridges and pairs of the labs beside this one come and go between the two looks.
    const lasting = (lines: readonly string[]) =>
      lines
        .map(own)
        .filter((line) => !/^(pwlab|veth)/.test(line))
        .toSorted();
    const [here, there] = [lasting(addresses), lasting(ofHost.trimEnd().split('\n'))];
    if (network === 'host') expect([told, here]).toEqual([hostname(), there]);
    else {
      expect(told).toBe(name);
      const ip = /^eth0 inet ([\d.]+)\//m.exec(here.join('\n'))?.[1] ?? 'no address';
      expect(readFileSync(`/proc/${podOf(name).pausePid}/net/fib_trie`, 'utf8')).toContain(` ${ip}\n`);
      expect(there.join('\n')).not.toContain(ip);
    }
  });

  test('--mount shows the files of a container to the programs of the host, in its PID namespace', async () => {
    const app = podOf(name).container('app');
    const { code, stdout } = await enter(
      `enter/${name}`,
      `pwd -P >/dev/null; echo $CONTAINER_ROOT; readlink /proc/self/ns/pid; ls bin/zoo; test "$PWD" = "$CONTAINER_ROOT" && echo there`,
      '--mount=app',
    );
    const inner = /^NSpid:.*\t(\d+)$/m.exec(readFileSync(`/proc/${app.pid}/status`, 'utf8'))?.[1];
    expect([code, stdout]).toEqual([0, `/proc/${inner}/root\n${link(app.pid, 'pid')}\nbin/zoo\nthere\n`]);
  });
});

describe('what is left behind', () => {
  test('is no mount and no process', async () => {
    const before = mounts();
    for (const { name } of CASES) await enter(`enter/${name}`, 'true', '--mount', 'side');
    expect(mounts()).toEqual(before);
  });

  test('an orphan becomes a child of the pause that is PID 1 there, which reaps it', async () => {
    const pause = podOf('pod-host').pausePid;
    const { stdout } = await enter('enter/pod-host', 'sleep 987654 >/dev/null 2>&1 & readlink /proc/self/ns/pid');
    expect(stdout.trim()).toBe(link(pause, 'pid'));
    const orphan = await poll(
      () => childrenOf(pause).find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('987654')),
      () => 'no orphan under pause',
    );
    process.kill(orphan, 'SIGKILL');
    await poll(
      () => (childrenOf(pause).includes(orphan) ? undefined : true),
      () => 'never reaped',
    );
  });

  test('under a pause that does not reap is said beforehand', async () => {
    await lab.runPod({ name: 'old', namespace: 'enter', pidMode: 'pod', pauseImage: PAUSE_IMAGES.noReap });
    const { stderr } = await enter('enter/old', 'true');
    expect(stderr).toContain('PID 1 does not reap: what you leave running stays a zombie');
  });

  test('is no command that outlives a Ctrl-C it did not mind', async () => {
    const line = 'trap "echo minded" INT; echo ready; read it; echo still; exit 9';
    const command = [
      process.execPath,
      ENTER,
      'pod-cni',
      '--runtime-endpoint',
      lab.endpoint,
      '--',
      '/bin/bash',
      '-c',
      line,
    ];
    const terminal = startOnTerminal(command, { columns: 100, rows: 30 });
    await poll(
      () => (terminal.drawn().includes('ready') ? true : undefined),
      () => terminal.drawn(),
    );
    terminal.type('\u0003');
    await poll(
      () => (terminal.drawn().includes('minded') ? true : undefined),
      () => terminal.drawn(),
    );
    terminal.type('\n');
    expect(await terminal.finished).toBe(9);
  });
});

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}

describe('the command', () => {
  test('gives its exit code, or 128 and the signal that ended it', async () => {
    expect((await enter('pod-cni', 'exit 37')).code).toBe(37);
    expect((await enter('pod-cni', 'kill -USR1 $$')).code).toBe(138);
    // unshare before util-linux 2.39 cannot pass on this one signal.
    expect([137, 1]).toContain((await enter('pod-cni', 'kill -KILL $$')).code);
    const { code, stderr } = await run(process.execPath, [
      ENTER,
      'pod-cni',
      '--runtime-endpoint',
      lab.endpoint,
      '--',
      'no-such-program',
    ]);
    expect([code, stderr]).toEqual([127, expect.stringContaining('no-such-program')]);
  });

  test('gets the signals its parent gets', async () => {
    const args = [
      ENTER,
      'pod-cni',
      '--runtime-endpoint',
      lab.endpoint,
      '--',
      '/bin/sh',
      '-c',
      'echo ready; exec sleep 1000',
    ];
    const child: ChildProcess = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    child.kill('SIGTERM');
    expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(143);
    const { stdout } = await enter('pod-cni', `${busybox} ps -o comm`);
    expect(stdout).not.toContain('sleep');
  });

  test('without one is a shell on the terminal, told where it is', async () => {
    const command = [process.execPath, ENTER, 'pod-cni', '--runtime-endpoint', lab.endpoint];
    const terminal = startOnTerminal(command, { columns: 100, rows: 30 }, { SHELL: '/bin/bash' });
    await poll(
      () => (terminal.drawn().includes('is reaped by PID 1') ? true : undefined),
      () => terminal.drawn(),
    );
    terminal.type('test -t 0 && echo tty-$(hostname)\nsleep 1000\n');
    await poll(
      () => (terminal.drawn().includes('tty-pod-cni') ? true : undefined),
      () => terminal.drawn(),
    );
    terminal.type('\u0003');
    terminal.type('exit 5\n');
    expect(await terminal.finished).toBe(5);
    expect(terminal.drawn()).toContain('in enter/pod-cni: net, ipc, uts, pid of pause');
  });

  test('of a pod with a hostile name runs as if it had none', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'pausewatch-enter-'));
    try {
      const args = [
        ENTER,
        `enter/${HOSTILE}`,
        '--runtime-endpoint',
        lab.endpoint,
        '--mount=app',
        '--',
        'readlink',
        '/proc/self/ns/pid',
      ];
      const answer = await new Promise<{ stdout: string; stderr: string }>((resolve) => {
        execFile(process.execPath, args, { cwd: directory }, (_, stdout, stderr) => resolve({ stdout, stderr }));
      });
      expect(answer).toEqual({
        stdout: `${link(podOf(HOSTILE).pausePid, 'pid')}\n`,
        stderr: expect.stringContaining("the host's own"),
      });
      expect(readdirSync(directory)).toEqual([]);
      const { stderr } = await enter(`${HOSTILE} `, 'true');
      expect(stderr).toContain(String.raw`\x1b[31m`);
      expect(stderr).not.toContain('\u001b');
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
