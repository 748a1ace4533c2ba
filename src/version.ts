/** What this build is. */

/** Set by the bundler; absent when the sources run as they are. */
declare const PAUSEWATCH_VERSION: string | undefined;

/** Version of package.json, "dev" when the sources run unbundled. */
export const VERSION = typeof PAUSEWATCH_VERSION === 'string' ? PAUSEWATCH_VERSION : 'dev';
