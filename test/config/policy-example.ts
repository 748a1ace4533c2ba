/** Writes the example of a policy file from the table of its keys: every key, its default, what it is for. */
import { FINDING_KEYS, fileName, POLICY_KEYS } from '../../src/config/policy-keys.ts';
import { CATALOG } from '../../src/core/catalog/catalog.ts';
import { DEFAULT_POLICY } from '../../src/core/policy.ts';

const HEAD = [
  '# What pausewatch judges by (--policy.file). Every key is shown with its default: a file need name only what differs.',
  '# An unknown key or a value that does not fit is refused at start, with its line.',
  '# Durations have a unit (500ms, 15s, 5m, 24h); shares are above 0 and up to 1; versions stand in quotes.',
];
const OF_FINDINGS = [
  '# Every kind of finding. Of each may be said:',
  ...Object.entries(FINDING_KEYS).map(([key, { help }]) => `#   ${fileName(key)}: ${help}`),
];

/** The whole file. */
export function renderPolicyExample(): string {
  const keys = Object.entries(POLICY_KEYS).flatMap(([key, it]) => {
    const { help, write } = it as { readonly help: string; readonly write: (value: unknown) => string };
    return [`# ${help}`, `${fileName(key)}: ${write(DEFAULT_POLICY[key as keyof typeof POLICY_KEYS])}`, ''];
  });
  const findings = CATALOG.map(({ id, looks, confirmAfterMs }) => {
    const time = FINDING_KEYS.confirmAfterMs.write(confirmAfterMs);
    return `  ${id}: { enabled: true, looks: ${looks}, confirmAfter: ${time} }`;
  });
  return `${[...HEAD, '', ...keys, ...OF_FINDINGS, 'findings:', ...findings].join('\n')}\n`;
}
