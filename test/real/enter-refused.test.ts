/** Whom `pausewatch-enter` does not let in, on real pods: each with one sentence that says why and what to do. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Lab, startLab } from '../lab/lab.ts';
import type { LabPod } from '../lab/pod.ts';
import { poll } from '../program/program.ts';
import { ENTER, enterPod, statusOf } from './enter-program.ts';
import { copyForEveryone, type Outcome, run } from './program.ts';

let lab: Lab;
let pod: LabPod;

beforeAll(async () => {
  lab = await startLab();
  const containers = ['app', 'side'].map((name) => ({ name, command: ['zoo', 'reaper'] }));
  pod = await lab.runPod({ name: 'twice', namespace: 'enter', containers });
  await lab.runPod({ name: 'twice', namespace: 'other' });
});

afterAll(() => lab?.close());

const enter = (word: string, line: string, ...flags: string[]): Promise<Outcome> => enterPod(lab, word, line, flags);

describe('refused', () => {
  test('is a pod that nobody or more than one knows', async () => {
    const [nobody, several] = await Promise.all([enter('nobody', 'true'), enter('twice', 'true')]);
    expect([nobody.code, several.code]).toEqual([125, 125]);
    expect(nobody.stderr).toBe('pausewatch-enter: there is no pod nobody on this node, by name or sandbox id.\n');
    expect(several.stderr).toMatch(/twice may be any of 2: .*(enter|other)\/twice \([0-9a-f]{13}, ready\), /);
    expect((await enter(pod.sandboxId.slice(0, 13), 'exit 3')).code).toBe(3);
  });

  test('is a container that is not there, and the others are named', async () => {
    const { code, stderr } = await enter('enter/twice', 'true', '--mount=nope');
    expect([code, stderr]).toEqual([125, expect.stringContaining('there is no container nope; there are app, side.')]);
  });

  test('is somebody who is not root', async () => {
    const { code, stderr } = await run('setpriv', [
      '--reuid=65534',
      '--clear-groups',
      process.execPath,
      copyForEveryone(ENTER),
      'twice',
    ]);
    expect([code, stderr]).toEqual([125, 'pausewatch-enter: entering namespaces needs root: run it with sudo.\n']);
  });

  test('is root without the right, and a PATH without nsenter', async () => {
    const [bare, lost] = await Promise.all([
      run('setpriv', ['--bounding-set=-sys_admin', '--inh-caps=-sys_admin', process.execPath, ENTER, 'twice']),
      run('env', ['PATH=/nowhere', process.execPath, ENTER, 'twice']),
    ]);
    expect([bare.code, bare.stderr]).toEqual([125, expect.stringContaining('needs CAP_SYS_ADMIN')]);
    expect([lost.code, lost.stderr]).toEqual([
      125,
      expect.stringContaining('nsenter is not on the PATH; install util-linux'),
    ]);
  });

  test('is a pause that is stopped or gone', async () => {
    const doomed = await lab.runPod({
      name: 'doomed',
      namespace: 'enter',
      containers: [{ name: 'app', command: ['zoo', 'reaper'] }],
    });
    process.kill(doomed.pausePid, 'SIGSTOP');
    const stopped = await enter('enter/doomed', 'true');
    process.kill(doomed.pausePid, 'SIGKILL');
    await poll(
      () => (/^State:\s+Z/m.test(statusOf(doomed.pausePid)) || statusOf(doomed.pausePid) === '' ? true : undefined),
      () => 'pause does not die',
    );
    const gone = await enter('enter/doomed', 'true');
    expect([stopped.code, stopped.stderr]).toEqual([125, expect.stringContaining(`kill -CONT ${doomed.pausePid}`)]);
    expect([gone.code, gone.stderr]).toEqual([125, expect.stringMatching(/its pause is (gone|a zombie)/)]);
  });
});
