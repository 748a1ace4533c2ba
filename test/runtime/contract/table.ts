/** Prints which runtime keeps which promise, with the reasons of the gaps below. */
import type { Profile } from './profiles.ts';

/** Rows are promises, columns runtimes: `+` kept, `g` a declared gap, `-` not kept or not tried. */
export function renderTable(
  profiles: readonly Profile[],
  promises: readonly string[],
  kept: ReadonlyMap<string, 'kept' | 'gap'>,
): string {
  const width = Math.max(...promises.map(({ length }) => length));
  const columns = profiles.map(({ name }, index) => `${' '.repeat(width + 2)}${'|  '.repeat(index)}${name}`);
  const sign = (profile: Profile, promise: string): string => {
    const result = kept.get(`${profile.name} ${promise}`);
    return result === undefined ? '-' : result === 'kept' ? '+' : 'g';
  };
  const rows = promises.map(
    (promise) => `${promise.padEnd(width + 2)}${profiles.map((profile) => sign(profile, promise)).join('  ')}`,
  );
  const gaps = profiles.flatMap(({ name, gaps }) =>
    Object.entries(gaps).map(([promise, reason]) => `g  ${name}: ${promise}: ${reason}`),
  );
  return ['', ...columns, ...rows, '', ...gaps].join('\n');
}
