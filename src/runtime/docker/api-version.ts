/** Chooses the version of the Engine API that both sides speak. */
import type { Failure } from '../faults.ts';
import { asFields, textIn } from '../json-fields.ts';

/** The versions this client was made for: Docker 1.12 to 28. */
const OLDEST = '1.24';
const NEWEST = '1.51';

/** What GET /version tells. */
export interface EngineVersion {
  /** Of dockerd; not clean semver: "28.5.2+dfsg4". */
  readonly version: string;
  /** Version of the API to ask with. */
  readonly api: string;
}

/**
 * The newest version that both know. An Engine that has dropped all of ours is asked in its oldest: fields have only
 * ever been added to the answers that are read here.
 */
export function negotiate(answer: unknown): EngineVersion | Failure {
  const fields = asFields(answer) ?? {};
  const [version, newest] = [textIn(fields, 'Version'), textIn(fields, 'ApiVersion')];
  // Before 1.24 the Engine did not tell its oldest.
  const oldest = textIn(fields, 'MinAPIVersion') ?? newest;
  if (version === undefined || newest === undefined || oldest === undefined || !isVersion(newest) || !isVersion(oldest))
    return { code: 'malformed', details: 'no version of the Engine API in it' };
  if (compare(newest, OLDEST) < 0)
    return { code: 'unsupported', details: `the Engine speaks version ${newest} of its API, older than ${OLDEST}` };
  if (compare(oldest, NEWEST) > 0) return { version, api: oldest };
  return { version, api: compare(newest, NEWEST) < 0 ? newest : NEWEST };
}

function isVersion(text: string): boolean {
  return /^\d{1,4}\.\d{1,4}$/.test(text);
}

function compare(left: string, right: string): number {
  const [a = 0, b = 0] = left.split('.').map(Number);
  const [c = 0, d = 0] = right.split('.').map(Number);
  return a - c || b - d;
}
