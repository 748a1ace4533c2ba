// What libcni remembers of the networks it made: always in /var/lib/cni, whatever a lab tells it.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { errorCode } from './error-code.ts';
import { LAB_PREFIX, type LabDirectory, listLabDirectories } from './lab-directory.ts';

/** Of the host's own network too, if it has one. */
const CNI = '/var/lib/cni';
const RESULTS = join(CNI, 'results');

/** Says that a lab made the directory, so that the last lab may take it away. */
const MADE_BY_LAB = join(CNI, '.made-by-pausewatch-lab');

/** One file there. */
export interface CniResult {
  readonly path: string;
  /** Name of the lab whose network namespace it is about; undefined for anybody else's. */
  readonly lab: string | undefined;
}

/** Every result there is. The name of a loopback's file tells nothing; the path of the namespace in it names the lab. */
export function listCniResults(): CniResult[] {
  if (!existsSync(RESULTS)) return [];
  return readdirSync(RESULTS).map((name) => {
    const path = join(RESULTS, name);
    return { path, lab: new RegExp(`/tmp/(${LAB_PREFIX}\\w+)/`).exec(readOrNothing(path))?.[1] };
  });
}

/** Makes the directory that libcni would make, with a note on who did, where there is none yet. */
export function prepareCniResults(): void {
  if (existsSync(CNI)) return;
  mkdirSync(RESULTS, { mode: 0o700, recursive: true });
  writeFileSync(MADE_BY_LAB, '');
}

/** Removes the results of a lab, whose own directory is gone already, and the directories if labs made them and none is left. */
export function removeCniResults(lab: LabDirectory): void {
  remove(listCniResults().filter((it) => it.lab === lab.name));
  removeDirectories();
}

/** Removes the results of labs whose owners are gone, and nothing else of them is left to tell. */
export function sweepCniResults(): void {
  const results = listCniResults();
  // Only now: a lab that begins meanwhile is alive.
  const alive = new Set(listLabDirectories('alive').map(({ name }) => name));
  remove(results.filter(({ lab }) => lab !== undefined && !alive.has(lab)));
  removeDirectories();
}

function remove(results: readonly CniResult[]): void {
  for (const { path } of results) rmSync(path, { force: true });
}

function removeDirectories(): void {
  if (!existsSync(MADE_BY_LAB) || listLabDirectories('alive').length > 0) return;
  const others = readdirSync(CNI).filter((name) => name !== basename(MADE_BY_LAB) && name !== basename(RESULTS));
  if (others.length > 0 || listCniResults().length > 0) return;
  try {
    if (existsSync(RESULTS)) rmdirSync(RESULTS);
    rmSync(MADE_BY_LAB);
    rmdirSync(CNI);
  } catch (error) {
    // Two labs may end at the same moment: then it is the other's to remove.
    if (errorCode(error) !== 'ENOENT' && errorCode(error) !== 'ENOTEMPTY') throw error;
  }
}

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
