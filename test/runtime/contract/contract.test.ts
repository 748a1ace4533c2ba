/** One contract for every runtime: what each adapter promises, well and ill, and what a runtime cannot keep of it. */
import { afterAll, describe, expect, test } from 'vitest';
import { FAULTS } from './faults.ts';
import { PROFILES, type Profile } from './profiles.ts';
import { PROMISES, type Promised } from './promises.ts';
import { serveApart } from './serve-apart.ts';
import { renderTable } from './table.ts';

const ALL: readonly Promised[] = [...PROMISES, ...FAULTS];
/** Starts while the first promises are tried. */
const apart = serveApart();
const kept = new Map<string, 'kept' | 'gap'>();

/** The promise holds; or, where the profile declares a gap, it does not: a gap that has closed must go. */
async function judge(profile: Profile, name: string): Promise<void> {
  const [, holds, times] = ALL.find(([it]) => it === name) ?? missing(name);
  const subject = { profile, it: await profile.start(times), apart: await apart };
  if (profile.gaps[name] === undefined) await holds(subject);
  else await expect(holds(subject)).rejects.toThrow(/./);
  kept.set(`${profile.name} ${name}`, profile.gaps[name] === undefined ? 'kept' : 'gap');
}

function missing(name: string): never {
  throw new Error(`no promise ${name}`);
}

describe.each(PROFILES)('$name', (profile) => {
  test.each(ALL.map(([name]) => name))('%s', { timeout: 240_000 }, async (name) => judge(profile, name));

  test('declares gaps of promises that exist, each with a reason', () => {
    const names = new Set(ALL.map(([name]) => name));
    for (const [name, reason] of Object.entries(profile.gaps)) {
      expect(names.has(name), name).toBe(true);
      expect(reason).not.toBe('');
    }
  });
});

afterAll(async () => {
  (await apart).end();
  console.log(
    renderTable(
      PROFILES,
      ALL.map(([name]) => name),
      kept,
    ),
  );
});
