/** Runs the built pausewatch-enter against a lab, as a person who is root on a node does. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from '../lab/lab.ts';
import { type Outcome, run } from './program.ts';

/** The built program. */
export const ENTER = join(process.cwd(), 'dist/pausewatch-enter.js');

/** Enters a pod and runs a line of shell there. */
export function enterPod(
  lab: Pick<Lab, 'endpoint'>,
  pod: string,
  line: string,
  flags: readonly string[],
): Promise<Outcome> {
  const args = [pod, '--runtime-endpoint', lab.endpoint, ...flags, '--', '/bin/sh', '-c', line];
  return run(process.execPath, [ENTER, ...args]);
}

/** /proc/<pid>/status, empty when there is no such process. */
export function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}
