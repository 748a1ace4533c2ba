/** Tells from the environment whether the terminal understands more than ASCII. */

/** The first of these that is set decides (locale(7)). */
const VARIABLES = ['LC_ALL', 'LC_CTYPE', 'LANG'] as const;

/** False where somebody chose a locale without UTF-8; where nobody chose one, as in most containers, terminals know it. */
export function speaksUtf8(environment: Readonly<Record<string, string | undefined>>): boolean {
  const locale = VARIABLES.map((name) => environment[name] ?? '').find((value) => value !== '');
  return locale === undefined || /utf-?8/i.test(locale);
}
