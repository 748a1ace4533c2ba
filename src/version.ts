/** What this build is. */

/** Set by the bundler; absent when the sources run as they are. */
declare const PAUSEWATCH_VERSION: string | undefined;
declare const PAUSEWATCH_REVISION: string | undefined;

/** Version of package.json, "dev" when the sources run unbundled. */
export const VERSION = typeof PAUSEWATCH_VERSION === 'string' ? PAUSEWATCH_VERSION : 'dev';

/** Commit it was built from, as the build was told; empty when it was not. */
export const REVISION = typeof PAUSEWATCH_REVISION === 'string' ? PAUSEWATCH_REVISION : '';
