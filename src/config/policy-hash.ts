/** A policy as one short word: what tells in the metrics and the log whether two agents judge alike. */
import { createHash } from 'node:crypto';
import { FINDING_IDS } from '../core/finding.ts';
import { DEFAULT_POLICY, type Policy } from '../core/policy.ts';
import { FINDING_KEYS } from './policy-keys.ts';

/** Every key at any depth, in the one order in which they are hashed. */
const KEYS: string[] = [...Object.keys(DEFAULT_POLICY), ...FINDING_IDS, ...Object.keys(FINDING_KEYS)];

/** 16 hexadecimal digits. Two files that say the same have one hash, in whatever order they say it. */
export function hashPolicy(policy: Policy): string {
  const values = Object.entries(policy).map(([key, value]: [string, unknown]) => [
    key,
    Array.isArray(value) ? [...new Set(value.map(String))].toSorted() : value,
  ]);
  const text = JSON.stringify(Object.fromEntries(values), KEYS);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
