/** What this build is. */
import type { Config } from './config/parse.ts';
import { hashPolicy } from './config/policy-hash.ts';
import { DEFAULT_POLICY } from './core/policy.ts';
import type { BuildInfo } from './publish/metrics/node-samples.ts';

/** Set by the bundler; absent when the sources run as they are. */
declare const PAUSEWATCH_VERSION: string | undefined;
declare const PAUSEWATCH_REVISION: string | undefined;

/** Version of package.json, "dev" when the sources run unbundled. */
export const VERSION = typeof PAUSEWATCH_VERSION === 'string' ? PAUSEWATCH_VERSION : 'dev';

/** Commit it was built from, as the build was told; empty when it was not. */
export const REVISION = typeof PAUSEWATCH_REVISION === 'string' ? PAUSEWATCH_REVISION : '';

/** What this program is and what it judges by, for the metrics. */
export function buildInfo({ policy = DEFAULT_POLICY }: Config): BuildInfo {
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  const { node: nodejsVersion } = process.versions;
  return { version: VERSION, revision: REVISION, nodejsVersion, arch, policyHash: hashPolicy(policy) };
}
