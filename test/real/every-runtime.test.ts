/** Every runtime of the contract over real processes: its recorded answers, and pods of this machine that they stand for. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { compilePrograms, type Programs } from '../lab/programs.ts';
import { prepareTools } from '../lab/tools.ts';
import { ensureBuilt } from '../program/program.ts';
import { PROFILES } from '../runtime/contract/profiles.ts';
import { findingIds, sandboxOf } from './document.ts';
import { type LivingPods, OWN_ZOMBIES, SHARED_ZOMBIES, startLivingPods } from './living-pods.ts';
import { scanDocument } from './program.ts';

let programs: Programs;
let pods: LivingPods;

beforeAll(async () => {
  await ensureBuilt();
  const quietly = (): void => undefined;
  programs = await compilePrograms(await prepareTools(undefined, quietly), quietly);
}, 300_000);

beforeEach(async () => {
  pods?.end();
  pods = await startLivingPods(programs);
});

afterAll(() => pods?.end());

describe.each(PROFILES)('$name', (profile) => {
  test('names each pause that lives, whoever leaves zombies, and the pause that is killed', async () => {
    const { door, embody } = await profile.start();
    const { own, shared } = pods;
    embody([own, shared]);
    const lab = { endpoint: `unix://${door.socket}` };
    const document = await scanDocument(lab);
    const seen = { own: sandboxOf(document, 'own'), shared: sandboxOf(document, 'shared') };
    const hasPause = profile.alive.includes('own');
    expect(seen.own.pause?.pid).toBe(hasPause ? own.pausePid : undefined);
    expect(seen.own.noPauseReason).toBe(hasPause ? null : 'infra-dropped');
    expect(seen.shared).toMatchObject({ pidMode: 'pod', pause: { pid: shared.pausePid, state: 'S', reaps: 'yes' } });
    expect([seen.own, seen.shared].map(({ containers: [app] }) => [app?.pid, app?.zombies])).toEqual([
      [own.appPid, OWN_ZOMBIES],
      [shared.appPid, SHARED_ZOMBIES],
    ]);
    const parentsOf = ({ zombies }: typeof seen.own) => [...new Set(zombies.items.map(({ parent }) => parent?.kind))];
    expect([parentsOf(seen.own), parentsOf(seen.shared)]).toEqual([['container-init'], ['process']]);

    const isWithout = document.nodeFindings.some(({ id }) => id === 'sandbox-no-host-pause');
    expect(isWithout).toBe(!hasPause);

    process.kill(own.pausePid, 'SIGKILL');
    expect(findingIds(await scanDocument(lab), 'own').includes('pause-dead-containers-running')).toBe(hasPause);
  });

  test('names what the runtime did not notice: another process has the PID of its pause, and its container runs no more', async () => {
    const { door, embody } = await profile.start();
    const { own, shared } = pods;
    embody([own, shared], Date.now() - 3_600_000);
    process.kill(own.appPid, 'SIGKILL');
    const document = await scanDocument({ endpoint: `unix://${door.socket}` });
    const [gone, reused] = ['container-running-dead', 'pause-pid-mismatch'];
    expect(findingIds(document, 'shared')).toEqual([reused, 'zombies-app-parent']);
    expect(findingIds(document, 'own')).toEqual(profile.alive.includes('own') ? [gone, reused] : [gone]);
  });
});
