/** The stand-ins of all runtimes in a process of their own: what a signal does to a runtime is done to it. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Profile } from './profiles.ts';

/** A process that serves every profile. */
export interface Served {
  /** Where it serves this one. */
  endpointOf(profile: Profile): string;
  signal(name: 'SIGSTOP' | 'SIGCONT'): void;
  /** State of the process as the kernel shows it: T while it is stopped. */
  state(): string;
  /** Kills it and removes its sockets. */
  end(): void;
}

/** The socket of a profile below the directory of all. */
export function socketOf({ name }: Profile, directory: string): string {
  return join(directory, `${name}.sock`);
}

/** Starts the process, and waits until it serves. */
export async function serveApart(): Promise<Served> {
  const directory = mkdtempSync(join(tmpdir(), 'pausewatch-apart-'));
  const program = fileURLToPath(new URL('stand-in-process.ts', import.meta.url));
  const args = ['--import', 'tsx', program, directory];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve());
    child.once('exit', (code) => reject(new Error(`the process of the stand-ins ended with ${code}`)));
  });
  return {
    endpointOf: (profile) => `unix://${socketOf(profile, directory)}`,
    signal: (name) => void child.kill(name),
    state: () => /\) (\S)/.exec(readFileSync(`/proc/${child.pid}/stat`, 'utf8'))?.[1] ?? '',
    end() {
      child.kill('SIGKILL');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
