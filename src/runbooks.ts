/** The words of the runbooks, docs/findings/*.md, as the bundler has put them into the program. */
import type { Runbooks } from './publish/page/runbook.ts';

/** Set by the bundler; absent when the sources run as they are. */
declare const PAUSEWATCH_RUNBOOKS: Runbooks | undefined;

/** By finding id; empty when the sources run unbundled. */
export const RUNBOOKS: Runbooks = typeof PAUSEWATCH_RUNBOOKS === 'object' ? PAUSEWATCH_RUNBOOKS : {};
