/** Words for a process of a pod: its state, and what is notable about it. Page and terminal say the same. */
import type { Severity } from '../../core/finding.ts';
import type { ProcessDocument } from './pod-document.ts';

/** Something notable; without a tone it is a plain fact. */
export interface ProcessNote {
  readonly words: string;
  readonly tone: Severity | 'good' | undefined;
}

/** States of proc_pid_stat(5). */
const STATES: Readonly<Record<string, string>> = {
  R: 'running',
  S: 'sleeping',
  D: 'waiting for I/O',
  T: 'stopped',
  t: 'traced',
  Z: 'zombie',
  X: 'dead',
  I: 'idle',
};

/** "sleeping" for "S"; a letter nobody knows stays as it is. */
export function describeState(state: string): string {
  return STATES[state] ?? state;
}

/** What is notable, most important first. */
export function processNotes(process: ProcessDocument): readonly ProcessNote[] {
  const { state, threads, isZombie, reaps, zombies, role, isNamespaceInit } = process;
  const notes: ProcessNote[] = [];
  if (state === 'Z' && threads > 1) notes.push({ words: 'dead leader, threads live on', tone: 'critical' });
  else if (isZombie) notes.push({ words: 'zombie, seen twice', tone: 'critical' });
  else if (state === 'Z') notes.push({ words: 'dead in one look', tone: 'info' });
  const dead = `${zombies} zombie${zombies === 1 ? '' : 's'}`;
  if (zombies > 0 && state === 'T') notes.push({ words: `stopped, cannot reap: ${dead}`, tone: 'critical' });
  else if (zombies > 0) notes.push({ words: `does not reap: ${dead}`, tone: 'warning' });
  else if (reaps === 'no') notes.push({ words: 'does not reap', tone: 'warning' });
  if (isNamespaceInit) notes.push({ words: 'PID 1 of its namespace', tone: undefined });
  if (role === 'container-init') notes.push({ words: 'first process', tone: undefined });
  if (reaps === 'yes' && zombies === 0) notes.push({ words: 'reaps', tone: 'good' });
  if (threads > 1 && state !== 'Z') notes.push({ words: `${threads} threads`, tone: undefined });
  return notes;
}
