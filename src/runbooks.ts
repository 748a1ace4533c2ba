/** The words of the runbooks, docs/findings/*.md, as the bundler has put them into the program. */
import type { Config } from './config/parse.ts';
import type { Runbooks } from './publish/page/runbook.ts';

/** Set by the bundler; absent when the sources run as they are. */
declare const PAUSEWATCH_RUNBOOKS: Runbooks | undefined;

/** By finding id; empty when the sources run unbundled. */
export const RUNBOOKS: Runbooks = typeof PAUSEWATCH_RUNBOOKS === 'object' ? PAUSEWATCH_RUNBOOKS : {};

/** Prefix of runbook links: as told, else the agent's own pages. */
export function runbookBase(config: Config): string {
  return config.runbookUrl ?? `${config.externalUrl ?? ''}/runbooks`;
}
